/* member.c - who is signed in: bearer token or cookie, to a session row. */
#include "auth/auth.h"
#include "base/conf.h"
#include "dispatch.h"
#include "safe/jwt.h"
#include "safe/token.h"

#define WHO \
	"SELECT s.id, s.user_id, s.account_id, m.role FROM session s" \
	" JOIN app_user u ON u.id = s.user_id" \
	" JOIN membership m ON m.account_id = s.account_id" \
	" AND m.user_id = s.user_id" \
	" WHERE s.expires_at > :now_ms AND s.revoked_at IS NULL" \
	" AND u.active = 1"

SQL by_id_sql[] = WHO " AND s.id = :session";
SQL by_secret_sql[] = WHO " AND s.secret_hash = :secret_hash";

const char *
auth_cookie_name(void)
{
	return str_starts(conf->public_url, "https://") ? "__Host-fd_session" :
							  "fd_session";
}

static enum rc
nobody(struct req *r)
{
	return fail(r, E_AUTH, "sign in first");
}

static enum rc
take(struct req *r, const char *sql, enum via via)
{
	struct row who;
	enum rc rc;

	req_set(r, "now_ms", val_int(r->now_ms));
	rc = sql_find(r, sql, &who);
	if (rc != OK)
		return rc;
	if (who.count == 0)
		return fail(r, E_AUTH, "the session has ended; sign in again");
	r->via = via;
	r->session = row_text(&who, "id");
	r->user = row_text(&who, "user_id");
	r->role = row_text(&who, "role");
	req_scope(r, row_text(&who, "account_id"));
	req_set(r, "session", val_text(r->session));
	return OK;
}

enum rc
admit_member(struct req *r)
{
	const char *header = req_header(r, "Authorization");
	const char *cookies = req_header(r, "Cookie");
	const char *secret;
	struct jwt jwt;

	if (header != NULL && *header != '\0') {
		const char *token = http_bearer(header);

		if (token == NULL ||
		    !jwt_read(r->arena, token, conf->public_url, r->now_ms,
			&jwt))
			return fail(r, E_AUTH,
			    "the access token is not "
			    "valid; refresh it or sign in again");
		req_set(r, "session", val_text(jwt.session));
		return take(r, by_id_sql, VIA_BEARER);
	}
	if (cookies == NULL)
		return nobody(r);
	secret = http_cookie(r->arena, cookies, auth_cookie_name());
	if (secret == NULL || *secret == '\0')
		return nobody(r);
	req_set(r, "secret_hash", val_text(token_hash(r->arena, secret)));
	return take(r, by_secret_sql, VIA_COOKIE);
}
