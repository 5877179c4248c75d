/* circuit.c - who may call a provider that fails. */
#include "base/conf.h"
#include "job/circuit.h"

#define PROBE_MARGIN_MS 5000 /* beyond the call, for our own part of it */
#define PROBE_AGAIN_MS	1000

SQL find_sql[] = "SELECT failures, open_until, probe_until, last_error"
		 " FROM my_breaker WHERE provider = :b_provider";
/* One of many gets the trial call. */
SQL probe_sql[] =
    "UPDATE breaker SET probe_until = :b_probe, updated_at = :b_now"
    " WHERE account_id = app_account() AND provider = :b_provider"
    " AND open_until <= :b_now"
    " AND (probe_until IS NULL OR probe_until <= :b_now)"
    " RETURNING failures";
SQL close_sql[] = "DELETE FROM breaker WHERE account_id = app_account()"
		  " AND provider = :b_provider";
SQL count_sql[] =
    "INSERT INTO breaker (account_id, provider, failures, open_until,"
    " last_error, created_at, updated_at) VALUES (app_account(),"
    " :b_provider, 1, :b_open, :b_why, :b_now, :b_now)"
    " ON CONFLICT (account_id, provider) DO UPDATE SET"
    " failures = breaker.failures + 1, open_until = excluded.open_until,"
    " probe_until = NULL, last_error = excluded.last_error,"
    " updated_at = excluded.updated_at";

static enum rc
find(struct req *r, const char *provider, struct row *row)
{
	req_set(r, "b_provider", val_text(provider));
	req_set(r, "b_now", val_int(clock_now_ms()));
	return sql_find(r, find_sql, row);
}

static enum rc
probe(struct req *r, bool *mine)
{
	struct row row;

	req_set(r, "b_probe",
	    val_int(clock_now_ms() + conf->peer_timeout_ms + PROBE_MARGIN_MS));
	if (req_begin(r, DB_WRITE) || sql_find(r, probe_sql, &row) ||
	    req_commit(r))
		return r->rc;
	*mine = row.count > 0;
	return OK;
}

enum rc
circuit_ask(struct req *r, const char *provider, int64_t *until)
{
	int64_t now = clock_now_ms(), open;
	bool mine = false;
	struct row row;

	*until = 0;
	if (find(r, provider, &row))
		return r->rc;
	open = row_int(&row, "open_until");
	if (open == 0)
		return OK;
	*until = open;
	if (open > now)
		return OK;
	if (probe(r, &mine))
		return r->rc;
	*until = mine ? 0 : now + PROBE_AGAIN_MS;
	return OK;
}

/* How long nobody shall call after so many failures; 0: go on. */
static int64_t
wait_ms(int64_t failures)
{
	int64_t wait = conf->breaker_open_ms;

	if (failures < conf->breaker_failures)
		return 0;
	while (
	    failures-- > conf->breaker_failures && wait < CIRCUIT_WAIT_MAX_MS)
		wait *= 2;
	return wait < CIRCUIT_WAIT_MAX_MS ? wait : CIRCUIT_WAIT_MAX_MS;
}

enum rc
circuit_tell(struct req *r, const char *provider, const char *why)
{
	int64_t wait;
	struct row row;

	if (find(r, provider, &row))
		return r->rc;
	if (why == NULL)
		return row.count > 0 ? sql_do(r, close_sql) : OK;
	wait = wait_ms(row_int(&row, "failures") + 1);
	req_set(r, "b_open",
	    wait > 0 ? val_int(clock_now_ms() + wait) : val_null());
	req_set(r, "b_why", val_text(why));
	return sql_do(r, count_sql);
}

enum rc
circuit_read(struct req *r, const char *provider, struct circuit *out)
{
	struct row row;

	*out = (struct circuit) { .state = "closed" };
	if (find(r, provider, &row) || row.count == 0)
		return r->rc;
	out->failures = row_int(&row, "failures");
	out->open_until = row_int(&row, "open_until");
	out->why = row_text(&row, "last_error");
	if (out->open_until > 0)
		out->state =
		    out->open_until > clock_now_ms() ? "open" : "half-open";
	return OK;
}
