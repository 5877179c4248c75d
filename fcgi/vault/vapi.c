/* vapi.c - the account's key at Vapi, and the secret that Vapi sends us. */
#include "analytics/track.h"
#include "assistant/assistant.h"
#include "safe/token.h"
#include "setup/knowledge.h"
#include "user/onboarding.h"
#include "vault/vault.h"

static const struct field put_in[] = {
	{ "vapi_api_key", F_TEXT, .need = true, .secret = true, .max = 500,
	    .must = vault_must, .about = "The private API key" },
	{ "vapi_webhook_secret", F_TEXT, .secret = true, .min = 8, .max = 500,
	    .must = vault_must,
	    .about = "What Vapi sends as "
		     "X-Vapi-Secret; made up when there is none" },
	{ 0 }
};

SQL get_sql[] =
    "SELECT CASE WHEN c.id IS NULL THEN 0 ELSE 1 END AS \"has_vapi_key:bool\","
    " c.preview AS \"vapi_api_key_preview\" FROM my_account a"
    " LEFT JOIN my_credential c ON c.account_id = a.account_id"
    " AND c.kind = 'vapi_key'";

/*
 * The secret that proves webhooks to be Vapi's: the one given, else the one
 * there is, else a random one. Assistants carry it, so a new one goes out.
 */
static enum rc
webhook_put(struct req *r, const char *given)
{
	struct vault_item item = { .kind = VAULT_VAPI_WEBHOOK };
	const char *old;

	if (vault_open(r, VAULT_VAPI_WEBHOOK, &old, NULL))
		return r->rc;
	if (old != NULL && (given == NULL || token_same(old, given)))
		return assistant_push_all(r, false);
	item.secret = given != NULL ? given : token_new(r->arena, "whsec_");
	if (item.secret == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	if (vault_put(r, &item))
		return r->rc;
	return assistant_push_all(r, true);
}

/*
 * {"method"}: "inline" in the onboarding, "settings" where the page that asks
 * is the settings' or the onboarding is over. A key counts once.
 */
static enum rc
configured_event(struct req *r, const char *key)
{
	struct track t = { .name = "vapi_configured",
		.flow = TRACK_ONBOARDING,
		.run = r->user };
	const char *page = req_header(r, "Referer");
	int64_t at_ms;

	if (onboarding_when(r, &at_ms))
		return r->rc;
	t.cause = arena_printf(r->arena, "vapi_configured:%s",
	    vault_preview(r->arena, key));
	t.data =
	    at_ms != 0 || (page != NULL && strstr(page, "/settings") != NULL) ?
	    "{\"method\":\"settings\"}" :
	    "{\"method\":\"inline\"}";
	if (track_start(r, t.flow, t.run) || track_put(r, &t, NULL))
		return r->rc;
	return onboarding_step(r, "vapi", false);
}

/*
 * A key of another organisation at Vapi leaves the assistants as they are:
 * their rows name ids of the old one, and changing or deleting them then says
 * that Vapi does not know them. The old key, saved again, heals that.
 */
static enum rc
vapi_put(struct req *r)
{
	struct vault_item item = { .kind = VAULT_VAPI_KEY };
	const char *given;

	item.secret = vault_field(r, "vapi_api_key");
	given = vault_field(r, "vapi_webhook_secret");
	if (r->rc != OK)
		return r->rc;
	if (vault_put(r, &item) || webhook_put(r, given) ||
	    configured_event(r, item.secret) || knowledge_send(r))
		return r->rc;
	return sql_one(r, get_sql);
}

/*
 * The webhook secret stays while there are assistants: they go on calling us
 * with it, and a call in progress shall not break.
 */
static enum rc
vapi_drop(struct req *r)
{
	bool any;

	if (vault_drop(r, VAULT_VAPI_KEY) || assistant_any(r, &any))
		return r->rc;
	return any ? OK : vault_drop(r, VAULT_VAPI_WEBHOOK);
}

static const struct route routes[] = {
	{ "GET", "/vapi-settings", get_sql, ONE,
	    .about = "Is there a key, and how does it end?" },
	{ "POST", "/vapi-settings", get_sql, ONE, .who = ADMIN, .flags = LAX,
	    .in = put_in, .run = vapi_put, .about = "Store the key, sealed" },
	{ "DELETE", "/vapi-settings", .status = 204, .who = ADMIN,
	    .run = vapi_drop, .about = "Forget the key" },
	{ 0 }
};

const struct resource vault_vapi = { "vault_vapi", "The account's key at Vapi",
	routes };
