/* vapi.c - the Vapi API: assistants and the lines that lead to them. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/str.h"
#include "peer/fetch.h"
#include "peer/vapi.h"
#include "safe/token.h"
#include "wire/http.h"

#define MESSAGE_MAX 300 /* bytes of a provider's sentence */

void
vapi_init(struct vapi *v, struct arena *a, const char *key, int64_t budget_ms)
{
	bool sandbox =
	    conf->sandbox_url[0] != '\0' && str_starts(key, "sandbox-");

	memset(v, 0, sizeof(*v));
	v->arena = a;
	v->key = key;
	v->base = sandbox ? conf->sandbox_url : conf->vapi_url;
	v->until_us = clock_tick_us() + budget_ms * 1000;
}

/* Text of others on one line and not too long; cut between characters. */
static void
message_add(struct buf *b, const char *s)
{
	size_t left = strlen(s), n;

	if (b->len > 0 && b->len < MESSAGE_MAX)
		buf_str(b, "; ");
	for (; (n = str_step(s, left)) > 0; s += n, left -= n) {
		if (b->len + n > MESSAGE_MAX) {
			buf_str(b, "…");
			return;
		}
		if (n == 1 && ((unsigned char)*s < ' ' || *s == 0x7f))
			buf_char(b, ' ');
		else
			buf_add(b, s, n);
	}
}

/* The sentence in an error body: `message` is a text or a list of them. */
static const char *
message_of(struct vapi *v, const cJSON *json, int status)
{
	const cJSON *m = json_get(json, "message"), *e;
	struct buf b;

	buf_init(&b, v->arena);
	if (json_text(m) != NULL)
		message_add(&b, json_text(m));
	else if (cJSON_IsArray(m))
		cJSON_ArrayForEach(e, m) if (json_text(e) != NULL &&
		    b.len < MESSAGE_MAX) message_add(&b, json_text(e));
	if (b.len > 0 && strstr(buf_text(&b), v->key) == NULL)
		return buf_text(&b);
	return arena_printf(v->arena, "it answered with HTTP status %d",
	    status);
}

static enum vapi_end
end_of(int status)
{
	switch (status) {
	case 401:
	case 403:
		return VAPI_KEY;
	case 404:
		return VAPI_GONE;
	case 408:
		return VAPI_UNKNOWN;
	case 409:
	case 429:
		return VAPI_LATER;
	default:
		return status >= 400 && status < 500 ? VAPI_REFUSED :
						       VAPI_UNKNOWN;
	}
}

/* Make sense of an answer: only JSON with a 2xx is a success. */
static void
answer_read(struct vapi *v, const struct fetch_reply *f, struct vapi_reply *out)
{
	const char *why;
	cJSON *json = json_parse(v->arena, f->body, f->body_len, &why);
	bool shape =
	    cJSON_IsObject(json) || cJSON_IsArray(json) || f->status == 204;

	if (f->status >= 200 && f->status < 300) {
		out->end = shape ? VAPI_OK : VAPI_UNKNOWN;
		out->json = shape ? json : NULL;
		out->message = shape ? NULL : "its answer cannot be read";
		return;
	}
	out->end = end_of(f->status);
	out->message = message_of(v, json, f->status);
}

static void
call_log(const struct fetch *f, const struct fetch_reply *reply, int64_t us)
{
	struct log_line l;

	log_begin(&l,
	    reply->status >= 200 && reply->status < 300 ? LOG_INFO : LOG_WARN,
	    "vapi");
	log_str(&l, "method", f->method);
	log_str(&l, "url", f->url);
	log_int(&l, "status", reply->status);
	log_int(&l, "us", us);
	if (reply->end != FETCH_ANSWERED)
		log_str(&l, "why", reply->why);
	log_end(&l);
}

/* Call what f says; key and time are put in here. */
static void
call_raw(struct vapi *v, struct fetch *f, struct vapi_reply *out)
{
	int64_t start = clock_tick_us(), left = (v->until_us - start) / 1000;
	struct fetch_reply reply;

	memset(out, 0, sizeof(*out));
	if (f->url == NULL) {
		out->end = VAPI_LATER;
		out->message = "out of memory";
		return;
	}
	f->bearer = v->key;
	f->timeout_ms =
	    left < conf->peer_timeout_ms ? left : conf->peer_timeout_ms;
	fetch_call(v->arena, f, &reply);
	v->spent_us += clock_tick_us() - start;
	call_log(f, &reply, clock_tick_us() - start);
	out->status = reply.status;
	if (reply.end == FETCH_ANSWERED)
		answer_read(v, &reply, out);
	else {
		out->end =
		    reply.end == FETCH_REFUSED ? VAPI_LATER : VAPI_UNKNOWN;
		out->message = "it did not answer";
	}
}

