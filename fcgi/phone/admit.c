/*
 * admit.c - whose number is it? A webhook of Twilio belongs to the account
 * whose token has signed it; the number called and the AccountSid only say
 * which accounts to try.
 */
#include <string.h>
#include <strings.h>

#include "base/conf.h"
#include "dispatch.h"
#include "safe/sign.h"
#include "vault/vault.h"

static bool
is_json(const struct req *r)
{
	const char *type = req_header(r, "Content-Type");

	return type != NULL && strncasecmp(type, "application/json", 16) == 0;
}

static enum rc
malformed(struct req *r, const char *what)
{
	r->code = "malformed";
	return fail(r, E_INPUT, "the body is not %s that can be used", what);
}

/* Texts at the top of a JSON body stand for the values of a form. */
static enum rc
read_json(struct req *r)
{
	const cJSON *m;
	const char *why;
	size_t n = 0;

	r->json = json_parse(r->arena, r->body, r->body_len, &why);
	if (!cJSON_IsObject(r->json))
		return malformed(r, "JSON");
	cJSON_ArrayForEach(m, r->json) n++;
	r->form.list = arena_get(r->arena, (n + 1) * sizeof(struct pair));
	if (r->form.list == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	cJSON_ArrayForEach(m, r->json) if (json_text(m) != NULL)
	    r->form.list[r->form.count++] =
	    (struct pair) { m->string, json_text(m) };
	return OK;
}

static bool
has_signed(struct req *r, const char *token, const char *url)
{
	const char *signature = req_header(r, "X-Twilio-Signature");

	if (is_json(r))
		return sign_twilio_body(r->arena, token, url, r->body,
		    r->body_len, signature);
	return sign_twilio(r->arena, token, url, &r->form, signature);
}

/*
 * Has one of the scoped account's tokens signed the request? The credential's
 * nearly always; else a further one of the AccountSid that is named.
 */
static enum rc
is_signed(struct req *r, const char *url, bool *good)
{
	struct vault_key *list;
	const char *token;
	enum rc rc = vault_open(r, VAULT_TWILIO, &token, NULL);

	*good = rc == OK && token != NULL && has_signed(r, token, url);
	if (rc != OK || *good)
		return rc;
	rc = vault_tokens(r, http_pair(&r->form, "AccountSid"), &list);
	for (; rc == OK && !*good && list->sid != NULL; list++)
		*good = has_signed(r, list->token, url);
	return rc;
}

/* Try the accounts that claim a value of the form. */
static enum rc
try_claims(struct req *r, const char *kind, const char *name, bool *good)
{
	const char *key = http_pair(&r->form, name);
	const char *url =
	    arena_printf(r->arena, "%s%s", conf->public_url, r->target);
	struct row *list = NULL;
	enum rc rc = OK;

	if (*good || key == NULL || *key == '\0')
		return OK;
	if (url == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	rc = directory_find(r, kind, key, &list);
	for (; rc == OK && !*good && list != NULL; list = list->next) {
		req_scope(r, row_text(list, "account_id"));
		rc = is_signed(r, url, good);
	}
	return rc;
}

enum rc
admit_twilio(struct req *r)
{
	bool good = false;
	enum rc rc = OK;

	if (is_json(r))
		rc = read_json(r);
	else if (!http_pairs(r->arena, r->body, r->body_len, &r->form))
		rc = malformed(r, "a form");
	if (rc == OK)
		rc = try_claims(r, DIRECTORY_NUMBER, "To", &good);
	if (rc == OK)
		rc = try_claims(r, DIRECTORY_NUMBER, "Called", &good);
	if (rc == OK)
		rc = try_claims(r, DIRECTORY_SID, "AccountSid", &good);
	if (rc == OK && !good)
		rc = fail(r, E_DENIED,
		    "the signature of this webhook does "
		    "not fit the number's account");
	if (rc != OK)
		req_scope(r, NULL);
	else
		r->via = VIA_HOOK;
	return rc;
}
