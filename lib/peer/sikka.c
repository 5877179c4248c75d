/* sikka.c - the Sikka ONE API: keys, lists, writes. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/str.h"
#include "peer/fetch.h"
#include "peer/said.h"
#include "peer/sikka.h"

#define EARLY_MS   (INT64_C(5) * 60000) /* a key is renewed so early */
#define LIFE_MAX_S (INT64_C(7) * 86400) /* none is trusted longer */
#define LIFE_S	   86400		/* when it is not told */
#define JSON_TYPE  "application/json"

/* One call: what is sent beside the request key. */
struct ask {
	const char *method;
	const char *path;
	const char *query; /* or NULL; never logged: it may name people */
	const char *body;
	bool app; /* with App-Id and App-Key instead of the Request-Key */
};

void
sikka_init(struct sikka *s, struct arena *a, const struct sikka_app *app,
    int64_t budget_ms)
{
	bool sandbox = conf->sandbox_url[0] != '\0' && app->app_id != NULL &&
	    str_starts(app->app_id, "sandbox-");

	memset(s, 0, sizeof(*s));
	s->arena = a;
	s->app = *app;
	s->base = sandbox ? conf->sandbox_url : conf->sikka_url;
	s->until_us = clock_tick_us() + budget_ms * 1000;
}

bool
sikka_id_valid(const char *s)
{
	size_t n = s != NULL ? strlen(s) : 0;

	return n > 0 && n <= 64 &&
	    strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == n;
}

/* --- what came back ------------------------------------------------------- */

static bool
tells(const char *text, const char *secret)
{
	return secret != NULL && *secret != '\0' &&
	    strstr(text, secret) != NULL;
}

/* The sentence in an error body, unless it repeats a secret. */
static const char *
message_of(struct sikka *s, const cJSON *json, int status)
{
	static const char *const names[] = { "long_message", "short_message",
		"error_description", "message", "error" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *text =
		    said_line(s->arena, json_text(json_get(json, names[i])));

		if (text != NULL && !tells(text, s->app.app_key) &&
		    !tells(text, s->app.secret_key) &&
		    !tells(text, s->keys.request) &&
		    !tells(text, s->keys.refresh))
			return text;
	}
	return arena_printf(s->arena, "it answered with HTTP status %d",
	    status);
}

/* A success in HTTP may hold a failure: {"http_code":"401",…}. */
static int
status_of(const cJSON *json, int status)
{
	const char *code = json_text(json_get(json, "http_code"));
	int64_t n;

	return status / 100 == 2 &&
		str_int(code != NULL ? code : "", 400, 599, &n) ?
	    (int)n :
	    status;
}

static enum sikka_end
end_of(int status)
{
	if (status == 401)
		return SIKKA_KEY;
	if (status == 429)
		return SIKKA_LATER;
	return status >= 400 && status < 500 && status != 408 ? SIKKA_REFUSED :
								SIKKA_UNKNOWN;
}

/* Some calls wrap the envelope into a list. */
static const cJSON *
unwrap(const cJSON *json)
{
	return cJSON_IsArray(json) && json_get(json->child, "items") != NULL ?
	    json->child :
	    json;
}

static void
list_read(struct sikka_reply *out)
{
	const char *next = json_path_text(out->json, "pagination.next");
	const cJSON *items =
	    cJSON_IsArray(out->json) ? out->json : json_get(out->json, "items");

	out->items =
	    items != NULL && cJSON_IsArray(items) && items->child != NULL ?
	    items :
	    NULL;
	out->more = out->items != NULL && next != NULL && *next != '\0';
}

static void
answer_read(struct sikka *s, const struct fetch_reply *f,
    struct sikka_reply *out)
{
	const char *why;
	const cJSON *json =
	    unwrap(json_parse(s->arena, f->body, f->body_len, &why));
	bool shape = cJSON_IsObject(json) || cJSON_IsArray(json);

	out->status = status_of(json, f->status);
	if (out->status / 100 == 2) {
		out->end =
		    shape || out->status == 204 ? SIKKA_OK : SIKKA_UNKNOWN;
		out->json = shape && out->status != 204 ? json : NULL;
		out->message =
		    out->end == SIKKA_OK ? NULL : "its answer cannot be read";
		list_read(out);
		return;
	}
	out->end = end_of(out->status);
	out->message = message_of(s, json, out->status);
}

