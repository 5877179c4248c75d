/* book.c - the settings of an account's appointment book. */
#include <string.h>

#include "book/book.h"

#define NINE	     (9 * 60)
#define FIVE_PM	     (17 * 60)
#define SLOT_MINUTES 30

SQL open_sql[] =
    "SELECT s.timezone, s.slot_minutes, s.languages, (SELECT p.locale"
    " FROM my_profile p WHERE p.locale IS NOT NULL"
    " ORDER BY p.user_id LIMIT 1) AS locale FROM my_studio s";

SQL chairs_sql[] =
    "SELECT d.id, d.name, d.active, h.weekday, h.from_min, h.to_min"
    " FROM my_resource d LEFT JOIN my_availability_rule h"
    " ON h.resource_id = d.id"
    " ORDER BY d.id, h.weekday, h.from_min, h.id LIMIT 4096";

SQL resource_sql[] =
    "SELECT id FROM my_resource ORDER BY CASE WHEN id = :account THEN 0"
    " ELSE 1 END, id LIMIT 1";

/* Its id is the account's, so that two at once make one. */
SQL resource_add_sql[] =
    "INSERT INTO resource (id, account_id, name, kind, created_at, updated_at)"
    " VALUES (:account, app_account(), 'Main', 'practitioner', :now_ms,"
    " :now_ms) ON CONFLICT (account_id, id) DO NOTHING";

/* The first of the business's languages, a list such as ["fr","en"]. */
enum lang
book_lang(struct req *r, const struct row *studio)
{
	const char *languages = row_text(studio, "languages"), *why;
	const cJSON *list = NULL;

	if (languages != NULL)
		list = json_parse(r->arena, languages, strlen(languages), &why);
	if (list != NULL && cJSON_IsArray(list) &&
	    json_text(list->child) != NULL)
		return phrase_lang(json_text(list->child));
	return phrase_lang(row_text(studio, "locale"));
}

/* --- resources and their rules -------------------------------------------- */

struct chairs_read {
	struct book *book;
	struct arena *arena;
	struct hours rules[HOURS_MAX]; /* of the chair being read */
	int count;
};

/* The rules of the last chair are all there. */
static void
chair_end(struct chairs_read *c)
{
	struct book_chair *chair = &c->book->chairs[c->book->chair_count - 1];
	size_t size = (size_t)c->count * sizeof(struct hours);

	if (c->book->chair_count == 0 || c->count == 0)
		return;
	chair->rules = arena_get(c->arena, size);
	if (chair->rules != NULL) {
		memcpy(chair->rules, c->rules, size);
		chair->rule_count = c->count;
	}
	c->count = 0;
}

static void
chair_row(void *ctx, const struct val *v)
{
	struct chairs_read *c = ctx;
	struct book *b = c->book;
	struct book_chair *chair = &b->chairs[b->chair_count];

	if (b->chair_count == 0 || !str_eq(chair[-1].id, v[0].s)) {
		chair_end(c);
		if (b->chair_count == BOOK_CHAIRS)
			return;
		chair->id = arena_copy(c->arena, v[0].s, v[0].len);
		chair->name = arena_copy(c->arena, v[1].s, v[1].len);
		chair->active = v[2].i == 1;
		b->chair_count++;
	}
	if (v[3].type == VAL_INT && c->count < HOURS_MAX)
		c->rules[c->count++] =
		    (struct hours) { (int)v[3].i, (int)v[4].i, (int)v[5].i };
}

/* The business's hours, for those without their own. */
static void
share_hours(struct book *b, struct arena *a, const char *account)
{
	struct book_chair *first = &b->chairs[0];

	for (int i = 0; i < b->chair_count; i++)
		if (str_eq(b->chairs[i].id, account))
			first = &b->chairs[i];
	b->main = first;
	if (first->rule_count == 0) {
		b->assumed = true;
		first->rules = arena_get(a, 5 * sizeof(struct hours));
		for (int day = 0; day < 5 && first->rules != NULL; day++)
			first->rules[first->rule_count++] =
			    (struct hours) { day, NINE, FIVE_PM };
	}
	for (int i = 0; i < b->chair_count; i++)
		if (b->chairs[i].rule_count == 0) {
			b->chairs[i].rules = first->rules;
			b->chairs[i].rule_count = first->rule_count;
		}
}

static enum rc
chairs_read(struct req *r, struct book *b)
{
	struct chairs_read c = { .book = b, .arena = r->arena };
	enum rc rc;

	b->chairs =
	    arena_zero(r->arena, (BOOK_CHAIRS + 1) * sizeof(*b->chairs));
	if (b->chairs == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	rc = sql_each(r, chairs_sql, chair_row, &c);
	if (rc != OK)
		return rc;
	chair_end(&c);
	b->bare = b->chair_count == 0;
	if (b->bare)
		b->chairs[b->chair_count++] =
		    (struct book_chair) { .id = r->account,
			    .name = "",
			    .active = true };
	share_hours(b, r->arena, r->account);
	return OK;
}

const struct book_chair *
book_chair(const struct book *b, const char *id)
{
	for (int i = 0; i < b->chair_count; i++)
		if (str_eq(b->chairs[i].id, id))
			return &b->chairs[i];
	return NULL;
}

enum rc
book_open(struct req *r, struct book *b)
{
	struct row row;
	bool known;
	enum rc rc = sql_find(r, open_sql, &row);

	memset(b, 0, sizeof(*b));
	b->zone = "UTC";
	b->slot_ms = SLOT_MINUTES * MINUTE_MS;
	if (rc != OK)
		return rc;
	if (row.count > 0) {
		if (row_text(&row, "timezone") != NULL)
			b->zone = row_text(&row, "timezone");
		b->lang = book_lang(r, &row);
		b->slot_ms = row_int(&row, "slot_minutes") * MINUTE_MS;
	}
	rc = chairs_read(r, b);
	return rc == OK ? book_serve(r, b, NULL, &known) : rc;
}

enum rc
book_resource(struct req *r, const char **id)
{
	struct row row;
	enum rc rc = sql_find(r, resource_sql, &row);

	if (rc == OK && row.count == 0) {
		rc = sql_do(r, resource_add_sql);
		if (rc == OK)
			rc = sql_row(r, resource_sql, &row);
	}
	*id = rc == OK ? row_text(&row, "id") : NULL;
	return rc;
}
