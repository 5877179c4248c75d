/*
 * admit.c - whose assistant is it? A webhook of Vapi belongs to the account
 * whose webhook secret it knows; what the body names only says which accounts
 * to try.
 */
#include "dispatch.h"
#include "safe/sign.h"
#include "vault/vault.h"

/* Bytes that may be hashed to find whose signature it is. */
#define HASHED_MAX ((size_t)32 << 20)

/* Where a message names its assistant or number; the first known one counts. */
static const struct {
	const char *path;
	const char *kind;
} claims[] = {
	{ "message.call.assistantId", DIRECTORY_ASSISTANT },
	{ "message.assistant.id", DIRECTORY_ASSISTANT },
	{ "message.call.assistant.id", DIRECTORY_ASSISTANT },
	{ "message.phoneNumber.assistantId", DIRECTORY_ASSISTANT },
	{ "message.phoneNumber.number", DIRECTORY_NUMBER },
	{ "message.call.phoneNumber.number", DIRECTORY_NUMBER },
};

static enum rc
candidates(struct req *r, struct row **list)
{
	enum rc rc = OK;

	*list = NULL;
	for (size_t i = 0; i < COUNT(claims) && rc == OK && *list == NULL;
	     i++) {
		const char *key = json_path_text(r->json, claims[i].path);

		if (key != NULL && *key != '\0')
			rc = directory_find(r, claims[i].kind, key, list);
	}
	return rc;
}

/* Does the request know the scoped account's webhook secret? */
static enum rc
knows_secret(struct req *r, bool *good)
{
	const struct sign_vapi given = {
		.secret = req_header(r, "X-Vapi-Secret"),
		.authorization = req_header(r, "Authorization"),
		.signature = req_header(r, "X-Signature"),
		.timestamp = req_header(r, "X-Timestamp"),
		.vapi_signature = req_header(r, "X-Vapi-Signature"),
	};
	const char *secret;
	enum rc rc = vault_open(r, VAULT_VAPI_WEBHOOK, &secret, NULL);

	*good = rc == OK && secret != NULL &&
	    sign_vapi(r->arena, &given, secret, r->body, r->body_len,
		r->now_ms);
	return rc;
}

/*
 * How many claims may be tried: a secret is compared at once, a signature
 * costs a look at the whole body each time, and anybody may claim a number.
 */
static size_t
tries_of(const struct req *r)
{
	if (req_header(r, "X-Signature") == NULL &&
	    req_header(r, "X-Vapi-Signature") == NULL)
		return SIZE_MAX;
	return HASHED_MAX / (r->body_len + 1) + 1;
}

enum rc
admit_vapi(struct req *r)
{
	struct row *list = NULL;
	size_t tries = tries_of(r);
	bool good = false;
	enum rc rc = check_json(r);

	if (rc == OK)
		rc = candidates(r, &list);
	for (; rc == OK && !good && list != NULL && tries-- > 0;
	     list = list->next) {
		req_scope(r, row_text(list, "account_id"));
		rc = knows_secret(r, &good);
	}
	if (rc == OK && !good)
		rc = fail(r, E_AUTH,
		    "the secret of this webhook does not "
		    "fit the assistant's account");
	if (rc != OK)
		req_scope(r, NULL);
	else
		r->via = VIA_HOOK;
	return rc;
}
