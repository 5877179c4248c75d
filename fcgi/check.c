/* check.c - step 3: the body and the query against their field tables. */
#include <math.h>
#include <string.h>

#include "base/zone.h"
#include "dispatch.h"

#define TEXT_MAX  2000
#define WHOLE_MAX 9e15
#define LIST_MAX  100
#define NAMES_MAX 400 /* of the X-Ignored-Fields header */

/* One value to check: what it must be and what to call it. */
struct item {
	const struct field *field;
	const char *name; /* with the path: "voice.provider" */
};

static enum rc
wrong(struct req *r, const struct item *it, const char *must)
{
	return fail_field(r, it->name, "must be %s", must);
}

/* Kinds of text that are more than text. */
static const char *
form_of(const struct field *f, const char *s)
{
	int64_t t;

	switch (f->kind) {
	case F_EMAIL:
		return str_email(s) ?
		    NULL :
		    "an e-mail address, such as ops@example.com";
	case F_PHONE:
		return str_phone(s) ? NULL :
				      "a phone number in international "
				      "form, such as +14155550199";
	case F_ZONE:
		return zone_valid(s) ? NULL :
				       "a time zone, such as Europe/Paris";
	case F_TIME:
		return clock_parse(s, &t) ?
		    NULL :
		    "a time, such as 2026-02-11T20:10:00Z";
	case F_DATE:
		return clock_day(s, &t) ? NULL : "a date, such as 2026-02-11";
	case F_ID:
		return id_valid(s) ? NULL : "an id";
	default:
		return NULL;
	}
}

static enum rc
check_text(struct req *r, const struct item *it, const char *s)
{
	const struct field *f = it->field;
	size_t max = f->max > 0 ? (size_t)f->max : TEXT_MAX;
	size_t n = str_chars(s);
	const char *must;

	if (*s == '\0')
		return f->need ? fail_field(r, it->name, "must not be empty") :
				 OK;
	if (n > max)
		return fail_field(r, it->name,
		    "must have at most %zu characters, not %zu", max, n);
	if (f->min > 0 && n < (size_t)f->min)
		return fail_field(r, it->name,
		    "must have at least %d characters", f->min);
	if (f->kind == F_ENUM && !str_in(f->set, s))
		return fail_field(r, it->name, "must be one of %s", f->set);
	must = f->must != NULL ? f->must(s) : form_of(f, s);
	return must != NULL ? wrong(r, it, must) : OK;
}

static bool
is_text(enum field_kind k)
{
	return k == F_TEXT || k == F_ENUM || k == F_EMAIL || k == F_PHONE ||
	    k == F_ZONE || k == F_TIME || k == F_DATE || k == F_ID;
}

/* Text as it is bound: an empty one clears, a time becomes a number. */
static struct val
text_val(const struct field *f, const char *s)
{
	int64_t t;

	if (*s == '\0' && f->kind != F_TEXT)
		return val_null();
	if (f->kind == F_TIME && clock_parse(s, &t))
		return val_int(t);
	return val_text(s);
}

static enum rc
check_number(struct req *r, const struct item *it, double d)
{
	const struct field *f = it->field;
	double min = f->min, max = f->max;

	if (f->kind == F_INT && (d != floor(d) || fabs(d) > WHOLE_MAX))
		return wrong(r, it, "a whole number");
	if ((min != 0 || max != 0) && (d < min || d > max))
		return fail_field(r, it->name, "must be between %d and %d",
		    f->min, f->max);
	return OK;
}

/* A double as a whole number; 0 when it is too large (and a mistake then). */
static int64_t
whole_of(double d)
{
	return fabs(d) <= WHOLE_MAX ? (int64_t)d : 0;
}

static enum rc
check_list(struct req *r, const struct item *it, const cJSON *list)
{
	int max = it->field->max > 0 ? it->field->max : LIST_MAX;
	const cJSON *e;
	int n = 0;

	cJSON_ArrayForEach(e, list)
	{
		const char *s = json_text(e);

		if (s == NULL || str_chars(s) > 200)
			return wrong(r, it, "a list of short texts");
		if (it->field->set != NULL && !str_in(it->field->set, s))
			return fail_field(r, it->name, "may hold only %s",
			    it->field->set);
		n++;
	}
	if (n > max)
		return fail_field(r, it->name, "must have at most %d items",
		    max);
	return OK;
}