/* --- one call ------------------------------------------------------------- */

/* Without the query: it may hold a patient's number. */
static void
call_log(const struct ask *ask, const struct fetch_reply *reply, int64_t us)
{
	struct log_line l;

	log_begin(&l, reply->status / 100 == 2 ? LOG_INFO : LOG_WARN, "sikka");
	log_str(&l, "method", ask->method);
	log_str(&l, "path", ask->path);
	log_int(&l, "status", reply->status);
	log_int(&l, "us", us);
	if (reply->end != FETCH_ANSWERED)
		log_str(&l, "why", reply->why);
	log_end(&l);
}

static void
call(struct sikka *s, const struct ask *ask, struct sikka_reply *out)
{
	const struct fetch_header app[] = { { "App-Id", s->app.app_id },
		{ "App-Key", s->app.app_key }, { 0 } };
	const struct fetch_header key[] = { { "Request-Key", s->keys.request },
		{ 0 } };
	int64_t start = clock_tick_us(), left = (s->until_us - start) / 1000;
	struct fetch f = { .method = ask->method };
	struct fetch_reply reply;

	memset(out, 0, sizeof(*out));
	out->retry_after_s = -1;
	f.url = arena_printf(s->arena, "%s/%s%s%s", s->base, ask->path,
	    ask->query != NULL ? "?" : "",
	    ask->query != NULL ? ask->query : "");
	f.headers = ask->app ? app : key;
	f.timeout_ms =
	    left < conf->peer_timeout_ms ? left : conf->peer_timeout_ms;
	if (ask->body != NULL) {
		f.type = JSON_TYPE;
		f.body = ask->body;
		f.body_len = strlen(ask->body);
	}
	if (f.url == NULL || (s->keys.request == NULL && !ask->app)) {
		out->end = SIKKA_LATER;
		out->message = "out of memory";
		return;
	}
	fetch_call(s->arena, &f, &reply);
	s->spent_us += clock_tick_us() - start;
	call_log(ask, &reply, clock_tick_us() - start);
	out->retry_after_s = reply.retry_after_s;
	if (reply.end == FETCH_ANSWERED)
		answer_read(s, &reply, out);
	else {
		out->end =
		    reply.end == FETCH_REFUSED ? SIKKA_LATER : SIKKA_UNKNOWN;
		out->message = "it did not answer";
	}
}

/* --- keys ----------------------------------------------------------------- */

static const char *
body_of(struct sikka *s, const char *const pairs[])
{
	cJSON *json = cJSON_CreateObject();

	for (; pairs[0] != NULL; pairs += 2)
		if (pairs[1] == NULL ||
		    cJSON_AddStringToObject(json, pairs[0], pairs[1]) == NULL)
			return NULL;
	return json_print(s->arena, json);
}

/* "86400 second(s)": the digits in front count. */
static int64_t
life_s(const cJSON *json)
{
	const cJSON *v = json_get(json, "expires_in");
	long long n = cJSON_IsNumber(v) ? (long long)v->valuedouble :
	    json_text(v) != NULL	? strtoll(json_text(v), NULL, 10) :
					  LIFE_S;

	if (n <= 0)
		n = LIFE_S;
	return n < LIFE_MAX_S ? n : LIFE_MAX_S;
}

static bool
keys_take(struct sikka *s, const struct sikka_reply *reply)
{
	const char *request = json_path_text(reply->json, "request_key");
	const char *refresh = json_path_text(reply->json, "refresh_key");
	int64_t life = life_s(reply->json) * 1000;

	if (request == NULL || *request == '\0')
		return false;
	s->keys.request = arena_str(s->arena, request);
	s->keys.refresh = arena_str(s->arena, refresh);
	s->keys.renew_ms =
	    clock_now_ms() + life - (life / 2 < EARLY_MS ? life / 2 : EARLY_MS);
	return s->keys.request != NULL;
}

