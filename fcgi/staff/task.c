/* task.c - tasks for the staff. */
#include "staff/task.h"

#define COLUMNS_SQL \
	"id, kind, ref, text, status, created_at AS \"created_at:time\"," \
	" updated_at AS \"updated_at:time\""

static const struct field list_query[] = {
	{ "status", F_ENUM, .set = "open|done", .about = "open by default" },
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

static const struct field change_in[] = {
	{ "status", F_ENUM, .need = true, .set = "open|done" },
	{ 0 },
};

/* Ids ascend with time; 'g' sorts behind all of them. */
SQL list_sql[] = "SELECT " COLUMNS_SQL " FROM my_staff_task"
		 " WHERE status = COALESCE(CAST(:status AS TEXT), 'open')"
		 " AND id < COALESCE(CAST(:cursor AS TEXT), 'g')"
		 " ORDER BY id DESC LIMIT :limit";
SQL change_sql[] = "UPDATE staff_task SET status = :status,"
		   " updated_at = :now_ms"
		   " WHERE account_id = app_account() AND id = :id"
		   " RETURNING " COLUMNS_SQL;
SQL put_sql[] =
    "INSERT INTO staff_task (id, account_id, kind, ref, text, created_at,"
    " updated_at) VALUES (:task_new, app_account(), :task_kind, :task_ref,"
    " :task_text, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, kind, ref) DO UPDATE SET"
    " text = excluded.text, status = 'open', updated_at = :now_ms"
    " RETURNING id";

enum rc
staff_task_put(struct req *r, const char *kind, const char *ref,
    const char *text)
{
	struct row row;

	(void)req_new_id(r, "task_new");
	req_set(r, "task_kind", val_text(kind));
	req_set(r, "task_ref", val_text(ref));
	req_set(r, "task_text", val_text(text));
	if (sql_row(r, put_sql, &row))
		return r->rc;
	return event_put(r, "task.opened", row_text(&row, "id"), NULL);
}

static const struct route routes[] = {
	{ "GET", "/tasks", list_sql, MANY, .query = list_query,
	    .about = "What only a person can settle, the latest first" },
	{ "PATCH", "/tasks/:id", change_sql, ONE, .in = change_in,
	    .about = "It is settled, or open again" },
	{ 0 },
};

const struct resource staff_task = { "staff_task", "Tasks for the staff",
	routes };