static enum rc check_members(struct req *, const struct field *, const cJSON *,
    const char *);
static enum rc check_known(struct req *, const struct field *, const cJSON *,
    const char *);

/* One JSON value; *out is what statements get. */
static enum rc
check_value(struct req *r, const struct item *it, const cJSON *v,
    struct val *out)
{
	const struct field *f = it->field;
	const char *s = json_text(v);
	enum rc rc = OK;

	if (cJSON_IsNull(v)) {
		*out = val_null();
		return f->need ? fail_field(r, it->name, "must not be empty") :
				 OK;
	}
	if (is_text(f->kind)) {
		if (s == NULL)
			return wrong(r, it, "a text");
		*out = text_val(f, s);
		return check_text(r, it, s);
	}
	if (f->kind == F_BOOL) {
		*out = val_int(cJSON_IsTrue(v));
		return cJSON_IsBool(v) ? OK : wrong(r, it, "true or false");
	}
	if (f->kind == F_INT || f->kind == F_REAL) {
		if (!cJSON_IsNumber(v))
			return wrong(r, it, "a number");
		rc = check_number(r, it, v->valuedouble);
		if (rc == OK)
			*out = f->kind == F_INT ?
			    val_int(whole_of(v->valuedouble)) :
			    val_real(v->valuedouble);
		return rc;
	}
	if (f->kind == F_LIST)
		rc = cJSON_IsArray(v) ? check_list(r, it, v) :
					wrong(r, it, "a list");
	else if (f->kind == F_OBJECT)
		rc = !cJSON_IsObject(v) ? wrong(r, it, "an object") :
		    f->sub == NULL	? OK :
		    f->open		? check_known(r, f->sub, v, it->name) :
					  check_members(r, f->sub, v, it->name);
	*out = val_text(json_print(r->arena, v));
	return rc;
}

