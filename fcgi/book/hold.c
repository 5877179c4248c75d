/* hold.c - times kept for a caller who is thinking them over. */
#include "book/book.h"

#define MOST 300 /* of an account: a hundred callers who think at once */

SQL clear_sql[] = "DELETE FROM hold WHERE account_id = app_account()"
		  " AND (call_id = :hold_call OR expires_at <= :now_ms)";

/* Is there one more than so many? */
SQL more_sql[] = "SELECT id FROM my_hold WHERE expires_at > :now_ms"
		 " ORDER BY expires_at, id LIMIT 1 OFFSET :hold_most";

SQL put_sql[] =
    "INSERT INTO hold (id, account_id, resource_id, call_id, starts_at,"
    " blocked_from, blocked_to, expires_at, created_at, updated_at)"
    " VALUES (:hold_id, app_account(), :hold_resource, :hold_call,"
    " :hold_starts, :hold_from, :hold_to, :hold_expires, :now_ms, :now_ms)";

SQL drop_sql[] = "DELETE FROM hold WHERE account_id = app_account()"
		 " AND call_id = :hold_call";

enum rc
hold_drop(struct req *r, const char *call)
{
	req_set(r, "hold_call", val_text(call));
	return sql_do(r, drop_sql);
}

static enum rc
put(struct req *r, const struct book_service *s, const struct book_slot *slot)
{
	(void)req_new_id(r, "hold_id");
	req_set(r, "hold_resource", val_text(slot->resource));
	req_set(r, "hold_starts", val_int(slot->start_ms));
	req_set(r, "hold_from", val_int(slot->start_ms - s->before_ms));
	req_set(r, "hold_to",
	    val_int(slot->start_ms + s->length_ms + s->after_ms));
	req_set(r, "hold_expires", val_int(r->now_ms + BOOK_HOLD_MS));
	return sql_do(r, put_sql);
}

enum rc
hold_put(struct req *r, const struct book *b, const struct book_slot *list,
    int count)
{
	struct row held;
	enum rc rc;

	if (b->call == NULL || b->bare)
		return OK;
	req_set(r, "hold_call", val_text(b->call));
	req_set(r, "hold_most", val_int(MOST));
	rc = sql_do(r, clear_sql);
	if (rc == OK)
		rc = sql_find(r, more_sql, &held);
	if (rc == OK && held.count > 0)
		return OK; /* a flood of calls must not close the book */
	for (int i = 0; i < count && rc == OK; i++)
		rc = put(r, &b->service, &list[i]);
	return rc;
}
