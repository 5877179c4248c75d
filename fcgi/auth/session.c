/* session.c - sign up, sign in, refresh, sign out, who am I. */
#include <string.h>

#include "auth/auth.h"
#include "dispatch.h"
#include "safe/pass.h"
#include "safe/token.h"

static const struct field signup_in[] = {
	{ "email", F_EMAIL, .need = true, .max = 254 },
	{ "password", F_TEXT, .need = true, .secret = true, .min = 10,
	    .max = 200 },
	{ "full_name", F_TEXT, .max = 200 },
	{ "organization_name", F_TEXT, .max = 200 },
	{ 0 },
};
static const struct field signin_in[] = {
	{ "email", F_TEXT, .need = true, .max = 254 },
	{ "password", F_TEXT, .need = true, .secret = true, .max = 200 },
	{ 0 },
};
static const struct field refresh_in[] = {
	{ "refresh_token", F_TEXT, .secret = true, .max = 200,
	    .about = "Without it, the cookie fd_refresh." },
	{ 0 },
};
static const struct field who_out[] = {
	{ "user", F_OBJECT },
	{ "expires_at", F_TIME },
	{ 0 },
};

SQL find_sql[] =
    "SELECT id, password_hash, active AS \"active:int\","
    " (SELECT account_id FROM membership m WHERE m.user_id = app_user.id"
    " ORDER BY m.created_at, m.account_id LIMIT 1) AS account_id"
    " FROM app_user WHERE email_folded = :folded";
SQL rehash_sql[] =
    "UPDATE app_user SET password_hash = :hash, updated_at = :now_ms"
    " WHERE id = :me";
SQL token_sql[] =
    "SELECT t.used_at AS \"used_at:int\", s.id AS session, s.user_id,"
    " s.account_id FROM refresh_token t JOIN session s"
    " ON s.id = t.session_id JOIN app_user u ON u.id = s.user_id"
    " WHERE t.hash = :token_hash AND t.expires_at > :now_ms"
    " AND s.expires_at > :now_ms AND s.revoked_at IS NULL"
    " AND u.active = 1";
SQL used_sql[] = "UPDATE refresh_token SET used_at = :now_ms"
		 " WHERE hash = :token_hash AND used_at IS NULL";
SQL revoke_sql[] = "UPDATE session SET revoked_at = :now_ms"
		   " WHERE id = :session AND revoked_at IS NULL";
SQL signout_sql[] =
    "UPDATE session SET revoked_at = :now_ms WHERE revoked_at IS NULL"
    " AND (id = :session OR secret_hash = :secret_hash OR id ="
    " (SELECT session_id FROM refresh_token WHERE hash = :token_hash))";
SQL expiry_sql[] = "SELECT expires_at AS \"expires_at:int\" FROM session"
		   " WHERE id = :session";

static enum rc
signup(struct req *r)
{
	const char *hash = pass_hash(r->arena, req_text(r, "password"));
	struct grant g;
	enum rc rc;

	if (hash == NULL)
		return fail(r, E_BUSY, "too little memory to hash a password");
	rc = req_begin(r, DB_WRITE);
	if (rc == OK)
		rc = account_make(r, req_text(r, "email"), hash);
	if (rc == OK)
		rc = grant_open(r, &g);
	if (rc == OK)
		rc = req_commit(r);
	if (rc == OK)
		grant_tell(r, &g);
	return rc;
}

/* Count a failure, then say the same whether the e-mail is known or not. */
static enum rc
signin_fail(struct req *r, const char *key)
{
	enum rc rc = req_begin(r, DB_WRITE);

	if (rc == OK)
		rc = throttle_fail(r, key);
	if (rc == OK)
		rc = req_commit(r);
	return rc == OK ? fail(r, E_AUTH,
			      "the e-mail or the password is "
			      "wrong") :
			  rc;
}

static enum rc
signin_open(struct req *r, const struct row *user, const char *key,
    struct grant *g)
{
	const char *password = req_text(r, "password");
	const char *hash = NULL;
	enum rc rc;

	if (pass_stale(row_text(user, "password_hash")))
		hash = pass_hash(r->arena, password);
	r->user = row_text(user, "id");
	req_set(r, "me", val_text(r->user));
	rc = req_begin(r, DB_WRITE);
	if (rc != OK)
		return rc;
	req_scope(r, row_text(user, "account_id"));
	req_set(r, "hash", val_text(hash));
	if (hash != NULL)
		rc = sql_do(r, rehash_sql);
	if (rc == OK)
		rc = throttle_clear(r, key);
	if (rc == OK)
		rc = grant_open(r, g);
	return rc == OK ? req_commit(r) : rc;
}

static enum rc
signin(struct req *r)
{
	const char *folded = str_lower(r->arena, req_text(r, "email"));
	const char *key = arena_printf(r->arena, "signin|%s", folded);
	struct row user;
	struct grant g;
	enum rc rc;

	req_set(r, "folded", val_text(folded));
	rc = req_begin(r, DB_READ);
	if (rc == OK)
		rc = throttle_allow(r, key);
	if (rc == OK)
		rc = sql_find(r, find_sql, &user);
	if (rc == OK)
		rc = req_commit(r);
	if (rc != OK)
		return rc;
	/* an unknown e-mail costs the same time: pass_check(NULL) hashes too */
	if (!pass_check(row_text(&user, "password_hash"),
		req_text(r, "password")) ||
	    row_int(&user, "active") == 0 ||
	    row_text(&user, "account_id") == NULL)
		return signin_fail(r, key);
	rc = signin_open(r, &user, key, &g);
	if (rc == OK)
		grant_tell(r, &g);
	return rc;
}

