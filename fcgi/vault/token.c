/*
 * token.c - further tokens at Twilio: while an account's token is rotated the
 * old and the new one sign, and a subaccount signs with its own.
 */
#include "phone/number.h"
#include "safe/seal.h"
#include "vault/vault.h"

#define TOKENS_MAX 20

#define COLUMNS_SQL \
	"id, account_sid, preview AS auth_token_preview," \
	" created_at AS \"created_at:time\""

static const struct field add_in[] = {
	{ "account_sid", F_TEXT, .need = true, .max = 64,
	    .must = vault_sid_must,
	    .about = "The account or a subaccount of it" },
	{ "auth_token", F_TEXT, .need = true, .secret = true, .max = 200,
	    .must = vault_must },
	{ 0 }
};

static const struct field list_query[] = {
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

SQL list_sql[] = "SELECT " COLUMNS_SQL " FROM my_twilio_token"
		 " WHERE id < COALESCE(CAST(:cursor AS TEXT), 'g')"
		 " ORDER BY id DESC LIMIT :limit";
SQL get_sql[] = "SELECT " COLUMNS_SQL " FROM my_twilio_token WHERE id = :id";
SQL count_sql[] = "SELECT count(*) AS \"n:int\" FROM my_twilio_token";
SQL add_sql[] =
    "INSERT INTO twilio_token (id, account_id, account_sid, sealed, key_id,"
    " preview, created_at, updated_at) VALUES (:id, app_account(),"
    " :account_sid, :t_sealed, :t_key_id, :t_preview, :now_ms, :now_ms)";
SQL drop_sql[] = "DELETE FROM twilio_token WHERE account_id = app_account()"
		 " AND id = :id";
SQL tokens_sql[] = "SELECT id, account_sid, sealed FROM my_twilio_token"
		   " WHERE account_sid = :t_sid ORDER BY id DESC";
SQL sids_sql[] =
    "SELECT account_sid, 0 AS rank FROM my_credential WHERE kind = 'twilio'"
    " UNION SELECT t.account_sid, 1 AS rank FROM my_twilio_token t"
    " WHERE NOT EXISTS (SELECT 1 FROM my_credential c"
    " WHERE c.kind = 'twilio' AND c.account_sid = t.account_sid)"
    " ORDER BY 2, 1";

static struct seal_place
place(const struct req *r, const char *id)
{
	return (struct seal_place) { r->account, "twilio_token", id, "sealed" };
}

enum rc
vault_sids(struct req *r, struct row **list)
{
	return sql_rows(r, sids_sql, list);
}

enum rc
vault_tokens(struct req *r, const char *sid, struct vault_key **list)
{
	size_t n = 0;
	struct row *rows;
	struct vault_key *out =
	    arena_zero(r->arena, (TOKENS_MAX + 1) * sizeof(*out));

	*list = out;
	req_set(r, "t_sid", val_text(sid));
	if (out == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	if (sid == NULL || sql_rows(r, tokens_sql, &rows))
		return r->rc;
	for (; rows != NULL && n < TOKENS_MAX; rows = rows->next) {
		struct seal_place at = place(r, row_text(rows, "id"));
		const char *token =
		    seal_open(r->arena, &at, row_text(rows, "sealed"));

		if (token != NULL)
			out[n++] = (struct vault_key) { sid, token };
		else
			log_msg(LOG_ERROR,
			    "twilio_token %s of account %s does not open:"
			    " is its key missing?",
			    at.row, at.account);
	}
	return OK;
}

enum rc
vault_key(struct req *r, const char *sid, struct vault_key *out)
{
	struct vault_key *list;
	const char *token;
	struct row meta;

	*out = (struct vault_key) { NULL, NULL };
	if (vault_open(r, VAULT_TWILIO, &token, &meta))
		return r->rc;
	if (token != NULL &&
	    (sid == NULL || str_eq(row_text(&meta, "account_sid"), sid))) {
		*out = (struct vault_key) { row_text(&meta, "account_sid"),
			token };
		return OK;
	}
	if (sid == NULL || vault_tokens(r, sid, &list))
		return r->rc;
	*out = list[0];
	return OK;
}

static enum rc
token_add(struct req *r)
{
	const char *secret = vault_field(r, "auth_token"), *sealed;
	const char *id = req_new_id(r, "id");
	struct seal_place at = place(r, id);
	struct row n;

	if (r->rc != OK || sql_row(r, count_sql, &n))
		return r->rc;
	if (row_int(&n, "n") >= TOKENS_MAX)
		return fail(r, E_LIMIT,
		    "there are %d tokens already; remove old ones", TOKENS_MAX);
	sealed = seal_close(r->arena, &at, secret);
	if (sealed == NULL)
		return fail(r, E_INTERNAL, "something went wrong on our side");
	req_set(r, "t_sealed", val_text(sealed));
	req_set(r, "t_key_id", val_int(seal_key_id(sealed)));
	req_set(r, "t_preview", val_text(vault_preview(r->arena, secret)));
	if (sql_do(r, add_sql) || directory_sids(r) || number_push_all(r))
		return r->rc;
	return sql_one(r, get_sql);
}

static enum rc
token_drop(struct req *r)
{
	if (sql_must(r, drop_sql))
		return r->rc;
	return directory_sids(r);
}

static const struct route routes[] = {
	{ "GET", "/twilio/tokens", list_sql, MANY, .query = list_query,
	    .about = "Further tokens whose signatures count" },
	{ "POST", "/twilio/tokens", get_sql, ONE, 201, .who = ADMIN,
	    .in = add_in, .run = token_add,
	    .about = "Let another token sign: the next one of a rotation, or "
		     "a subaccount's" },
	{ "DELETE", "/twilio/tokens/:id", .status = 204, .who = ADMIN,
	    .run = token_drop, .about = "Its signatures count no more" },
	{ 0 }
};

const struct resource vault_token = { "vault_token", "Further tokens at Twilio",
	routes };
