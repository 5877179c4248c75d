/* directory.c - which accounts claim a number, an AccountSid, an assistant. */
#include "vault/vault.h"

SQL find_sql[] =
    "SELECT d.account_id FROM directory d LEFT JOIN number_proof p"
    " ON p.number = d.key AND p.account_id = d.account_id"
    " AND d.kind = 'number' WHERE d.kind = :d_kind AND d.key = :d_key"
    " ORDER BY CASE WHEN p.number IS NULL THEN 1 ELSE 0 END, d.account_id";
SQL put_sql[] = "INSERT INTO directory (kind, key, account_id)"
		" VALUES (:d_kind, :d_key, :account)"
		" ON CONFLICT (kind, key, account_id) DO NOTHING";
SQL drop_sql[] = "DELETE FROM directory WHERE kind = :d_kind AND key = :d_key"
		 " AND account_id = :account";
SQL stale_sql[] =
    "DELETE FROM directory WHERE account_id = :account AND kind = 'number'"
    " AND key NOT IN (SELECT number FROM my_studio WHERE number IS NOT NULL"
    " UNION SELECT phone_number FROM my_credential"
    " WHERE phone_number IS NOT NULL"
    " UNION SELECT number FROM my_phone_line WHERE status IN"
    " ('attaching', 'active', 'detaching'))";
SQL unproven_sql[] =
    "DELETE FROM number_proof WHERE account_id = :account AND number NOT IN"
    " (SELECT key FROM directory WHERE kind = 'number'"
    " AND account_id = :account)";
SQL fresh_sql[] =
    "INSERT INTO directory (kind, key, account_id)"
    " SELECT 'number', number, account_id FROM my_studio"
    " WHERE number IS NOT NULL"
    " UNION SELECT 'number', phone_number, account_id FROM my_credential"
    " WHERE phone_number IS NOT NULL"
    " UNION SELECT 'number', number, account_id FROM my_phone_line"
    " WHERE status IN ('attaching', 'active', 'detaching')"
    " ON CONFLICT (kind, key, account_id) DO NOTHING";

SQL stale_sid_sql[] =
    "DELETE FROM directory WHERE account_id = :account"
    " AND kind = 'twilio_sid' AND key NOT IN (SELECT account_sid"
    " FROM my_credential WHERE account_sid IS NOT NULL"
    " UNION SELECT account_sid FROM my_twilio_token)";
SQL fresh_sid_sql[] =
    "INSERT INTO directory (kind, key, account_id)"
    " SELECT 'twilio_sid', account_sid, account_id FROM my_credential"
    " WHERE account_sid IS NOT NULL"
    " UNION SELECT 'twilio_sid', account_sid, account_id FROM my_twilio_token"
    " WHERE account_sid IS NOT NULL"
    " ON CONFLICT (kind, key, account_id) DO NOTHING";

SQL rivals_sql[] =
    "SELECT DISTINCT o.account_id FROM directory d JOIN directory o"
    " ON o.kind = d.kind AND o.key = d.key AND o.account_id <> d.account_id"
    " WHERE d.kind = 'number' AND d.account_id = :account"
    " ORDER BY o.account_id";

static void
bind(struct req *r, const char *kind, const char *key)
{
	req_set(r, "d_kind", val_text(kind));
	req_set(r, "d_key", val_text(key));
}

enum rc
directory_find(struct req *r, const char *kind, const char *key,
    struct row **list)
{
	bind(r, kind, key);
	return sql_rows(r, find_sql, list);
}

enum rc
directory_put(struct req *r, const char *kind, const char *key)
{
	bind(r, kind, key);
	return sql_do(r, put_sql);
}

enum rc
directory_drop(struct req *r, const char *kind, const char *key)
{
	bind(r, kind, key);
	return sql_do(r, drop_sql);
}

static enum rc
render_later(struct req *r)
{
	return job_put(r, "/job/phone/render", r->account, NULL, r->now_ms);
}

/* What nginx says for a number hangs on how many accounts claim it. */
static enum rc
render_rivals(struct req *r)
{
	const char *mine = r->account;
	struct row *list;
	enum rc rc = sql_rows(r, rivals_sql, &list);

	for (; rc == OK && list != NULL; list = list->next) {
		req_scope(r, row_text(list, "account_id"));
		rc = render_later(r);
	}
	req_scope(r, mine);
	return rc;
}

enum rc
directory_numbers(struct req *r)
{
	if (render_rivals(r) || sql_do(r, stale_sql) || sql_do(r, fresh_sql) ||
	    sql_do(r, unproven_sql) || render_rivals(r))
		return r->rc;
	return render_later(r);
}

enum rc
directory_sids(struct req *r)
{
	if (sql_do(r, stale_sid_sql))
		return r->rc;
	return sql_do(r, fresh_sid_sql);
}