static enum rc
refresh_refuse(struct req *r)
{
	grant_forget(r);
	return fail(r, E_AUTH,
	    "the refresh token is not valid; sign in "
	    "again");
}

/*
 * Each token is good for one refresh. Two tabs may send the same one at
 * almost the same time, so a used one still works for a moment; after that
 * its coming again means that somebody has copied it, and the session ends.
 */
static enum rc
refresh_take(struct req *r, struct grant *g, bool *stolen)
{
	struct row t;
	enum rc rc = sql_find(r, token_sql, &t);
	struct val used = row_val(&t, "used_at");

	if (rc != OK)
		return rc;
	if (t.count == 0)
		return refresh_refuse(r);
	r->session = row_text(&t, "session");
	r->user = row_text(&t, "user_id");
	req_set(r, "session", val_text(r->session));
	req_scope(r, row_text(&t, "account_id"));
	if (used.type == VAL_INT && used.i < r->now_ms - REFRESH_GRACE_MS) {
		*stolen = true;
		return sql_do(r, revoke_sql);
	}
	rc = sql_do(r, used_sql);
	return rc == OK ? grant_renew(r, g) : rc;
}

/* The refresh token of the body, else of the cookie; may be NULL. */
static const char *
refresh_given(struct req *r)
{
	const char *token = req_text(r, "refresh_token");

	return token != NULL ?
	    token :
	    http_cookie(r->arena, req_header(r, "Cookie"), "fd_refresh");
}

static enum rc
refresh(struct req *r)
{
	const char *token = refresh_given(r);
	bool stolen = false;
	struct grant g;
	enum rc rc;

	if (token == NULL || *token == '\0')
		return fail(r, E_AUTH,
		    "there is no refresh token; sign in "
		    "again");
	req_set(r, "token_hash", val_text(token_hash(r->arena, token)));
	rc = req_begin(r, DB_WRITE);
	if (rc == OK)
		rc = refresh_take(r, &g, &stolen);
	if (rc == OK)
		rc = req_commit(r);
	if (rc == OK && stolen)
		return refresh_refuse(r);
	if (rc == OK)
		grant_tell(r, &g);
	return rc;
}

static void
hash_set(struct req *r, const char *name, const char *secret)
{
	req_set(r, name,
	    val_text(secret != NULL ? token_hash(r->arena, secret) : NULL));
}

/*
 * Ends every session of which something was sent, be the access token still
 * valid or not. Whoever sends nothing is signed out already.
 */
static enum rc
signout(struct req *r)
{
	const char *secret =
	    http_cookie(r->arena, req_header(r, "Cookie"), auth_cookie_name());
	const char *token = refresh_given(r);
	enum rc rc = admit_member(r);

	if (rc != OK && rc != E_AUTH)
		return rc;
	r->rc = OK;
	r->reason = NULL;
	grant_forget(r);
	if (r->session == NULL && secret == NULL && token == NULL)
		return OK;
	req_set(r, "session", val_text(r->session));
	hash_set(r, "secret_hash", secret);
	hash_set(r, "token_hash", token);
	rc = req_begin(r, DB_WRITE);
	if (rc == OK)
		rc = sql_do(r, signout_sql);
	return rc == OK ? req_commit(r) : rc;
}

static enum rc
who_am_i(struct req *r)
{
	struct row row, user;
	enum rc rc = sql_row(r, expiry_sql, &row);

	if (rc == OK)
		rc = user_read(r, &user);
	if (rc != OK)
		return rc;
	jout_open(&r->json_out, '{');
	user_tell(r, &user);
	jout_put_time(&r->json_out, "expires_at", row_int(&row, "expires_at"));
	jout_close(&r->json_out, '}');
	return OK;
}

static const struct route routes[] = {
	{ "POST", "/auth/signup", .status = 201, .who = ANYONE, .pool = AUTH,
	    .tx = TX_OWN, .in = signup_in, .out = session_out, .run = signup,
	    .about = "Make a user and its account, signed in" },
	{ "POST", "/auth/signin", .who = ANYONE, .pool = AUTH, .tx = TX_OWN,
	    .in = signin_in, .out = session_out, .run = signin,
	    .about = "Sign in with e-mail and password" },
	{ "POST", "/auth/refresh", .who = ANYONE, .tx = TX_OWN,
	    .flags = OPTIONAL, .in = refresh_in, .out = session_out,
	    .run = refresh, .about = "New tokens for a session" },
	{ "POST", "/auth/signout", .status = 204, .who = ANYONE, .tx = TX_OWN,
	    .flags = OPTIONAL | LAX, .in = refresh_in, .run = signout,
	    .about = "End the session" },
	{ "GET", "/auth/session", .out = who_out, .run = who_am_i,
	    .about = "Who is signed in" },
	{ 0 },
};
const struct resource account_session = { "account_session",
	"Sign-in: one session as cookie and as bearer token", routes };
