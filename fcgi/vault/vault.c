/* vault.c - credentials of providers: sealed in, opened for those who call. */
#include <string.h>

#include "safe/seal.h"
#include "vault/vault.h"

#define TAIL  4 /* characters of a secret that are shown */
#define SHORT 8 /* with fewer, a third at most */

SQL find_sql[] = "SELECT id, sealed, preview, account_sid, phone_number"
		 " FROM my_credential WHERE kind = :v_kind";
SQL put_sql[] =
    "INSERT INTO credential (id, account_id, kind, sealed, key_id, preview,"
    " account_sid, phone_number, created_at, updated_at)"
    " VALUES (:v_id, app_account(), :v_kind, :v_sealed, :v_key_id,"
    " :v_preview, :v_sid, :v_number, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, kind) DO UPDATE SET"
    " sealed = excluded.sealed, key_id = excluded.key_id,"
    " preview = excluded.preview, account_sid = excluded.account_sid,"
    " phone_number = excluded.phone_number, updated_at = :now_ms";
SQL drop_sql[] = "DELETE FROM credential WHERE account_id = app_account()"
		 " AND kind = :v_kind";
SQL_WHOLE accounts_sql[] =
    "SELECT DISTINCT account_id FROM membership ORDER BY account_id";
SQL stale_sql[] =
    "SELECT id, sealed FROM my_credential WHERE key_id <> :v_key_id"
    " ORDER BY id";
SQL again_sql[] = "UPDATE credential SET sealed = :v_sealed, key_id = :v_key_id"
		  " WHERE account_id = app_account() AND id = :v_id"
		  " AND sealed = :v_old RETURNING id";
SQL token_stale_sql[] =
    "SELECT id, sealed FROM my_twilio_token WHERE key_id <> :v_key_id"
    " ORDER BY id";
SQL token_again_sql[] =
    "UPDATE twilio_token SET sealed = :v_sealed, key_id = :v_key_id"
    " WHERE account_id = app_account() AND id = :v_id"
    " AND sealed = :v_old RETURNING id";

/* Tables with a column `sealed`. */
static const struct sealed {
	const char *table;
	const char *stale;
	const char *again;
} tables[] = {
	{ "credential", stale_sql, again_sql },
	{ "twilio_token", token_stale_sql, token_again_sql },
};

static struct seal_place
place(const struct req *r, const char *id)
{
	return (struct seal_place) { r->account, "credential", id, "sealed" };
}

/* Start of the tail: after all but n characters of UTF-8 text. */
static const char *
tail(const char *s, size_t n)
{
	size_t skip = str_chars(s) - n;

	while (skip-- > 0)
		s += str_step(s, strlen(s));
	return s;
}

const char *
vault_preview(struct arena *a, const char *secret)
{
	size_t n = str_chars(secret);

	return arena_printf(a, "****%s",
	    tail(secret, n < SHORT ? n / 3 : TAIL));
}

const char *
vault_must(const char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n");
	for (n = 0; s[n] > ' ' && s[n] <= '~'; n++)
		;
	return n > 0 && s[n + strspn(s + n, " \t\r\n")] == '\0' ?
	    NULL :
	    "letters, digits and signs, without blanks";
}

const char *
vault_field(struct req *r, const char *name)
{
	const char *s = req_text(r, name);

	if (s == NULL || *s == '\0')
		return NULL;
	s = str_trim(r->arena, s);
	if (s == NULL)
		(void)fail(r, E_INTERNAL, "out of memory");
	return s;
}

static const char *
name_of(const char *kind)
{
	if (str_eq(kind, VAULT_TWILIO))
		return "Twilio token";
	return str_starts(kind, VAULT_SIKKA) ? "Sikka credentials" : "Vapi key";
}

enum rc
vault_open(struct req *r, const char *kind, const char **secret,
    struct row *meta)
{
	struct seal_place at;
	struct row row;

	*secret = NULL;
	if (meta != NULL)
		memset(meta, 0, sizeof(*meta));
	req_set(r, "v_kind", val_text(kind));
	if (sql_find(r, find_sql, &row) || row.count == 0)
		return r->rc;
	at = place(r, row_text(&row, "id"));
	*secret = seal_open(r->arena, &at, row_text(&row, "sealed"));
	if (*secret == NULL) {
		log_msg(LOG_ERROR,
		    "credential %s of account %s does not open:"
		    " is its key missing?",
		    at.row, at.account);
		return fail(r, E_INTERNAL,
		    "the stored %s cannot be opened; "
		    "save it again",
		    name_of(kind));
	}
	if (meta != NULL)
		*meta = row;
	return OK;
}

