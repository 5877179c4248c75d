/* holiday.c - closed days out of a calendar file. */
#include "book/except.h"
#include "book/holiday.h"
#include "wire/ical.h"

#define BEFORE 31 /* days of the past that are kept */

SQL zone_sql[] = "SELECT timezone FROM my_studio";

SQL clear_sql[] =
    "DELETE FROM availability_exception WHERE account_id = app_account()"
    " AND source = :import_source RETURNING id";

SQL add_sql[] =
    "INSERT INTO availability_exception (id, account_id, kind, from_date,"
    " to_date, from_min, to_min, note, source, created_at, updated_at)"
    " VALUES (:import_id, app_account(), 'closed', :import_from, :import_to,"
    " :import_from_min, :import_to_min, :import_note, :import_source,"
    " :now_ms, :now_ms)";

static struct val
minute(int m)
{
	return m >= 0 ? val_int(m) : val_null();
}

static enum rc
add(struct req *r, const struct ical_closed *c)
{
	(void)req_new_id(r, "import_id");
	req_set(r, "import_from",
	    val_text(except_date(r->arena, c->from_date)));
	req_set(r, "import_to", val_text(except_date(r->arena, c->to_date)));
	req_set(r, "import_from_min", minute(c->from_min));
	req_set(r, "import_to_min", minute(c->to_min));
	req_set(r, "import_note",
	    *c->summary != '\0' ? val_text(c->summary) : val_null());
	return sql_do(r, add_sql);
}

static void
print(struct req *r, const char *source, const struct ical_list *l,
    int64_t removed)
{
	struct jout *j = &r->json_out;

	jout_open(j, '{');
	jout_put_str(j, "source", source);
	jout_put_int(j, "imported", (int64_t)l->count);
	jout_put_int(j, "removed", removed);
	jout_put_int(j, "skipped", (int64_t)l->skipped);
	jout_close(j, '}');
}

static enum rc
save_once(struct req *r, const struct ical_list *l, int64_t *removed)
{
	struct row *old = NULL;
	enum rc rc = req_begin(r, DB_WRITE);

	*removed = 0;
	if (rc == OK)
		rc = sql_rows(r, clear_sql, &old);
	for (; rc == OK && old != NULL; old = old->next)
		(*removed)++;
	for (size_t i = 0; i < l->count && rc == OK; i++)
		rc = add(r, &l->list[i]);
	return rc == OK ? req_commit(r) : rc;
}

static enum rc
save(struct req *r, const char *source, const struct ical_list *l)
{
	int64_t removed;
	enum rc rc;

	req_set(r, "import_source", val_text(source));
	do
		rc = save_once(r, l, &removed);
	while (rc != OK && req_again(r));
	if (rc == OK)
		print(r, source, l, removed);
	return rc;
}

/* Reading the file takes its time, so nothing is locked meanwhile. */
enum rc
holiday_import(struct req *r)
{
	const char *source = req_text(r, "source");
	struct ical_window window = { .zone = "UTC" };
	struct ical_list list;
	struct row row;
	char why[200];
	enum rc rc = req_begin(r, DB_READ);

	if (source == NULL || *source == '\0')
		source = "holidays";
	if (str_eq(source, "staff"))
		return fail_field(r, "source", "must be another name");
	if (rc == OK)
		rc = sql_find(r, zone_sql, &row);
	req_rollback(r);
	if (rc != OK)
		return rc;
	if (row_text(&row, "timezone") != NULL)
		window.zone = row_text(&row, "timezone");
	window.from_date = slot_date(window.zone, r->now_ms) - BEFORE;
	window.to_date = window.from_date + BEFORE + BOOK_AHEAD;
	if (!ical_read(r->arena, req_text(r, "ics"), &window, &list, why))
		return fail_field(r, "ics", "cannot be used: %s", why);
	return save(r, source, &list);
}
