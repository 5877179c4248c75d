/* control.c - Vapi's live call control: what moves a call to a human. */
#include <string.h>

#include "base/conf.h"
#include "hook/control.h"
#include "peer/fetch.h"

#define HOST_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-."
#define PATH_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ" HOST_CHARS "_~/?&=%+:,;@!"

/* Is url under the origin (scheme, host and port) of a setting? */
static bool
same_origin(const char *url, const char *base)
{
	const char *host = base != NULL ? strstr(base, "://") : NULL;
	size_t n;

	if (host == NULL)
		return false;
	n = (size_t)(host - base) + 3 + strcspn(host + 3, "/?#");
	return n > (size_t)(host - base) + 3 && strncmp(url, base, n) == 0 &&
	    url[n] == '/';
}

bool
control_allowed(const char *url)
{
	static const char suffix[] = ".vapi.ai";
	const size_t tail = sizeof(suffix) - 1;
	const char *host;
	size_t n;

	if (url == NULL || strlen(url) > 2000)
		return false;
	host = strstr(url, "://");
	if (host == NULL || host[3 + strspn(host + 3, PATH_CHARS)] != '\0')
		return false;
	if (same_origin(url, conf->vapi_url) ||
	    same_origin(url, conf->sandbox_url))
		return true;
	if (!str_starts(url, "https://"))
		return false;
	url += 8;
	n = strspn(url, HOST_CHARS);
	return n > tail && url[n] == '/' &&
	    memcmp(url + n - tail, suffix, tail) == 0;
}

enum rc
control_ask(struct req *r, const char *call, const char *number,
    const char *reason)
{
	struct buf b;
	struct jout j;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "from_number", number);
	jout_put_str(&j, "reason", reason);
	jout_close(&j, '}');
	return event_put(r, "handoff.requested", call, buf_text(&b));
}

static const char *
body_of(struct req *r)
{
	struct buf b;
	struct jout j;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "type", "transfer");
	jout_name(&j, "destination");
	jout_open(&j, '{');
	jout_put_str(&j, "type", "number");
	jout_put_str(&j, "number", json_path_text(r->json, "number"));
	jout_close(&j, '}');
	jout_put_str(&j, "content", json_path_text(r->json, "text"));
	jout_close(&j, '}');
	return buf_text(&b);
}

/* The call could not be moved: someone has to call back. */
static enum rc
give_up(struct req *r, const char *reason)
{
	enum rc rc = req_begin(r, DB_WRITE);

	if (rc == OK)
		rc = control_ask(r, req_text(r, "ref"),
		    json_path_text(r->json, "caller"), reason);
	return rc == OK ? req_commit(r) : rc;
}

enum rc
control_transfer(struct req *r)
{
	const char *body = body_of(r);
	const struct fetch f = { .method = "POST",
		.url = json_path_text(r->json, "url"),
		.type = "application/json",
		.body = body,
		.body_len = strlen(body),
		.timeout_ms = conf->peer_timeout_ms };
	const cJSON *until = json_get(r->json, "until");
	struct fetch_reply reply;

	if (!control_allowed(f.url))
		return give_up(r, "the call could not be transferred");
	if (cJSON_IsNumber(until) && (double)r->now_ms > until->valuedouble)
		return give_up(r, "the call could not be transferred in time");
	fetch_call(r->arena, &f, &reply);
	if (reply.end == FETCH_ANSWERED && reply.status / 100 == 2)
		return OK;
	if (reply.end == FETCH_ANSWERED && reply.status / 100 == 4 &&
	    reply.status != 429)
		return give_up(r, "the call could not be transferred");
	return fail(r, E_PEER, "the call could not be transferred yet");
}
