/* step.c - the steps of an onboarding session and what is asked in each. */
#include <string.h>

#include "analytics/track.h"
#include "onboard/industry.h"
#include "onboard/step.h"

#define DATA_MAX 65536 /* bytes of all steps together */

const char *const step_names[STEP_COUNT] = { "welcome", "company",
	"organization" };

static const char *
must_site(const char *s)
{
	return (str_starts(s, "https://") || str_starts(s, "http://")) &&
		strpbrk(s, " \"<>\r\n\t") == NULL && strchr(s, '.') != NULL ?
	    NULL :
	    "a web address, such as https://www.example.com";
}

static const char *
must_name(const char *s)
{
	while (*s != '\0' && strchr(" \t\r\n.-_", *s) != NULL)
		s++;
	return *s != '\0' ? NULL : "the name of your business";
}

static const struct field welcome_in[] = {
	{ "fullName", F_TEXT, .max = 200 },
	{ "role", F_TEXT, .max = 100, .about = "What you do there" },
	{ "customRole", F_TEXT, .max = 100 },
	{ "experienceLevel", F_TEXT, .max = 50 },
	{ "goals", F_LIST, .max = 20 },
	{ "language", F_ENUM, .set = "en|fr|he" },
	{ 0 },
};
static const struct field company_in[] = {
	{ "name", F_TEXT, .max = 200, .must = must_name },
	{ "industry", F_TEXT, .max = 100, .about = "In words" },
	{ "industryId", F_INT, .min = 1, .max = INDUSTRY_ID_MAX,
	    .about = "From GET /api/onboarding/industries" },
	{ "size", F_TEXT, .max = 50, .about = "1-10, 11-50, …" },
	{ "description", F_TEXT, .max = 2000 },
	{ "website", F_TEXT, .max = 300, .must = must_site },
	{ "country", F_TEXT, .max = 100 },
	{ 0 },
};
static const struct field organization_in[] = {
	{ "teamSize", F_INT, .min = 1, .max = 1000000 },
	{ "structure", F_TEXT, .max = 100 },
	{ "methodology", F_TEXT, .max = 100 },
	{ "collaborationStyle", F_TEXT, .max = 100 },
	{ "departments", F_LIST, .max = 50 },
	{ 0 },
};
const struct field step_fields[] = {
	{ "welcome", F_OBJECT, .sub = welcome_in, .open = true },
	{ "company", F_OBJECT, .sub = company_in, .open = true },
	{ "organization", F_OBJECT, .sub = organization_in, .open = true },
	{ 0 },
};

/* Members of `from` over those of `to`; null removes. False: no memory. */
static bool
merge(cJSON *to, const cJSON *from, int depth)
{
	const cJSON *m;

	cJSON_ArrayForEach(m, from)
	{
		cJSON *old = json_get(to, m->string), *copy;

		if (cJSON_IsNull(m)) {
			cJSON_DeleteItemFromObjectCaseSensitive(to, m->string);
			continue;
		}
		if (depth > 0 && cJSON_IsObject(m) && cJSON_IsObject(old)) {
			if (!merge(old, m, depth - 1))
				return false;
			continue;
		}
		cJSON_DeleteItemFromObjectCaseSensitive(to, m->string);
		copy = cJSON_Duplicate(m, true);
		if (copy == NULL || !cJSON_AddItemToObject(to, m->string, copy))
			return false;
	}
	return true;
}

const char *
step_merge(struct req *r, const char *stored, const cJSON *given)
{
	const char *why, *text;
	cJSON *data = json_parse(r->arena, stored, strlen(stored), &why);

	if (data == NULL || !merge(data, given, 1) ||
	    (text = json_print(r->arena, data)) == NULL) {
		(void)fail(r, E_INTERNAL, "out of memory");
		return NULL;
	}
	if (strlen(text) <= DATA_MAX)
		return text;
	r->status = 413;
	r->code = "too_large";
	(void)fail(r, E_INPUT,
	    "the answers of all steps together may have at most %d kB",
	    DATA_MAX / 1024);
	return NULL;
}

static const cJSON *
step_of(struct req *r, const char *data, int step)
{
	const char *why;

	return json_get(json_parse(r->arena, data, strlen(data), &why),
	    step_names[step - 1]);
}

bool
step_has(struct req *r, const char *data, int step)
{
	const cJSON *s = step_of(r, data, step);

	return cJSON_IsObject(s) && s->child != NULL;
}

enum rc
step_leave(struct req *r, const char *data, int next)
{
	const cJSON *company = step_of(r, data, 2);
	const char *name = json_text(json_get(company, "name"));

	if (next <= 2 || company == NULL || company->child == NULL ||
	    (name != NULL && *name != '\0'))
		return OK;
	return fail_field(r, "stepData.company.name",
	    "is missing: write the name of your business, or send company as "
	    "null to skip the step");
}

enum rc
step_events(struct req *r, const char *data, int from, int to)
{
	for (int i = 0; i < STEP_COUNT; i++) {
		struct track t = { .flow = TRACK_SESSION,
			.run = req_text(r, "session_id"),
			.step = step_names[i] };

		if (i + 1 < from || i + 1 >= to)
			continue;
		t.skipped = !step_has(r, data, i + 1);
		if (track_step(r, &t))
			return r->rc;
	}
	return r->rc;
}
