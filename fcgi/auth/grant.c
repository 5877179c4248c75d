/* grant.c - a session's tokens: made, told to their owner, taken back. */
#include <string.h>

#include "auth/auth.h"
#include "base/conf.h"
#include "safe/jwt.h"
#include "safe/token.h"

SQL session_sql[] =
    "INSERT INTO session (id, user_id, account_id, secret_hash, remote, agent,"
    " created_at, expires_at) VALUES (:session, :me, :account, :secret_hash,"
    " :remote, :agent, :now_ms, :expires_at)";
SQL extend_sql[] =
    "UPDATE session SET expires_at = :expires_at WHERE id = :session";
SQL refresh_sql[] =
    "INSERT INTO refresh_token (hash, session_id, created_at, expires_at)"
    " VALUES (:refresh_hash, :session, :now_ms, :expires_at)";
SQL user_sql[] =
    "SELECT u.id, u.email, p.full_name, m.role, m.account_id,"
    " coalesce(p.onboarding_completed, 0) AS \"onboarding_completed:bool\""
    " FROM app_user u JOIN membership m ON m.user_id = u.id"
    " AND m.account_id = app_account() LEFT JOIN my_profile p"
    " ON p.user_id = u.id WHERE u.id = :me";

static const struct field user_out[] = {
	{ "id", F_ID },
	{ "email", F_EMAIL },
	{ "full_name", F_TEXT },
	{ "role", F_TEXT },
	{ "account_id", F_ID },
	{ "onboarding_completed", F_BOOL },
	{ 0 },
};
const struct field session_out[] = {
	{ "access_token", F_TEXT },
	{ "token_type", F_TEXT },
	{ "expires_in", F_INT },
	{ "expires_at", F_INT },
	{ "refresh_token", F_TEXT },
	{ "user", F_OBJECT, .sub = user_out },
	{ 0 },
};

enum rc
grant_renew(struct req *r, struct grant *g)
{
	struct jwt jwt = { .issuer = conf->public_url,
		.user = r->user,
		.session = r->session,
		.issued_s = r->now_ms / 1000 };
	enum rc rc;

	g->secret = NULL;
	g->expires_s = jwt.expires_s = jwt.issued_s + ACCESS_S;
	g->access = jwt_make(r->arena, &jwt);
	g->refresh = token_new(r->arena, "fdr_");
	if (g->access == NULL || g->refresh == NULL)
		return fail(r, E_INTERNAL,
		    "no token can be made; is there a "
		    "key file?");
	req_set(r, "session", val_text(r->session));
	req_set(r, "expires_at", val_int(r->now_ms + SESSION_MS));
	req_set(r, "refresh_hash", val_text(token_hash(r->arena, g->refresh)));
	rc = sql_do(r, refresh_sql);
	if (rc == OK)
		rc = sql_do(r, extend_sql);
	return rc == OK ? user_read(r, &g->user) : rc;
}

enum rc
grant_open(struct req *r, struct grant *g)
{
	const char *secret = token_new(r->arena, "fds_");
	const char *agent = req_header(r, "User-Agent");
	enum rc rc;

	if (secret == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	r->session = req_new_id(r, "session");
	req_set(r, "me", val_text(r->user));
	req_set(r, "secret_hash", val_text(token_hash(r->arena, secret)));
	req_set(r, "remote", val_text(r->remote));
	req_set(r, "agent",
	    agent == NULL ?
		val_null() :
		val_text(str_utf8(agent, strlen(agent)) && strlen(agent) < 300 ?
			agent :
			"other"));
	req_set(r, "expires_at", val_int(r->now_ms + SESSION_MS));
	rc = sql_do(r, session_sql);
	if (rc == OK)
		rc = grant_renew(r, g);
	g->secret = secret;
	return rc;
}

static void
cookie_put(struct req *r, const char *name, const char *value, const char *path,
    int64_t age_s)
{
	bool safe = str_starts(conf->public_url, "https://");

	req_head(r, "Set-Cookie",
	    arena_printf(r->arena,
		"%s=%s; Path=%s; "
		"Max-Age=%lld; HttpOnly; SameSite=Lax%s",
		name, value, path, (long long)age_s, safe ? "; Secure" : ""));
}

void
grant_forget(struct req *r)
{
	cookie_put(r, auth_cookie_name(), "", "/", 0);
	cookie_put(r, "fd_refresh", "", "/api", 0);
}

enum rc
user_read(struct req *r, struct row *user)
{
	req_set(r, "me", val_text(r->user));
	return sql_row(r, user_sql, user);
}

void
user_tell(struct req *r, const struct row *user)
{
	jout_name(&r->json_out, "user");
	jout_open(&r->json_out, '{');
	row_json(&r->json_out, user);
	jout_close(&r->json_out, '}');
}

void
grant_tell(struct req *r, const struct grant *g)
{
	struct jout *j = &r->json_out;

	if (g->secret != NULL)
		cookie_put(r, auth_cookie_name(), g->secret, "/",
		    SESSION_MS / 1000);
	cookie_put(r, "fd_refresh", g->refresh, "/api", SESSION_MS / 1000);
	jout_open(j, '{');
	jout_put_str(j, "access_token", g->access);
	jout_put_str(j, "token_type", "bearer");
	jout_put_int(j, "expires_in", ACCESS_S);
	jout_put_int(j, "expires_at", g->expires_s);
	jout_put_str(j, "refresh_token", g->refresh);
	user_tell(r, &g->user);
	jout_close(j, '}');
}