/* The id a kind has already, because the envelope is bound to it. */
static enum rc
bind_id(struct req *r)
{
	struct row row;

	if (sql_find(r, find_sql, &row))
		return r->rc;
	if (row.count > 0)
		req_set(r, "v_id", row_val(&row, "id"));
	else
		(void)req_new_id(r, "v_id");
	return r->rc;
}

enum rc
vault_put(struct req *r, const struct vault_item *item)
{
	struct seal_place at;
	const char *sealed;

	req_set(r, "v_kind", val_text(item->kind));
	if (bind_id(r))
		return r->rc;
	at = place(r, req_text(r, "v_id"));
	sealed = seal_close(r->arena, &at, item->secret);
	if (sealed == NULL) {
		log_msg(LOG_ERROR, "nothing can be sealed: no key is loaded");
		return fail(r, E_INTERNAL, "something went wrong on our side");
	}
	req_set(r, "v_sealed", val_text(sealed));
	req_set(r, "v_key_id", val_int(seal_key_id(sealed)));
	req_set(r, "v_preview",
	    val_text(item->preview != NULL ?
		    item->preview :
		    vault_preview(r->arena, item->secret)));
	req_set(r, "v_sid", val_text(item->account_sid));
	req_set(r, "v_number", val_text(item->phone_number));
	return sql_do(r, put_sql);
}

enum rc
vault_drop(struct req *r, const char *kind)
{
	req_set(r, "v_kind", val_text(kind));
	return sql_do(r, drop_sql);
}

/* Seal one row with the current key, unless it was replaced meanwhile. */
static enum rc
reseal_row(struct req *r, const struct sealed *t, const struct row *row,
    int64_t *count)
{
	struct seal_place at = { r->account, t->table, row_text(row, "id"),
		"sealed" };
	const char *old = row_text(row, "sealed"), *secret, *sealed;
	struct row done;

	secret = seal_open(r->arena, &at, old);
	if (secret == NULL) {
		log_msg(LOG_ERROR,
		    "%s %s of account %s does not open:"
		    " left as it is",
		    t->table, at.row, at.account);
		return OK;
	}
	sealed = seal_close(r->arena, &at, secret);
	if (sealed == NULL)
		return fail(r, E_INTERNAL, "a credential cannot be sealed");
	req_set(r, "v_id", val_text(at.row));
	req_set(r, "v_old", val_text(old));
	req_set(r, "v_sealed", val_text(sealed));
	req_set(r, "v_key_id", val_int(seal_key_id(sealed)));
	if (sql_find(r, t->again, &done) == OK && done.count > 0)
		(*count)++;
	return r->rc;
}

/* One table of an account, one transaction; none when nothing is stale. */
static enum rc
reseal_table(struct req *r, const struct sealed *t, int64_t *count)
{
	struct row *list;

	req_set(r, "v_key_id", val_int(seal_current()));
	if (sql_rows(r, t->stale, &list) || list == NULL)
		return r->rc;
	if (req_begin(r, DB_WRITE))
		return r->rc;
	for (; list != NULL && r->rc == OK; list = list->next)
		if (reseal_row(r, t, list, count))
			return r->rc;
	return req_commit(r);
}

static enum rc
reseal_account(struct req *r, const char *account, int64_t *count)
{
	req_scope(r, account);
	for (size_t i = 0; i < COUNT(tables); i++)
		if (reseal_table(r, &tables[i], count))
			return r->rc;
	return r->rc;
}

enum rc
vault_reseal(struct req *r, int64_t *count)
{
	struct row *list;

	*count = 0;
	if (seal_current() == 0)
		return fail(r, E_INTERNAL, "no key is loaded");
	if (sql_rows(r, accounts_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next)
		if (reseal_account(r, row_text(list, "account_id"), count)) {
			req_rollback(r);
			return r->rc;
		}
	db_scope(r->db, NULL);
	r->account = NULL;
	return OK;
}
