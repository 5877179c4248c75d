/* wish.c - which service, and whom, a booking is for. */
#include <string.h>

#include "book/book.h"

#define NAMES 6 /* that are told to choose from */

#define SERVICE_SQL \
	"SELECT id, name, minutes, step_minutes, before_minutes," \
	" after_minutes, notice_minutes, horizon_days, per_day," \
	" resource_ids FROM my_service WHERE "

SQL one_sql[] = SERVICE_SQL "id = :wish_service";
SQL all_sql[] = SERVICE_SQL "active = 1 ORDER BY name, id LIMIT 200";

static int64_t
minutes_of(const struct row *row, const char *name)
{
	return row_int(row, name) * MINUTE_MS;
}

static void
service_set(struct req *r, struct book *b, const struct row *row)
{
	struct book_service *s = &b->service;
	const char *who = row_text(row, "resource_ids"), *why;

	s->id = row_text(row, "id");
	s->name = row_text(row, "name");
	s->length_ms = minutes_of(row, "minutes");
	s->step_ms = row_val(row, "step_minutes").type == VAL_INT ?
	    minutes_of(row, "step_minutes") :
	    s->length_ms;
	s->before_ms = minutes_of(row, "before_minutes");
	s->after_ms = minutes_of(row, "after_minutes");
	s->notice_ms = minutes_of(row, "notice_minutes");
	s->horizon_days = row_int(row, "horizon_days");
	s->per_day = row_int(row, "per_day");
	s->who =
	    who != NULL ? json_parse(r->arena, who, strlen(who), &why) : NULL;
	if (s->who != NULL && cJSON_GetArraySize(s->who) == 0)
		s->who = NULL;
}

enum rc
book_serve(struct req *r, struct book *b, const char *id, bool *known)
{
	struct row row;
	enum rc rc;

	b->service = (struct book_service) { .length_ms = b->slot_ms,
		.step_ms = b->slot_ms,
		.horizon_days = BOOK_AHEAD };
	*known = id == NULL;
	if (id == NULL)
		return OK;
	req_set(r, "wish_service", val_text(id));
	rc = sql_find(r, one_sql, &row);
	*known = rc == OK && row.count > 0;
	if (*known)
		service_set(r, b, &row);
	return rc;
}

/* --- names as they are said ----------------------------------------------- */

/* One of several things by its name. */
struct choice {
	const char *said; /* lower case */
	int exact;	  /* index, or -1 */
	int near;
	int nears; /* how many are near */
};

static void
choice_add(struct choice *c, struct arena *a, int i, const char *name)
{
	const char *low = str_lower(a, name);

	if (low == NULL || *low == '\0')
		return;
	if (str_eq(low, c->said))
		c->exact = i;
	if (strstr(c->said, low) != NULL || strstr(low, c->said) != NULL) {
		c->near = i;
		c->nears++;
	}
}

/* The index that was meant, or -1. */
static int
choice_end(const struct choice *c)
{
	if (c->exact >= 0)
		return c->exact;
	return c->nears == 1 ? c->near : -1;
}

static struct choice
choice_begin(struct arena *a, const char *said)
{
	const char *low = str_lower(a, said);

	return (struct choice) { low != NULL ? low : "", -1, -1, 0 };
}

enum rc
book_say_service(struct req *r, struct book *b, const char *said,
    const char **names)
{
	const char *words[NAMES];
	struct row *list, *row;
	struct choice c = choice_begin(r->arena, said != NULL ? said : "");
	enum rc rc = sql_rows(r, all_sql, &list);
	int n = 0, at;

	*names = NULL;
	if (rc != OK || list == NULL)
		return rc;
	for (row = list; row != NULL; row = row->next, n++) {
		if (n < NAMES)
			words[n] = row_text(row, "name");
		if (said != NULL)
			choice_add(&c, r->arena, n, row_text(row, "name"));
	}
	at = n == 1 && said == NULL ? 0 : choice_end(&c);
	if (at < 0) {
		*names = phrase_or(r->arena, b->lang, words,
		    (size_t)(n < NAMES ? n : NAMES));
		return OK;
	}
	for (row = list; at > 0; row = row->next)
		at--;
	service_set(r, b, row);
	return OK;
}

bool
book_say_resource(struct req *r, struct book *b, const char *said,
    const char **names)
{
	const char *words[NAMES];
	struct choice c = choice_begin(r->arena, said);
	size_t n = 0;
	int at;

	for (int i = 0; i < b->chair_count; i++)
		if (b->chairs[i].active) {
			choice_add(&c, r->arena, i, b->chairs[i].name);
			if (n < NAMES)
				words[n++] = b->chairs[i].name;
		}
	at = choice_end(&c);
	*names = NULL;
	if (at >= 0)
		b->resource = b->chairs[at].id;
	else
		*names = phrase_or(r->arena, b->lang, words, n);
	return at >= 0;
}
