/* control.c - Vapi's live call control: what moves a call to a human. */
#include <string.h>

#include "base/conf.h"
#include "hook/control.h"
#include "peer/fetch.h"
#include "phone/transfer.h"

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

/* Vapi speaks to the human first where the call is on a line of its own. */
void
control_plan(struct jout *j, const char *words)
{
	jout_name(j, "transferPlan");
	jout_open(j, '{');
	if (words == NULL)
		jout_put_str(j, "mode", "warm-transfer-say-summary");
	else {
		jout_put_str(j, "mode", "warm-transfer-say-message");
		jout_put_str(j, "message", words);
	}
	jout_close(j, '}');
}

static const char *
body_of(struct req *r)
{
	const char *words = json_path_text(r->json, "words");
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
	if (words != NULL)
		control_plan(&j, words);
	jout_close(&j, '}');
	jout_put_str(&j, "content", json_path_text(r->json, "text"));
	jout_close(&j, '}');
	return buf_text(&b);
}

static enum rc
sent(struct req *r, const char *way)
{
	const char *id = json_path_text(r->json, "transfer");

	if (id == NULL)
		return OK;
	if (req_begin(r, DB_WRITE) || transfer_sent(r, id, way))
		return r->rc;
	return req_commit(r);
}

/* The call could not be moved: someone has to call back. */
static enum rc
give_up(struct req *r, const char *reason)
{
	bool open = false;

	if (req_begin(r, DB_WRITE) ||
	    transfer_end(r, req_text(r, "ref"), false, &open))
		return r->rc;
	if (!open &&
	    callback_put(r, req_text(r, "ref"),
		json_path_text(r->json, "caller"), reason))
		return r->rc;
	return req_commit(r);
}

/* Vapi will not: perhaps Twilio, whose call it is, can take it back. */
static enum rc
other_way(struct req *r, const char *reason)
{
	const char *id = json_path_text(r->json, "transfer");
	bool done = false;

	if (id != NULL && transfer_dial(r, id, &done))
		return r->rc;
	return done ? sent(r, "dial") : give_up(r, reason);
}

static enum rc
by_control(struct req *r, const char *url)
{
	const char *body = body_of(r);
	const struct fetch f = { .method = "POST",
		.url = url,
		.type = "application/json",
		.body = body,
		.body_len = strlen(body),
		.timeout_ms = conf->peer_timeout_ms };
	int64_t start = clock_tick_us();
	struct fetch_reply reply;

	fetch_call(r->arena, &f, &reply);
	r->peer_us += clock_tick_us() - start;
	if (reply.end == FETCH_ANSWERED && reply.status / 100 == 2)
		return sent(r, "control");
	if (reply.end == FETCH_ANSWERED && reply.status / 100 == 4 &&
	    reply.status != 429)
		return other_way(r, "the call could not be transferred");
	return fail(r, E_PEER, "the call could not be transferred yet");
}

enum rc
control_transfer(struct req *r)
{
	const char *url = json_path_text(r->json, "url");
	const cJSON *until = json_get(r->json, "until");

	if (cJSON_IsNumber(until) && (double)r->now_ms > until->valuedouble)
		return give_up(r, "the call could not be transferred in time");
	if (!control_allowed(url))
		return other_way(r, "the call could not be transferred");
	return by_control(r, url);
}
