/* queue.c - the outbox, and the record of what happened. */
#include "job/queue.h"

/*
 * A running job that is put again keeps its row; the changed run_at tells the
 * runner to do it once more (done_sql finds nothing, again_sql does).
 */
SQL put_sql[] =
    "INSERT INTO job (id, account_id, path, ref, payload, run_at, created_at,"
    " updated_at) VALUES (:job_id, :account, :job_path, :job_ref,"
    " :job_payload, :job_run_at, :now_ms, :now_ms)"
    " ON CONFLICT (path, ref) WHERE state IN ('ready', 'running')"
    " DO UPDATE SET payload = excluded.payload, updated_at = :now_ms,"
    " run_at = CASE WHEN job.run_at = excluded.run_at THEN job.run_at + 1"
    " WHEN job.state = 'ready' AND job.run_at < excluded.run_at"
    " THEN job.run_at ELSE excluded.run_at END";
SQL drop_sql[] = "DELETE FROM job WHERE path = :job_path AND ref = :job_ref"
		 " AND state IN ('ready', 'running')";
SQL event_sql[] =
    "INSERT INTO event (id, account_id, kind, ref, data, created_at,"
    " updated_at) VALUES (:event_id, app_account(), :event_kind, :event_ref,"
    " :event_data, :now_ms, :now_ms)";

/* Asked first, so that an idle runner never stands in the writers' queue. */
SQL due_sql[] = "SELECT id FROM job WHERE state IN ('ready', 'running')"
		" AND run_at <= :now_ms"
		" AND (state = 'ready' OR lease_until < :now_ms) LIMIT 1";
SQL claim_sql[] =
    "UPDATE job SET state = 'running', attempts = attempts + 1,"
    " lease_until = :lease_until, updated_at = :now_ms WHERE id = ("
    "SELECT id FROM job WHERE state IN ('ready', 'running')"
    " AND run_at <= :now_ms"
    " AND (state = 'ready' OR lease_until < :now_ms)"
    " ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " RETURNING id, path, ref, payload, account_id,"
    " attempts AS \"attempts:int\", run_at AS \"run_at:int\"";

/*
 * What is settled is one attempt: when its lease has run out and another
 * runner has the job, that one's word counts.
 */
#define MINE " WHERE id = :job_id AND attempts = :job_attempts"

SQL done_sql[] = "DELETE FROM job" MINE " AND run_at = :job_run_at";
SQL again_sql[] = "UPDATE job SET state = 'ready', lease_until = NULL,"
		  " last_error = NULL, attempts = 0, updated_at = :now_ms" MINE;
SQL later_sql[] =
    "UPDATE job SET state = :job_state, lease_until = NULL,"
    " last_error = :job_error, updated_at = :now_ms,"
    " run_at = CASE WHEN run_at = :job_run_at THEN :job_next ELSE run_at END" MINE;

enum rc
job_put(struct req *r, const char *path, const char *ref, const char *payload,
    int64_t run_at_ms)
{
	(void)req_new_id(r, "job_id");
	req_set(r, "account", val_text(r->account));
	req_set(r, "job_path", val_text(path));
	req_set(r, "job_ref", val_text(ref));
	req_set(r, "job_payload", val_text(payload != NULL ? payload : "{}"));
	req_set(r, "job_run_at", val_int(run_at_ms));
	return sql_do(r, put_sql);
}

enum rc
job_drop(struct req *r, const char *path, const char *ref)
{
	req_set(r, "job_path", val_text(path));
	req_set(r, "job_ref", val_text(ref));
	return sql_do(r, drop_sql);
}

enum rc
event_put(struct req *r, const char *kind, const char *ref, const char *data)
{
	(void)req_new_id(r, "event_id");
	req_set(r, "event_kind", val_text(kind));
	req_set(r, "event_ref", val_text(ref));
	req_set(r, "event_data", val_text(data != NULL ? data : "{}"));
	return sql_do(r, event_sql);
}

enum rc
queue_claim(struct req *r, struct row *job)
{
	enum rc rc;

	req_set(r, "now_ms", val_int(r->now_ms));
	req_set(r, "lease_until", val_int(r->now_ms + QUEUE_LEASE_MS));
	rc = sql_find(r, due_sql, job);
	if (rc != OK || job->count == 0)
		return rc;
	rc = req_begin(r, DB_CLAIM);
	if (rc == OK)
		rc = sql_find(r, claim_sql, job);
	if (rc == OK)
		rc = req_commit(r);
	req_rollback(r);
	return rc;
}

static enum rc
settle_once(struct req *r, const char *sql, const char *then)
{
	enum rc rc = req_begin(r, DB_CLAIM);

	if (rc == OK)
		rc = sql_do(r, sql);
	if (rc == OK && then != NULL)
		rc = sql_do(r, then);
	return rc == OK ? req_commit(r) : rc;
}

/* Settle the job by one statement or two, in a transaction. */
static enum rc
settle(struct req *r, const struct row *job, const char *sql, const char *then)
{
	enum rc rc;

	req_set(r, "now_ms", val_int(clock_now_ms()));
	req_set(r, "job_id", row_val(job, "id"));
	req_set(r, "job_attempts", row_val(job, "attempts"));
	req_set(r, "job_run_at", row_val(job, "run_at"));
	do
		rc = settle_once(r, sql, then);
	while (rc != OK && req_again(r));
	req_rollback(r);
	return rc;
}

enum rc
queue_later(struct req *r, const struct row *job, const char *state,
    const char *error, int64_t next_ms)
{
	req_set(r, "job_state", val_text(state));
	req_set(r, "job_error", val_text(error));
	req_set(r, "job_next", val_int(next_ms));
	return settle(r, job, later_sql, NULL);
}

enum rc
queue_done(struct req *r, const struct row *job)
{
	/* it is still there only if it was put again while it ran */
	return settle(r, job, done_sql, again_sql);
}
