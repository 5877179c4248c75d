/*
 * number_vapi.c - numbers that are imported into Vapi, which then answers
 * them itself. It is given no assistant, so that each call asks us who shall
 * answer; a human's number is its fallback.
 */
#include "base/conf.h"
#include "phone/number.h"
#include "phone/oncall.h"
#include "vault/vault.h"

#define WAIT_S 7 /* Vapi waits 7.5 s for an assistant */

static enum rc
vapi_open(struct number *n, struct vapi *v, const char **secret)
{
	struct req *r = n->r;
	const char *key;

	if (vault_open(r, VAULT_VAPI_KEY, &key, NULL) ||
	    vault_open(r, VAULT_VAPI_WEBHOOK, secret, NULL))
		return r->rc;
	if (key == NULL)
		return fail(r, E_CONFLICT,
		    "there is no Vapi key; save one in the Vapi settings");
	vapi_init(v, r->arena, key, conf->peer_timeout_ms);
	return OK;
}

static enum rc
vapi_fail(struct number *n, const struct vapi_reply *reply)
{
	switch (reply->end) {
	case VAPI_KEY:
		return fail(n->r, E_CONFLICT,
		    "Vapi refuses the stored key; save a valid one");
	case VAPI_REFUSED:
		return fail(n->r, E_CONFLICT, "Vapi refuses the number: %s",
		    reply->message);
	default:
		return fail(n->r, E_PEER, "Vapi did not do this: %s",
		    reply->message);
	}
}

static void
server_write(struct jout *j, struct number *n, const char *secret)
{
	jout_name(j, "server");
	jout_open(j, '{');
	jout_put_str(j, "url",
	    arena_printf(n->r->arena, "%s/vapi/webhook", conf->public_url));
	jout_put_int(j, "timeoutSeconds", WAIT_S);
	if (secret != NULL) {
		jout_name(j, "headers");
		jout_open(j, '{');
		jout_put_str(j, "X-Vapi-Secret", secret);
		jout_close(j, '}');
	}
	jout_close(j, '}');
}

/* What Vapi shall know of the number; there: it has it already. */
static const char *
body_of(struct number *n, const char *secret, const char *human, bool there)
{
	struct jout j;
	struct buf b;

	buf_init(&b, n->r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	if (!there) {
		jout_put_str(&j, "provider", "twilio");
		jout_put_str(&j, "number", n->number);
		jout_put_str(&j, "name", n->number);
	}
	jout_put_str(&j, "twilioAccountSid", n->at.account);
	jout_put_str(&j, "twilioAuthToken", n->at.token);
	jout_put_bool(&j, "smsEnabled", false);
	server_write(&j, n, secret);
	if (human != NULL) {
		jout_name(&j, "fallbackDestination");
		jout_open(&j, '{');
		jout_put_str(&j, "type", "number");
		jout_put_str(&j, "number", human);
		jout_close(&j, '}');
	}
	jout_close(&j, '}');
	return b.bad ? NULL : buf_text(&b);
}

/* Vapi's id of the number, or NULL; reply->end: is that known? */
static const char *
find(struct number *n, struct vapi *v, struct vapi_reply *reply)
{
	const cJSON *item;

	vapi_list(v, VAPI_PHONE, 0, reply);
	if (reply->end != VAPI_OK)
		return NULL;
	cJSON_ArrayForEach(item,
	    reply->json) if (str_eq(json_path_text(item, "number"),
				 n->number) &&
	    json_path_text(item, "id") != NULL) return json_path_text(item,
	    "id");
	return NULL;
}

enum rc
number_import(struct number *n, const char **id)
{
	const char *secret = NULL, *body, *human = NULL;
	struct vapi_reply reply;
	struct vapi v;

	if (vapi_open(n, &v, &secret) || oncall_first(n->r, &human))
		return n->r->rc;
	*id = find(n, &v, &reply);
	body = body_of(n, secret, human, *id != NULL);
	if (reply.end == VAPI_OK && body != NULL) {
		if (*id != NULL)
			vapi_patch(&v, VAPI_PHONE, *id, body, &reply);
		else
			vapi_create(&v, VAPI_PHONE, body, &reply);
	}
	n->r->peer_us += v.spent_us;
	if (reply.end != VAPI_OK)
		return vapi_fail(n, &reply);
	if (*id == NULL)
		*id = json_path_text(reply.json, "id");
	return OK;
}

enum rc
number_export(struct number *n)
{
	const char *id = row_text(&n->row, "vapi_phone_id");
	const char *secret = NULL;
	struct vapi_reply reply;
	struct vapi v;

	/* an import of which nothing was heard has no id */
	if (id == NULL && !str_eq(row_text(&n->row, "routing"), "vapi"))
		return OK;
	if (vapi_open(n, &v, &secret))
		return n->r->rc;
	if (id == NULL)
		id = find(n, &v, &reply);
	if (id != NULL)
		vapi_delete(&v, VAPI_PHONE, id, &reply);
	n->r->peer_us += v.spent_us;
	if (reply.end == VAPI_OK || reply.end == VAPI_GONE)
		return OK;
	return vapi_fail(n, &reply);
}
