/* call_vapi.c - what Vapi tells of a call, and which of ours it is. */
#include <stdio.h>

#include "book/book.h"
#include "book/call.h"

#define RECENT_MS (INT64_C(2) * 3600 * 1000)

SQL find_sql[] = "SELECT id FROM my_call WHERE vapi_id = :link_vapi";

SQL named_sql[] =
    "SELECT id FROM my_call WHERE id IN (SELECT s.id FROM my_call s"
    " WHERE s.twilio_sid = :link_sid UNION ALL SELECT t.id FROM my_call t"
    " WHERE t.id = :link_row) AND COALESCE(vapi_id, '') = ''"
    " ORDER BY id LIMIT 1";

/* Handed to that assistant a short while ago and not yet spoken for. */
SQL recent_sql[] =
    "SELECT id, from_number FROM my_call WHERE id > :link_since"
    " AND vapi_id IS NULL AND twilio_sid IS NOT NULL AND status_rank < 4"
    " AND assistant_id = (SELECT a.id FROM my_assistant a"
    " WHERE a.vapi_id = :link_assistant ORDER BY a.id LIMIT 1)"
    " ORDER BY id DESC LIMIT 20";

SQL link_sql[] = "UPDATE call SET vapi_id = :link_vapi, updated_at = :now_ms"
		 " WHERE account_id = app_account()"
		 " AND id = :link_id";

SQL make_sql[] =
    "INSERT INTO call (id, account_id, vapi_id, assistant_id, contact_id,"
    " from_number, to_number, status, status_rank, started_at, created_at,"
    " updated_at) VALUES (:link_id, app_account(), :link_vapi,"
    " (SELECT a.id FROM my_assistant a WHERE a.vapi_id = :link_assistant"
    " ORDER BY a.id LIMIT 1),"
    " (SELECT p.id FROM my_contact p WHERE p.phone = :link_caller),"
    " :link_caller, :link_called, :link_status, :link_rank, :now_ms,"
    " :now_ms, :now_ms)";

SQL tell_sql[] =
    "UPDATE call SET"
    " status = CASE WHEN :news_rank > status_rank THEN"
    " CAST(:news_status AS TEXT) ELSE status END,"
    " status_rank = CASE WHEN :news_rank > status_rank THEN :news_rank"
    " ELSE status_rank END,"
    " ended_reason = COALESCE(:news_reason, ended_reason),"
    " summary = COALESCE(:news_summary, summary),"
    " recording_url = COALESCE(recording_url, :news_recording),"
    " cost = COALESCE(:news_cost, cost),"
    " started_at = CASE WHEN CAST(:news_started AS BIGINT) < started_at THEN"
    " CAST(:news_started AS BIGINT) ELSE started_at END,"
    " ended_at = COALESCE(ended_at, :news_ended),"
    " duration_s = COALESCE(duration_s, :news_duration),"
    " updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :news_id";

/* The smallest id of a moment: they begin with its milliseconds. */
static const char *
id_since(struct req *r, int64_t t_ms)
{
	unsigned long long ms = t_ms > 0 ? (unsigned long long)t_ms : 0;

	return arena_printf(r->arena, "%08llx-%04llx", ms >> 16, ms & 0xffff);
}

/*
 * The one row that fits the caller. One that hides the number fits only when
 * there is no doubt.
 */
static const char *
pick(const struct row *list, const char *caller)
{
	const struct row *row;

	for (row = list; row != NULL; row = row->next)
		if (caller != NULL &&
		    str_eq(row_text(row, "from_number"), caller))
			return row_text(row, "id");
	if (caller == NULL && list != NULL && list->next == NULL)
		return row_text(list, "id");
	return NULL;
}

static enum rc
link_find(struct req *r, const struct call_link *in, const char **id)
{
	struct row row, *list;
	enum rc rc = OK;

	*id = NULL;
	if (in->sid != NULL || in->row != NULL) {
		rc = sql_find(r, named_sql, &row);
		*id = rc == OK ? row_text(&row, "id") : NULL;
	}
	if (rc != OK || *id != NULL || in->assistant == NULL)
		return rc;
	rc = sql_rows(r, recent_sql, &list);
	if (rc == OK)
		*id = pick(list, in->caller);
	return rc;
}

enum rc
call_join(struct req *r, const struct call_link *in, const char **id)
{
	struct row row;
	enum rc rc;

	req_set(r, "link_vapi", val_text(in->vapi_id));
	req_set(r, "link_assistant", val_text(in->assistant));
	req_set(r, "link_caller", val_text(in->caller));
	req_set(r, "link_called", val_text(in->called));
	req_set(r, "link_sid", val_text(in->sid));
	req_set(r, "link_row", val_text(in->row));
	req_set(r, "link_since", val_text(id_since(r, r->now_ms - RECENT_MS)));
	rc = sql_find(r, find_sql, &row);
	*id = rc == OK ? row_text(&row, "id") : NULL;
	if (rc != OK || *id != NULL)
		return rc;
	rc = link_find(r, in, id);
	if (rc != OK)
		return rc;
	if (*id != NULL) {
		req_set(r, "link_id", val_text(*id));
		return sql_must(r, link_sql);
	}
	*id = req_new_id(r, "link_id");
	req_set(r, "link_status",
	    val_text(in->status != NULL ? in->status : "queued"));
	req_set(r, "link_rank", val_int(call_rank(in->status)));
	return sql_do(r, make_sql);
}

static struct val
known(int64_t n)
{
	return n >= 0 ? val_int(n) : val_null();
}

enum rc
call_tell(struct req *r, const char *id, const struct call_news *news)
{
	req_set(r, "news_id", val_text(id));
	req_set(r, "news_status", val_text(news->status));
	req_set(r, "news_rank",
	    val_int(news->status != NULL ? call_rank(news->status) : -1));
	req_set(r, "news_reason", val_text(news->ended_reason));
	req_set(r, "news_summary", val_text(news->summary));
	req_set(r, "news_recording", val_text(news->recording_url));
	req_set(r, "news_cost",
	    news->cost >= 0 ? val_real(news->cost) : val_null());
	req_set(r, "news_started", known(news->started_ms));
	req_set(r, "news_ended", known(news->ended_ms));
	req_set(r, "news_duration", known(news->duration_s));
	if (sql_must(r, tell_sql) != OK)
		return r->rc;
	return call_is_over(news->status) ? hold_drop(r, id) : OK;
}
