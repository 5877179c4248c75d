/* twilio.c - Twilio's REST API: numbers, messages, calls, recordings. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/str.h"
#include "peer/fetch.h"
#include "peer/said.h"
#include "peer/twilio.h"
#include "wire/http.h"

#define VERSION_PATH "/2010-04-01/Accounts/"

bool
twilio_sid(const char *s, const char *kind)
{
	if (s == NULL || strlen(s) != TWILIO_SID || !str_starts(s, kind))
		return false;
	for (s += 2; *s != '\0'; s++)
		if (!isxdigit((unsigned char)*s))
			return false;
	return true;
}

void
twilio_init(struct twilio *t, struct arena *a, const char *account,
    const char *token, int64_t budget_ms)
{
	memset(t, 0, sizeof(*t));
	t->arena = a;
	t->account = account;
	t->token = token;
	t->sandbox =
	    conf->sandbox_url[0] != '\0' && str_starts(token, "sandbox-");
	t->base = t->sandbox ? conf->sandbox_url : conf->twilio_url;
	t->until_us = clock_tick_us() + budget_ms * 1000;
}

void
twilio_form(struct twilio *t, struct twilio_form *f)
{
	buf_init(&f->buf, t->arena);
}

void
twilio_add(struct twilio_form *f, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (f->buf.len > 0)
		buf_char(&f->buf, '&');
	buf_str(&f->buf, name);
	buf_char(&f->buf, '=');
	buf_str(&f->buf, http_escape(f->buf.arena, value));
}

/* --- answers ---------------------------------------------------------------
 */

static enum twilio_end
end_of(int status)
{
	switch (status) {
	case 401:
	case 403:
		return TWILIO_KEY;
	case 404:
		return TWILIO_GONE;
	case 408:
		return TWILIO_UNKNOWN;
	case 409:
	case 429:
		return TWILIO_LATER;
	default:
		return status >= 400 && status < 500 ? TWILIO_REFUSED :
						       TWILIO_UNKNOWN;
	}
}

/* The sentence of an error body, unless it repeats the token. */
static const char *
message_of(struct twilio *t, const cJSON *json, int status)
{
	const char *said =
	    said_line(t->arena, json_text(json_get(json, "message")));

	if (said != NULL && strstr(said, t->token) == NULL)
		return said;
	return arena_printf(t->arena, "it answered with HTTP status %d",
	    status);
}

/* Make sense of an answer: only JSON with a 2xx is a success. */
static void
answer_read(struct twilio *t, const struct fetch_reply *f,
    struct twilio_reply *out)
{
	const char *why;
	cJSON *json = json_parse(t->arena, f->body, f->body_len, &why);
	const cJSON *code = json_get(json, "code");
	bool shape = cJSON_IsObject(json) || f->status == 204;

	if (f->status >= 200 && f->status < 300) {
		out->end = shape ? TWILIO_OK : TWILIO_UNKNOWN;
		out->json = shape ? json : NULL;
		out->message = shape ? NULL : "its answer cannot be read";
		return;
	}
	if (cJSON_IsNumber(code) && code->valuedouble > 0 &&
	    code->valuedouble < 1e6)
		out->code = (int64_t)code->valuedouble;
	out->end = end_of(f->status);
	out->message = message_of(t, json, f->status);
}

/* Without the query: it may name people. */
static void
call_log(const struct fetch *f, const struct fetch_reply *reply, int64_t us)
{
	char url[300];
	struct log_line l;

	snprintf(url, sizeof(url), "%.*s", (int)strcspn(f->url, "?"), f->url);
	log_begin(&l,
	    reply->status >= 200 && reply->status < 300 ? LOG_INFO : LOG_WARN,
	    "twilio");
	log_str(&l, "method", f->method);
	log_str(&l, "url", url);
	log_int(&l, "status", reply->status);
	log_int(&l, "us", us);
	if (reply->end != FETCH_ANSWERED)
		log_str(&l, "why", reply->why);
	log_end(&l);
}

/* --- calls ------------------------------------------------------------------
 */

static void
ask(struct twilio *t, struct fetch *f, struct fetch_reply *reply)
{
	int64_t start = clock_tick_us(), left = (t->until_us - start) / 1000;

	f->user = t->account;
	f->password = t->token;
	f->timeout_ms =
	    left < conf->peer_timeout_ms ? left : conf->peer_timeout_ms;
	fetch_call(t->arena, f, reply);
	t->spent_us += clock_tick_us() - start;
	call_log(f, reply, clock_tick_us() - start);
}

