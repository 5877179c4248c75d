/*
 * number_check.c - a daily job: which numbers are in the account's Twilio
 * accounts, and do they still lead here?
 */
#include "base/conf.h"
#include "phone/number.h"
#include "staff/task.h"
#include "vault/vault.h"

#define DAY_LONG (INT64_C(24) * 3600 * 1000)

SQL numbers_sql[] = "SELECT id, number, account_sid, status, routing, drift"
		    " FROM my_phone_line ORDER BY id";
SQL claims_sql[] = "SELECT key FROM directory WHERE kind = 'number'"
		   " AND account_id = :account ORDER BY key";
SQL proofs_sql[] = "SELECT number FROM number_proof"
		   " WHERE account_id = :account ORDER BY number";
SQL prove_sql[] = "INSERT INTO number_proof (number, account_id, proven_at)"
		  " VALUES (:proof_number, :account, :now_ms)"
		  " ON CONFLICT (number, account_id) DO UPDATE SET"
		  " proven_at = excluded.proven_at";
SQL unprove_sql[] = "DELETE FROM number_proof WHERE account_id = :account"
		    " AND number = :proof_number";
SQL drift_sql[] =
    "UPDATE phone_line SET drift = :drift, checked_at = :now_ms"
    " WHERE account_id = app_account() AND id = :n_id AND status = 'active'";
SQL adopt_sql[] = "UPDATE phone_line SET status = 'attaching', bought = 1"
		  " WHERE account_id = app_account() AND id = :n_id"
		  " AND status = 'failed' AND was IS NULL RETURNING id";

/* What Twilio said of one of its accounts. */
struct seen {
	const char *sid;
	const cJSON *list;
	struct seen *next;
};

/* All of the account's, and whether every one of them has answered. */
struct look {
	struct req *r;
	struct seen *seen;
	bool sandbox;
	bool known;
};

/* A token that is refused proves nothing: as if the list were empty. */
static enum rc
see(struct look *l, const char *sid)
{
	struct req *r = l->r;
	struct seen *s = arena_zero(r->arena, sizeof(*s));
	struct twilio_reply reply;
	struct twilio_form q;
	struct vault_key key;
	struct twilio t;

	if (s == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	if (vault_key(r, sid, &key) || key.sid == NULL)
		return r->rc;
	twilio_init(&t, r->arena, key.sid, key.token,
	    2 * conf->peer_timeout_ms);
	twilio_form(&t, &q);
	twilio_add(&q, "PageSize", "1000");
	twilio_list(&t, "/IncomingPhoneNumbers.json", "incoming_phone_numbers",
	    &q, &reply);
	r->peer_us += t.spent_us;
	l->sandbox = l->sandbox || t.sandbox;
	if (reply.end != TWILIO_OK && reply.end != TWILIO_KEY) {
		l->known = false;
		return OK;
	}
	*s = (struct seen) { sid, reply.end == TWILIO_OK ? reply.json : NULL,
		l->seen };
	l->seen = s;
	return OK;
}

/* The number as Twilio has it; sid: in this account only, NULL: in any. */
static const cJSON *
find(const struct look *l, const char *sid, const char *number)
{
	const cJSON *item;

	for (const struct seen *s = l->seen; s != NULL; s = s->next) {
		if (sid != NULL && !str_eq(s->sid, sid))
			continue;
		cJSON_ArrayForEach(item,
		    s->list) if (str_eq(json_path_text(item, "phone_number"),
				     number)) return item;
	}
	return NULL;
}

static bool
has(const struct row *list, const char *name, const char *text)
{
	for (; list != NULL; list = list->next)
		if (str_eq(row_text(list, name), text))
			return true;
	return false;
}

/* --- proofs
 * ------------------------------------------------------------------- */

static enum rc
proofs(struct look *l)
{
	struct req *r = l->r;
	struct row *claims, *old;
	bool changed = false;

	if (l->sandbox || !l->known)
		return OK;
	if (sql_rows(r, claims_sql, &claims) || sql_rows(r, proofs_sql, &old))
		return r->rc;
	for (; claims != NULL; claims = claims->next) {
		const char *number = row_text(claims, "key");
		bool mine = find(l, NULL, number) != NULL;
		bool was = has(old, "number", number);

		req_set(r, "proof_number", val_text(number));
		if ((mine && sql_do(r, prove_sql)) ||
		    (!mine && was && sql_do(r, unprove_sql)))
			return r->rc;
		changed = changed || mine != was;
	}
	return changed ? directory_numbers(r) : OK;
}

/* --- drift
 * -------------------------------------------------------------------- */

static const char *
drift_of(struct look *l, const struct row *row)
{
	struct number n = { .r = l->r, .row = *row };
	const cJSON *item =
	    find(l, row_text(row, "account_sid"), row_text(row, "number"));

	return item != NULL ? number_drift(&n, item) :
			      "the number is no longer in the Twilio account";
}

static enum rc
drift(struct look *l, const struct row *row)
{
	const char *now = drift_of(l, row), *old = row_text(row, "drift");
	struct req *r = l->r;

	req_set(r, "drift", val_text(now));
	if (sql_do(r, drift_sql) || now == NULL || str_eq(now, old))
		return r->rc;
	if (event_put(r, "number.drifted", row_text(row, "id"), NULL))
		return r->rc;
	return staff_task_put(r, "number", row_text(row, "id"),
	    arena_printf(r->arena,
		"The number %s: %s. Provision it again, or detach it.",
		row_text(row, "number"), now));
}

/* A purchase that nobody believed in any more has come through. */
static enum rc
adopt(struct look *l, const struct row *row)
{
	struct req *r = l->r;
	struct row done;

	if (find(l, row_text(row, "account_sid"), row_text(row, "number")) ==
	    NULL)
		return OK;
	if (sql_find(r, adopt_sql, &done) || done.count == 0)
		return r->rc;
	return job_put(r, NUMBER_JOB, row_text(row, "id"), NULL, r->now_ms);
}

static bool
was_seen(const struct look *l, const char *sid)
{
	for (const struct seen *s = l->seen; s != NULL; s = s->next)
		if (str_eq(s->sid, sid) && s->list != NULL)
			return true;
	return false;
}

static enum rc
numbers(struct look *l)
{
	struct req *r = l->r;
	struct row *list;
	enum rc rc;

	if (sql_rows(r, numbers_sql, &list))
		return r->rc;
	for (rc = OK; rc == OK && list != NULL; list = list->next) {
		const char *status = row_text(list, "status");

		if (!was_seen(l, row_text(list, "account_sid")))
			continue;
		req_set(r, "n_id", row_val(list, "id"));
		if (str_eq(status, "active"))
			rc = drift(l, list);
		else if (str_eq(status, "failed"))
			rc = adopt(l, list);
	}
	return rc;
}

enum rc
number_check(struct req *r)
{
	struct look l = { .r = r, .known = true };
	struct row *sids;

	if (vault_sids(r, &sids))
		return r->rc;
	if (sids == NULL)
		return OK; /* no credentials: put again with the next ones */
	for (; sids != NULL; sids = sids->next)
		if (see(&l, row_text(sids, "account_sid")))
			return r->rc;
	if (!l.known && l.seen == NULL)
		return fail(r, E_PEER, "Twilio does not answer");
	if (req_begin(r, DB_WRITE) || proofs(&l) || numbers(&l) ||
	    job_put(r, CHECK_JOB, r->account, NULL, r->now_ms + DAY_LONG))
		return r->rc;
	return req_commit(r);
}