static void
call(struct vapi *v, const char *method, const char *url, const char *body,
    struct vapi_reply *out)
{
	struct fetch f = { .method = method, .url = url };

	if (body != NULL) {
		f.type = "application/json";
		f.body = body;
		f.body_len = strlen(body);
	}
	call_raw(v, &f, out);
}

static const char *
url_of(struct vapi *v, const char *noun, const char *id)
{
	const char *part = http_escape(v->arena, id);

	return part == NULL ?
	    NULL :
	    arena_printf(v->arena, "%s/%s/%s", v->base, noun, part);
}

/* What was made must have an id. */
static void
id_check(struct vapi_reply *out)
{
	if (out->end != VAPI_OK || json_text(json_get(out->json, "id")) != NULL)
		return;
	out->end = VAPI_UNKNOWN;
	out->json = NULL;
	out->message = "its answer names no id";
}

void
vapi_create(struct vapi *v, const char *noun, const char *body,
    struct vapi_reply *out)
{
	call(v, "POST", arena_printf(v->arena, "%s/%s", v->base, noun), body,
	    out);
	id_check(out);
}

/* A file's name inside quotes. */
static void
name_add(struct buf *b, const char *name)
{
	for (; *name != '\0'; name++)
		buf_char(b,
		    (unsigned char)*name < ' ' || strchr("\"\\", *name) ?
			'_' :
			*name);
}

void
vapi_upload(struct vapi *v, const struct vapi_file *file,
    struct vapi_reply *out)
{
	const char *mark = token_new(v->arena, "frontdesk-");
	struct fetch f = { .method = "POST" };
	struct buf b;

	buf_init(&b, v->arena);
	buf_printf(&b,
	    "--%s\r\nContent-Disposition: form-data; name=\"file\"; "
	    "filename=\"",
	    mark);
	name_add(&b, file->name);
	buf_printf(&b, "\"\r\nContent-Type: %s\r\n\r\n", file->type);
	buf_add(&b, file->data, file->len);
	buf_printf(&b, "\r\n--%s--\r\n", mark);
	f.type =
	    arena_printf(v->arena, "multipart/form-data; boundary=%s", mark);
	if (!b.bad && mark != NULL && f.type != NULL)
		f.url = arena_printf(v->arena, "%s/" VAPI_FILE, v->base);
	f.body = buf_text(&b);
	f.body_len = b.len;
	call_raw(v, &f, out);
	id_check(out);
}

void
vapi_patch(struct vapi *v, const char *noun, const char *id, const char *body,
    struct vapi_reply *out)
{
	call(v, "PATCH", url_of(v, noun, id), body, out);
}

void
vapi_delete(struct vapi *v, const char *noun, const char *id,
    struct vapi_reply *out)
{
	call(v, "DELETE", url_of(v, noun, id), NULL, out);
}

static void
list_check(struct vapi_reply *out)
{
	if (out->end != VAPI_OK || cJSON_IsArray(out->json))
		return;
	out->end = VAPI_UNKNOWN;
	out->json = NULL;
	out->message = "its answer is not a list";
}

void
vapi_list(struct vapi *v, const char *noun, int64_t since_ms,
    struct vapi_reply *out)
{
	char since[CLOCK_TEXT];
	const char *url;

	clock_text(since_ms, since);
	url = arena_printf(v->arena, "%s/%s?limit=%d%s%s", v->base, noun,
	    VAPI_LIST_MAX, since_ms > 0 ? "&createdAtGt=" : "",
	    since_ms > 0 ? http_escape(v->arena, since) : "");
	call(v, "GET", url, NULL, out);
	list_check(out);
}

void
vapi_files(struct vapi *v, struct vapi_reply *out)
{
	call(v, "GET", arena_printf(v->arena, "%s/" VAPI_FILE, v->base), NULL,
	    out);
	list_check(out);
}