static void
call(struct twilio *t, struct fetch *f, struct twilio_reply *out)
{
	struct fetch_reply reply;

	memset(out, 0, sizeof(*out));
	if (f->url == NULL) {
		out->end = TWILIO_LATER;
		out->message = "out of memory";
		return;
	}
	ask(t, f, &reply);
	out->status = reply.status;
	if (reply.end == FETCH_ANSWERED)
		answer_read(t, &reply, out);
	else {
		out->end =
		    reply.end == FETCH_REFUSED ? TWILIO_LATER : TWILIO_UNKNOWN;
		out->message = "it did not answer";
	}
}

static const char *
url_of(struct twilio *t, const char *path, const struct twilio_form *query)
{
	bool more = query != NULL && query->buf.len > 0;

	if (query != NULL && query->buf.bad)
		return NULL;
	return arena_printf(t->arena, "%s" VERSION_PATH "%s%s%s%s", t->base,
	    t->account, path, more ? "?" : "",
	    more ? buf_text(&query->buf) : "");
}

void
twilio_get(struct twilio *t, const char *path, const struct twilio_form *query,
    struct twilio_reply *out)
{
	struct fetch f = { .method = "GET", .url = url_of(t, path, query) };

	call(t, &f, out);
}

void
twilio_post(struct twilio *t, const char *path, const struct twilio_form *form,
    struct twilio_reply *out)
{
	struct fetch f = { .method = "POST",
		.url = url_of(t, path, NULL),
		.type = "application/x-www-form-urlencoded",
		.body = "" };

	if (form != NULL) {
		f.body = buf_text(&form->buf);
		f.body_len = form->buf.len;
		if (form->buf.bad)
			f.url = NULL;
	}
	call(t, &f, out);
}

void
twilio_delete(struct twilio *t, const char *path, struct twilio_reply *out)
{
	struct fetch f = { .method = "DELETE", .url = url_of(t, path, NULL) };

	call(t, &f, out);
}

/* --- lists -------------------------------------------------------------------
 */

/* The next page's address: under the same base, or it is not followed. */
static const char *
next_of(struct twilio *t, const cJSON *page)
{
	const char *uri = json_text(json_get(page, "next_page_uri"));

	if (uri == NULL || *uri == '\0')
		return NULL;
	if (!str_starts(uri, VERSION_PATH) || strlen(uri) > 2000)
		return "";
	return arena_printf(t->arena, "%s%s", t->base, uri);
}

/* Move the things of one page into the list; false when there are none. */
static bool
page_take(struct twilio_reply *page, const char *noun, cJSON *list)
{
	cJSON *items = json_get(page->json, noun), *item;

	if (!cJSON_IsArray(items))
		return false;
	while ((item = cJSON_DetachItemFromArray(items, 0)) != NULL)
		cJSON_AddItemToArray(list, item);
	return true;
}

void
twilio_list(struct twilio *t, const char *path, const char *noun,
    const struct twilio_form *query, struct twilio_reply *out)
{
	cJSON *list = cJSON_CreateArray();
	struct fetch f = { .method = "GET", .url = url_of(t, path, query) };
	bool good = list != NULL;

	for (int i = 0; good && i <= TWILIO_PAGES; i++) {
		call(t, &f, out);
		if (out->end != TWILIO_OK)
			return;
		good = page_take(out, noun, list);
		f.url = good ? next_of(t, out->json) : "";
		if (f.url == NULL) {
			out->json = list;
			return;
		}
		good = good && f.url[0] != '\0';
	}
	out->end = TWILIO_UNKNOWN;
	out->json = NULL;
	out->message = "its answer is not a list that can be read";
}

/* --- recordings
 * ---------------------------------------------------------------
 */

void
twilio_recording(struct twilio *t, const char *sid, struct twilio_sound *out)
{
	const char *path = arena_printf(t->arena, "/Recordings/%s.mp3", sid);
	struct fetch f = { .method = "GET" };
	struct fetch_reply reply;

	memset(out, 0, sizeof(*out));
	out->end = TWILIO_LATER;
	if (path != NULL)
		f.url = url_of(t, path, NULL);
	if (f.url == NULL)
		return;
	ask(t, &f, &reply);
	if (reply.end != FETCH_ANSWERED) {
		out->end = TWILIO_UNKNOWN;
		return;
	}
	out->end = reply.status == 200 ? TWILIO_OK : end_of(reply.status);
	out->type = reply.type;
	out->data = reply.body;
	out->len = reply.body_len;
}
