/* ai.c - any endpoint that speaks OpenAI's chat completions. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/str.h"
#include "peer/ai.h"
#include "peer/fetch.h"
#include "wire/jout.h"

#define GATEWAY	    "https://ai-gateway.vercel.sh/v1"
#define TOKENS_MAX  1000000 /* a larger number is no count of ours */
#define FRAME_BYTES 512	    /* what surrounds rules, data and schema */

static const char *
base_url(void)
{
	if (*conf->ai_url != '\0')
		return conf->ai_url;
	return *conf->ai_key != '\0' ? GATEWAY : NULL;
}

bool
ai_configured(void)
{
	return base_url() != NULL && *conf->ai_model != '\0';
}

int64_t
ai_tokens_in(const struct ai_ask *q)
{
	return (int64_t)(strlen(q->rules) + strlen(q->data) +
	    strlen(q->schema) + FRAME_BYTES);
}

/* Models that think first take the limit under another name. */
static bool
thinks(const char *model)
{
	const char *slash = strrchr(model, '/');
	const char *name = slash != NULL ? slash + 1 : model;

	return str_starts(name, "o1") || str_starts(name, "o3") ||
	    str_starts(name, "o4") || str_starts(name, "gpt-5");
}

static void
message_put(struct jout *j, const char *role, const char *content)
{
	jout_open(j, '{');
	jout_put_str(j, "role", role);
	jout_put_str(j, "content", content);
	jout_close(j, '}');
}

static void
body_put(struct buf *b, const struct ai_ask *q)
{
	struct jout j;

	jout_init(&j, b);
	jout_open(&j, '{');
	jout_put_str(&j, "model", q->model);
	jout_name(&j, "messages");
	jout_open(&j, '[');
	message_put(&j, "system", q->rules);
	message_put(&j, "user", q->data);
	jout_close(&j, ']');
	if (thinks(q->model))
		jout_put_int(&j, "max_completion_tokens", q->max_tokens);
	else {
		jout_put_int(&j, "max_tokens", q->max_tokens);
		jout_name(&j, "temperature");
		jout_real(&j, 0.2);
	}
	jout_name(&j, "response_format");
	jout_open(&j, '{');
	jout_put_str(&j, "type", "json_schema");
	jout_name(&j, "json_schema");
	jout_open(&j, '{');
	jout_put_str(&j, "name", q->name);
	jout_put_bool(&j, "strict", true);
	jout_name(&j, "schema");
	jout_raw(&j, q->schema);
	jout_close(&j, '}');
	jout_close(&j, '}');
	jout_close(&j, '}');
}

static void
say(struct ai_reply *out, enum ai_end end, const char *why)
{
	out->end = end;
	out->why = why;
}

static int64_t
tokens_read(const cJSON *usage, const char *name)
{
	const cJSON *n = json_get(usage, name);

	if (!cJSON_IsNumber(n) || n->valuedouble < 0)
		return -1;
	return n->valuedouble > TOKENS_MAX ? TOKENS_MAX :
					     (int64_t)n->valuedouble;
}

/* Some wrap what they were asked for into a Markdown block. */
static const char *
unwrap(struct arena *a, const char *s)
{
	const char *end;

	s = str_trim(a, s);
	if (s == NULL || !str_starts(s, "```"))
		return s;
	s += strcspn(s, "\n");
	end = strstr(s, "```");
	return arena_copy(a, s, end != NULL ? (size_t)(end - s) : strlen(s));
}

static void
content_read(struct arena *a, const cJSON *choice, struct ai_reply *out)
{
	const char *why, *text = json_path_text(choice, "message.content");
	const char *finish = json_text(json_get(choice, "finish_reason"));

	if (finish != NULL && !str_eq(finish, "stop"))
		say(out, AI_NONSENSE, "its answer was cut off");
	else if (json_path_text(choice, "message.refusal") != NULL ||
	    text == NULL)
		say(out, AI_NONSENSE, "it gave no answer");
	else if ((text = unwrap(a, text)) == NULL ||
	    !cJSON_IsObject(
		out->json = json_parse(a, text, strlen(text), &why)))
		say(out, AI_NONSENSE, "its answer is not a JSON object");
	else
		say(out, AI_OK, "");
	if (out->end != AI_OK)
		out->json = NULL;
}

static void
answer_read(struct arena *a, const struct fetch_reply *f, struct ai_reply *out)
{
	const cJSON *json, *usage;
	const char *why;

	if (f->status < 200 || f->status >= 300) {
		say(out, AI_REFUSED,
		    arena_printf(a, "it answered with HTTP status %d",
			f->status));
		return;
	}
	say(out, AI_NONSENSE, "its answer is too long");
	if (f->body_len > AI_ANSWER_BYTES)
		return;
	json = json_parse(a, f->body, f->body_len, &why);
	usage = json_get(json, "usage");
	out->tokens_in = tokens_read(usage, "prompt_tokens");
	out->tokens_out = tokens_read(usage, "completion_tokens");
	say(out, AI_NONSENSE, "its answer is not a completion");
	json = json_get(json, "choices");
	if (cJSON_IsArray(json) && json->child != NULL)
		content_read(a, json->child, out);
}

static void
call_log(const struct ai_ask *q, const struct fetch_reply *f,
    const struct ai_reply *reply)
{
	struct log_line l;

	log_begin(&l, reply->end == AI_OK ? LOG_INFO : LOG_WARN, "ai");
	log_str(&l, "model", q->model);
	log_int(&l, "status", f->status);
	log_int(&l, "us", reply->us);
	log_int(&l, "tokens_in", reply->tokens_in);
	log_int(&l, "tokens_out", reply->tokens_out);
	if (reply->end != AI_OK)
		log_str(&l, "why", reply->why);
	log_end(&l);
}

void
ai_call(struct arena *a, const struct ai_ask *q, struct ai_reply *out)
{
	int64_t start = clock_tick_us();
	struct fetch f = { .method = "POST",
		.type = "application/json",
		.timeout_ms = q->timeout_ms };
	struct fetch_reply reply = { .why = "out of memory" };
	struct buf body;

	*out = (struct ai_reply) { .end = AI_REFUSED,
		.tokens_in = -1,
		.tokens_out = -1,
		.why = "out of memory" };
	buf_init(&body, a);
	body_put(&body, q);
	f.url = arena_printf(a, "%s/chat/completions", base_url());
	f.bearer = *conf->ai_key != '\0' ? conf->ai_key : NULL;
	f.body = buf_text(&body);
	f.body_len = body.len;
	if (body.bad || f.url == NULL)
		return;
	fetch_call(a, &f, &reply);
	out->us = clock_tick_us() - start;
	if (reply.end == FETCH_ANSWERED)
		answer_read(a, &reply, out);
	else if (reply.end == FETCH_REFUSED)
		say(out, AI_REFUSED, reply.why);
	else
		say(out, out->us >= q->timeout_ms * 1000 ? AI_LATE : AI_UNKNOWN,
		    reply.why);
	call_log(q, &reply, out);
}
