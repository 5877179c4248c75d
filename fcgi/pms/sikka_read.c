/* sikka_read.c - what Sikka holds: the practice, its people, their times. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"
#include "peer/said.h"
#include "pms/sikka.h"
#include "wire/http.h"

#define MINUTE_MS   (INT64_C(60000))
#define MINUTES_MAX 1440

const char *
sikka_text(struct pms *p, const cJSON *item, const char *name)
{
	const cJSON *v = json_get(item, name);
	const char *s =
	    cJSON_IsNumber(v) ? json_print(p->r->arena, v) : json_text(v);

	s = said_line(p->r->arena, s);
	return s != NULL ? str_trim(p->r->arena, s) : NULL;
}

/* --- a list --------------------------------------------------------------- */

static void
add(struct pms *p, struct buf *query, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(query, "%s%s=", query->len > 0 ? "&" : "", name);
	buf_str(query, http_escape(p->r->arena, value));
}

static const cJSON *
list(struct pms *p, const char *noun, const struct buf *query, int64_t page,
    struct pms_page *out)
{
	struct sikka_reply reply;

	memset(out, 0, sizeof(*out));
	sikka_list(sikka_of(p), noun, buf_text(query), page, &reply);
	sikka_said(p, &reply);
	out->more = reply.more;
	return p->said.end == PMS_OK ? reply.items : NULL;
}

/* The practice is one of several in an office. */
static void
query_begin(struct pms *p, struct buf *query)
{
	buf_init(query, p->r->arena);
	add(p, query, "practice_id", row_text(&p->link, "practice_id"));
}

static void *
room(struct pms *p, const cJSON *items, size_t size)
{
	size_t n = items != NULL ? (size_t)cJSON_GetArraySize(items) : 0;

	return arena_zero(p->r->arena, (n + 1) * size);
}

/* --- people --------------------------------------------------------------- */

/* The date in front of "1990-01-01T00:00:00". */
static const char *
date_of(struct pms *p, const cJSON *item, const char *name)
{
	const char *s = sikka_text(p, item, name);
	char *day = s != NULL && strlen(s) >= 10 ?
	    arena_copy(p->r->arena, s, 10) :
	    NULL;
	int64_t t;

	return day != NULL && clock_day(day, &t) ? day : NULL;
}

void
sikka_people(struct pms *p, const struct pms_find *f, struct pms_page *out)
{
	const cJSON *items, *i;
	struct buf query;

	query_begin(p, &query);
	add(p, &query, "patient_id", f->id);
	add(p, &query, "cell", f->phone);
	items = list(p, "patients", &query, f->page, out);
	out->person = room(p, items, sizeof(*out->person));
	cJSON_ArrayForEach(i, items)
	{
		struct pms_person *x = &out->person[out->count];

		if (out->person == NULL)
			break;
		x->id = sikka_text(p, i, "patient_id");
		x->first = sikka_text(p, i, "firstname");
		x->last = sikka_text(p, i, "lastname");
		x->birth = date_of(p, i, "birthdate");
		x->status = sikka_text(p, i, "status");
		x->cell = sikka_text(p, i, "cell");
		x->home = sikka_text(p, i, "homephone");
		x->work = sikka_text(p, i, "workphone");
		x->email = sikka_text(p, i, "email");
		x->provider = sikka_text(p, i, "provider_id");
		x->last_visit = date_of(p, i, "last_visit");
		out->count += sikka_id_valid(x->id);
	}
}

void
sikka_staff(struct pms *p, const struct pms_find *f, struct pms_page *out)
{
	const cJSON *items, *i;
	struct buf query;

	query_begin(p, &query);
	items = list(p, "providers", &query, f->page, out);
	out->staff = room(p, items, sizeof(*out->staff));
	cJSON_ArrayForEach(i, items)
	{
		const char *status = sikka_text(p, i, "status");
		struct pms_staff *x = &out->staff[out->count];

		if (out->staff == NULL)
			break;
		x->id = sikka_text(p, i, "provider_id");
		x->first = sikka_text(p, i, "firstname");
		x->last = sikka_text(p, i, "lastname");
		x->specialty = sikka_text(p, i, "specialty_code");
		x->active = status == NULL ||
		    !str_starts(pms_fold(p->r->arena, status), "inactive");
		out->count += sikka_id_valid(x->id);
	}
}

/* --- appointments --------------------------------------------------------- */

static bool
has(const char *text, const char *const words[])
{
	for (; *words != NULL; words++)
		if (strstr(text, *words) != NULL)
			return true;
	return false;
}

/* Each system has words of its own; what is not known takes its time. */
static const char *
state_of(struct pms *p, const char *status)
{
	static const char *const off[] = { "cancel", "broken", "delet",
		"unscheduled", NULL };
	static const char *const missed[] = { "no show", "no-show", "noshow",
		"missed", "failed", NULL };
	static const char *const done[] = { "complete", "checked out",
		"checkout", NULL };
	static const char *const sure[] = { "confirm", NULL };
	const char *s = pms_fold(p->r->arena, status);

	if (s == NULL || strstr(s, "unconfirmed") != NULL)
		return "scheduled";
	return has(s, off) ? "cancelled" :
	    has(s, missed) ? "no_show" :
	    has(s, done)   ? "completed" :
	    has(s, sure)   ? "confirmed" :
			     "scheduled";
}

