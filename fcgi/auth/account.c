/* account.c - a new user with an account of its own. */
#include "analytics/track.h"
#include "auth/auth.h"

SQL account_sql[] =
    "INSERT INTO account (account_id, name, created_at, updated_at)"
    " VALUES (app_account(), coalesce(:organization_name, ''), :now_ms,"
    " :now_ms)";
SQL user_sql[] =
    "INSERT INTO app_user (id, email, email_folded, password_hash,"
    " created_at, updated_at) VALUES (:me, :email, :folded, :hash, :now_ms,"
    " :now_ms) ON CONFLICT (email_folded) DO NOTHING RETURNING id";
SQL member_sql[] =
    "INSERT INTO membership (account_id, user_id, role, created_at,"
    " updated_at) VALUES (:account, :me, 'admin', :now_ms, :now_ms)";
SQL profile_sql[] =
    "INSERT INTO profile (account_id, user_id, full_name, created_at,"
    " updated_at) VALUES (app_account(), :me, :full_name, :now_ms, :now_ms)";
SQL onboarding_sql[] =
    "INSERT INTO user_onboarding (account_id, user_id, created_at,"
    " updated_at) VALUES (app_account(), :me, :now_ms, :now_ms)";
SQL studio_sql[] =
    "INSERT INTO studio (account_id, organization_name, created_at,"
    " updated_at) VALUES (app_account(), :organization_name, :now_ms,"
    " :now_ms)";
SQL resource_sql[] =
    "INSERT INTO resource (id, account_id, name, kind, created_at,"
    " updated_at) VALUES (:account, app_account(), 'Front desk',"
    " 'practitioner', :now_ms, :now_ms)";

enum rc
account_make(struct req *r, const char *email, const char *hash)
{
	static const char *const rest[] = { account_sql, member_sql,
		profile_sql, onboarding_sql, studio_sql, resource_sql };
	struct row user;
	enum rc rc;

	r->user = req_new_id(r, "me");
	r->role = "admin";
	req_scope(r, req_new_id(r, "account"));
	req_set(r, "email", val_text(email));
	req_set(r, "folded", val_text(str_lower(r->arena, email)));
	req_set(r, "hash", val_text(hash));
	rc = sql_find(r, user_sql, &user);
	if (rc == OK && user.count == 0)
		rc = fail(r, E_CONFLICT,
		    "there is a user with this e-mail "
		    "already; sign in instead");
	for (size_t i = 0; i < COUNT(rest) && rc == OK; i++)
		rc = sql_do(r, rest[i]);
	if (rc == OK)
		rc = track_start(r, TRACK_ONBOARDING, r->user);
	return rc;
}