static const struct field *
field_find(const struct field *f, const char *name)
{
	for (; f != NULL && f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* Members that nobody asked for: refused, or named in a header. */
static enum rc
check_unknown(struct req *r, const struct field *fields, const cJSON *object,
    const char *under)
{
	struct buf ignored;
	const cJSON *m;
	enum rc rc = OK;

	buf_init(&ignored, r->arena);
	cJSON_ArrayForEach(m, object)
	{
		if (field_find(fields, m->string) != NULL)
			continue;
		if ((r->route->flags & OPEN) != 0)
			continue;
		if ((r->route->flags & LAX) == 0)
			rc = fail_field(r,
			    arena_printf(r->arena, "%s%s%.100s", under,
				*under ? "." : "", m->string),
			    "is not known here");
		else if (ignored.len < NAMES_MAX &&
		    strspn(m->string,
			"abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
			strlen(m->string))
			buf_printf(&ignored, "%s%.64s", ignored.len ? ", " : "",
			    m->string);
	}
	if (ignored.len > 0)
		req_head(r, "X-Ignored-Fields", buf_text(&ignored));
	return rc;
}

/* Known members of an object; those at the top are bound by their names. */
static enum rc
check_known(struct req *r, const struct field *fields, const cJSON *object,
    const char *under)
{
	enum rc rc = OK;

	for (const struct field *f = fields; f->name != NULL; f++) {
		const cJSON *v = json_get(object, f->name);
		struct val val = { .type = VAL_ABSENT };
		struct item it = { f, f->name };

		if (*under != '\0')
			it.name =
			    arena_printf(r->arena, "%s.%s", under, f->name);
		if (v != NULL && check_value(r, &it, v, &val) != OK)
			rc = E_INPUT;
		else if (v == NULL && f->need)
			rc = fail_field(r, it.name, "is missing");
		if (*under == '\0')
			req_set(r, f->name, val);
	}
	return rc;
}

static enum rc
check_members(struct req *r, const struct field *fields, const cJSON *object,
    const char *under)
{
	enum rc unknown = check_unknown(r, fields, object, under);
	enum rc known = check_known(r, fields, object, under);

	return unknown != OK ? unknown : known;
}

/* A value of the query, which is text, by its kind. */
static enum rc
check_query_value(struct req *r, const struct item *it, const char *s)
{
	const struct field *f = it->field;
	int64_t n;

	if (f->kind == F_INT) {
		if (!str_int(s, INT64_MIN, INT64_MAX, &n))
			return wrong(r, it, "a whole number");
		req_set(r, f->name, val_int(n));
		return check_number(r, it, (double)n);
	}
	if (f->kind == F_BOOL) {
		if (!str_in("0|1|true|false", s))
			return wrong(r, it, "true or false");
		req_set(r, f->name, val_int(*s == '1' || *s == 't'));
		return OK;
	}
	req_set(r, f->name, text_val(f, s));
	return check_text(r, it, s);
}

static enum rc
check_query(struct req *r)
{
	const char *mark = strchr(r->target, '?');
	const struct field *f = r->route->query;
	enum rc rc = OK;

	if (mark != NULL &&
	    !http_pairs(r->arena, mark + 1, strcspn(mark + 1, "#"),
		&r->queries))
		return fail(r, E_INPUT, "the query is not well-formed");
	for (; f != NULL && f->name != NULL; f++) {
		const char *s = http_pair(&r->queries, f->name);
		struct item it = { f, f->name };

		if (s != NULL && *s != '\0') {
			if (check_query_value(r, &it, s) != OK)
				rc = E_INPUT;
		} else if (f->need)
			rc = fail_field(r, f->name, "is missing");
		else
			req_set(r, f->name,
			    (struct val) { .type = VAL_ABSENT });
	}
	return rc;
}

enum rc
check_json(struct req *r)
{
	const char *why;

	r->json = json_parse(r->arena, r->body, r->body_len, &why);
	if (r->json != NULL)
		return OK;
	r->code = "malformed";
	return fail(r, E_INPUT, "the body is not JSON that can be used: %s",
	    why);
}

/* Parse the body once; webhooks have done so when they were admitted. */
static enum rc
parse_body(struct req *r)
{
	if (r->json != NULL)
		return OK;
	if ((r->body_len == 0 && (r->route->flags & OPTIONAL) != 0) ||
	    ((r->route->flags & FILES) != 0 && req_multipart(r))) {
		r->json = cJSON_CreateObject();
		return r->json != NULL ? OK :
					 fail(r, E_INTERNAL, "out of memory");
	}
	if (check_json(r) != OK)
		return r->rc;
	if (!cJSON_IsObject(r->json)) {
		r->code = "malformed";
		return fail(r, E_INPUT, "the body must be a JSON object");
	}
	return OK;
}

enum rc
check_object(struct req *r, const struct field *fields, const cJSON *object,
    const char *under)
{
	return check_members(r, fields, object, under);
}

enum rc
check_input(struct req *r)
{
	enum rc rc = check_query(r);

	if (rc != OK || r->route->in == NULL)
		return rc;
	rc = parse_body(r);
	if (rc == OK)
		rc = check_members(r, r->route->in, r->json, "");
	return rc;
}

/* --- which names statements of a route may use --------------------------- */

static bool
path_has(const char *path, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = strchr(path, ':'); p != NULL;
	     p = strchr(p + 1, ':'))
		if (strncmp(p + 1, name, n) == 0 &&
		    (p[n + 1] == '/' || p[n + 1] == '\0'))
			return true;
	return false;
}

bool
check_name(const struct route *t, const char *name)
{
	if (str_in("account|me|new_id|now_ms|session", name) ||
	    path_has(t->path, name) || field_find(t->query, name) != NULL)
		return true;
	if (strncmp(name, "has_", 4) == 0)
		name += 4;
	return field_find(t->in, name) != NULL;
}