/* "14:30", "14:30:00" or "2:30 PM". */
static bool
minute_of(const char *s, int *minute)
{
	char *rest;
	long h, m;

	if (s == NULL || !isdigit((unsigned char)*s))
		return false;
	h = strtol(s, &rest, 10);
	if (rest > s + 2 || *rest != ':' || !isdigit((unsigned char)rest[1]))
		return false;
	m = strtol(rest + 1, &rest, 10);
	if (h > 23 || m > 59)
		return false;
	s = rest;
	if (strpbrk(s, "Pp") != NULL && h < 12)
		h += 12;
	else if (strpbrk(s, "Aa") != NULL && h == 12)
		h = 0;
	*minute = (int)(h * 60 + m);
	return true;
}

static bool
times_read(struct pms *p, const cJSON *item, struct pms_visit *x)
{
	const char *date = date_of(p, item, "date");
	const char *length = sikka_text(p, item, "length");
	struct civil c = { 0 };
	int64_t minutes, day;

	if (date == NULL || !minute_of(sikka_text(p, item, "time"), &c.minute))
		return false;
	if (!clock_day(date, &day))
		return false;
	clock_date(day, &c.year, &c.month, &c.day);
	if (length == NULL || !str_int(length, 1, MINUTES_MAX, &minutes))
		minutes = p->slot_ms / MINUTE_MS;
	x->starts_ms = zone_instant(p->zone, &c);
	x->ends_ms = x->starts_ms + minutes * MINUTE_MS;
	return true;
}

static void
visit_read(struct pms *p, const cJSON *item, struct pms_visit *x)
{
	x->id = sikka_text(p, item, "appointment_sr_no");
	x->patient = sikka_text(p, item, "patient_id");
	x->patient_name = sikka_text(p, item, "patient_name");
	x->provider = sikka_text(p, item, "provider_id");
	x->operatory = sikka_text(p, item, "operatory");
	x->type = sikka_text(p, item, "type");
	x->note = sikka_text(p, item, "note");
	x->status = sikka_text(p, item, "status");
	x->state = state_of(p, x->status);
}

void
sikka_visits(struct pms *p, const struct pms_find *f, struct pms_page *out)
{
	const cJSON *items, *i;
	struct buf query;

	query_begin(p, &query);
	add(p, &query, "appointment_sr_no", f->id);
	add(p, &query, "startdate", f->from);
	add(p, &query, "enddate", f->to);
	items = list(p, "appointments", &query, f->page, out);
	out->visit = room(p, items, sizeof(*out->visit));
	cJSON_ArrayForEach(i, items)
	{
		struct pms_visit *x = &out->visit[out->count];

		if (out->visit == NULL)
			break;
		visit_read(p, i, x);
		if (!sikka_id_valid(x->id) || !times_read(p, i, x))
			log_msg(LOG_WARN,
			    "an appointment of Sikka has no "
			    "number, date or time: left out");
		else
			out->count++;
	}
}

/* --- the practice --------------------------------------------------------- */

/* The office that is meant: by its practice, or the only one. */
static void
office_pick(struct pms *p, const struct sikka_reply *reply,
    struct pms_practice *out)
{
	struct sikka *s = sikka_of(p);
	const cJSON *i, *found = NULL;
	int n = 0;

	cJSON_ArrayForEach(i, reply->items)
	{
		const char *office = sikka_text(p, i, "office_id");

		if (s->app.office_id != NULL ?
			!str_eq(office, s->app.office_id) :
			out->id != NULL &&
			    !str_eq(sikka_text(p, i, "practice_id"), out->id))
			continue;
		found = i;
		n++;
	}
	if (n == 0 || (n > 1 && s->app.office_id == NULL))
		return;
	if (s->app.office_id == NULL) {
		s->app.office_id = sikka_text(p, found, "office_id");
		s->app.secret_key = sikka_text(p, found, "secret_key");
	}
	if (out->id == NULL)
		out->id = sikka_text(p, found, "practice_id");
	out->name = sikka_text(p, found, "practice_name");
	out->system = sikka_text(p, found, "practice_management_system");
}

/* The system's own word for an appointment that is called off. */
static void
words_read(struct pms *p, const cJSON *items, struct pms_practice *out)
{
	const cJSON *i;

	cJSON_ArrayForEach(i, items)
	{
		const char *what =
		    pms_fold(p->r->arena, sikka_text(p, i, "service_item"));
		const char *value = sikka_text(p, i, "value");

		if (what == NULL || value == NULL ||
		    strstr(what, "appointment status") == NULL ||
		    !str_eq(state_of(p, value), "cancelled"))
			continue;
		if (out->cancel_status == NULL ||
		    strstr(pms_fold(p->r->arena, value), "cancel") != NULL)
			out->cancel_status = value;
	}
}

void
sikka_check(struct pms *p, struct pms_practice *out)
{
	struct sikka *s = sikka_of(p);
	struct sikka_reply reply;
	struct buf none;

	sikka_offices(s, &reply);
	sikka_said(p, &reply);
	if (p->said.end != PMS_OK)
		return;
	office_pick(p, &reply, out);
	if (s->app.office_id == NULL) {
		p->said.end = PMS_KEY;
		p->said.why = reply.items == NULL ?
		    "no practice has authorised this app" :
		    "several practices have authorised this app: say which "
		    "one by its office_id or practice_id";
		return;
	}
	sikka_key(s, &reply);
	sikka_said(p, &reply);
	out->office = s->app.office_id;
	if (p->said.end != PMS_OK)
		return;
	buf_init(&none, p->r->arena);
	sikka_list(s, "practice_variables", buf_text(&none), 0, &reply);
	sikka_said(p, &reply);
	if (p->said.end == PMS_OK)
		words_read(p, reply.items, out);
	else if (p->said.end == PMS_REFUSED) /* not every system has them */
		p->said = (struct pms_said) { .end = PMS_OK };
}