/* POST /request_key; any refusal is one of the credentials. */
static void
grant(struct sikka *s, const char *const pairs[], struct sikka_reply *out)
{
	struct ask ask = { "POST", "request_key", NULL, body_of(s, pairs),
		.app = true };

	if (ask.body == NULL) {
		memset(out, 0, sizeof(*out));
		out->end = SIKKA_LATER;
		out->message = "out of memory";
		return;
	}
	call(s, &ask, out);
	if (out->end == SIKKA_REFUSED)
		out->end = SIKKA_KEY;
	if (out->end == SIKKA_OK && !keys_take(s, out)) {
		out->end = SIKKA_UNKNOWN;
		out->message = "its answer holds no key";
	}
}

/* With the refresh key, which works once; else with the office's secret. */
static void
keys_fetch(struct sikka *s, struct sikka_reply *out)
{
	const char *again[] = { "grant_type", "refresh_key", "refresh_key",
		s->keys.refresh, "app_id", s->app.app_id, "app_key",
		s->app.app_key, NULL };
	const char *first[] = { "grant_type", "request_key", "office_id",
		s->app.office_id, "secret_key", s->app.secret_key, "app_id",
		s->app.app_id, "app_key", s->app.app_key, NULL };

	if (s->keys.refresh != NULL) {
		grant(s, again, out);
		if (out->end != SIKKA_KEY)
			return;
		s->keys.refresh = NULL;
	}
	grant(s, first, out);
}

static void
renew(struct sikka *s, struct sikka_reply *out)
{
	enum sikka_turn turn = s->claim != NULL ? s->claim(s) : SIKKA_MINE;

	memset(out, 0, sizeof(*out));
	out->retry_after_s = -1;
	if (turn == SIKKA_FRESH)
		return;
	if (turn == SIKKA_THEIRS) {
		out->end = SIKKA_LATER;
		out->retry_after_s = 1;
		out->message = "its key is being renewed";
		return;
	}
	keys_fetch(s, out);
	if (s->keep != NULL)
		s->keep(s, out->end == SIKKA_OK);
}

void
sikka_key(struct sikka *s, struct sikka_reply *out)
{
	memset(out, 0, sizeof(*out));
	out->retry_after_s = -1;
	if (s->keys.request == NULL || clock_now_ms() >= s->keys.renew_ms)
		renew(s, out);
}

/* With a key; a 401 has done nothing, so it may be repeated with a new one. */
static void
call_keyed(struct sikka *s, const struct ask *ask, struct sikka_reply *out)
{
	sikka_key(s, out);
	if (out->end == SIKKA_OK)
		call(s, ask, out);
	else
		return;
	if (out->end != SIKKA_KEY || s->renewed)
		return;
	s->renewed = true;
	renew(s, out);
	if (out->end == SIKKA_OK)
		call(s, ask, out);
}

/* --- what is asked for ---------------------------------------------------- */

void
sikka_offices(struct sikka *s, struct sikka_reply *out)
{
	const struct ask ask = { "GET", "authorized_practices", "show=all",
		NULL, .app = true };

	call(s, &ask, out);
}

void
sikka_list(struct sikka *s, const char *noun, const char *query, int64_t page,
    struct sikka_reply *out)
{
	const struct ask ask = { .method = "GET",
		.path = noun,
		.query = arena_printf(s->arena, "%s%slimit=%d&offset=%lld",
		    query, *query != '\0' ? "&" : "", SIKKA_PAGE,
		    (long long)page) };

	call_keyed(s, &ask, out);
}

/* "Id:3809955" */
static const char *
id_of(struct sikka *s, const cJSON *json)
{
	const char *text = json_text(json_get(json, "long_message"));

	if (text == NULL)
		return NULL;
	text = str_trim(s->arena, text);
	if (text == NULL || !str_starts(text, "Id:"))
		return NULL;
	text += 3 + strspn(text + 3, " ");
	return *text != '\0' && strspn(text, "0123456789") == strlen(text) &&
		strlen(text) <= 32 ?
	    text :
	    NULL;
}

void
sikka_write(struct sikka *s, const char *method, const char *path,
    const char *body, struct sikka_reply *out)
{
	const struct ask ask = { method, path, NULL, body, false };

	call_keyed(s, &ask, out);
	if (out->end != SIKKA_OK)
		return;
	out->id = id_of(s, out->json);
	if (out->id == NULL) {
		out->end = SIKKA_UNKNOWN;
		out->message = "its answer names no id";
	}
}
