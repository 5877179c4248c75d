/* body.c - an assistant as our clients write it, and as Vapi wants it. */
#include <strings.h>

#include "assistant/body.h"
#include "base/conf.h"
#include "hook/tool.h"
#include "setup/knowledge.h"

#define TIMEOUT_S 20 /* how long Vapi waits for us */

static const char *const voice_parts[] = { "provider", "voiceId", NULL };
static const char *const model_parts[] = { "provider", "model", "temperature",
	NULL };

/* Null and "" clear, so they count as nothing. */
static bool
is_set(const cJSON *v)
{
	const char *s = json_text(v);

	return v != NULL && !cJSON_IsNull(v) && (s == NULL || *s != '\0');
}

static void
value_write(struct req *r, struct jout *j, const char *name, const cJSON *v)
{
	jout_name(j, name);
	jout_raw(j, json_print(r->arena, v));
}

/* --- the payload ---------------------------------------------------------- */

/* The member as it is now: the new one when it was given, else the old. */
static const cJSON *
member(const cJSON *now, const cJSON *old, const char *name)
{
	const cJSON *v = json_get(now, name);

	if (v == NULL)
		v = json_get(old, name);
	return is_set(v) ? v : NULL;
}

static void
member_write(struct req *r, struct jout *j, const cJSON *old, const char *name)
{
	const cJSON *v = member(r->json, old, name);

	if (v != NULL)
		value_write(r, j, name, v);
}

static void
member_need(struct req *r, const cJSON *old, const char *name)
{
	if (member(r->json, old, name) == NULL)
		(void)fail_field(r, name, "must not be empty");
}

/* An object of known parts, each new or old; nothing when it is cleared. */
static void
parts_write(struct req *r, struct jout *j, const cJSON *old, const char *name,
    const char *const *parts)
{
	const cJSON *now = json_get(r->json, name);
	const cJSON *was = json_get(old, name);

	if (now == NULL ? was == NULL : !is_set(now))
		return;
	jout_name(j, name);
	jout_open(j, '{');
	for (int i = 0; parts[i] != NULL; i++) {
		const cJSON *v = member(now, was, parts[i]);

		if (v != NULL)
			value_write(r, j, parts[i], v);
		else if (i < 2)
			(void)fail_field(r,
			    arena_printf(r->arena, "%s.%s", name, parts[i]),
			    "is missing");
	}
	jout_close(j, '}');
}

/* Without a model: a usual one. */
static void
model_write(struct req *r, struct jout *j, const cJSON *old)
{
	const cJSON *now = json_get(r->json, "model");

	if (now != NULL ? is_set(now) : json_get(old, "model") != NULL) {
		parts_write(r, j, old, "model", model_parts);
		return;
	}
	jout_name(j, "model");
	jout_raw(j, "{\"provider\":\"openai\",\"model\":\"gpt-4o-mini\"}");
}

char *
body_make(struct req *r, const char *old_text)
{
	cJSON *old = NULL;
	const char *why;
	struct jout j;
	struct buf b;

	if (old_text != NULL)
		old = json_parse(r->arena, old_text, strlen(old_text), &why);
	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	member_need(r, old, "name");
	member_need(r, old, "instructions");
	member_write(r, &j, old, "name");
	member_write(r, &j, old, "instructions");
	member_write(r, &j, old, "phoneNumber");
	member_write(r, &j, old, "firstMessage");
	parts_write(r, &j, old, "voice", voice_parts);
	model_write(r, &j, old);
	member_write(r, &j, old, "metadata");
	jout_close(&j, '}');
	if (b.bad)
		(void)fail(r, E_INTERNAL, "out of memory");
	return r->rc == OK ? b.data : NULL;
}

/* --- Vapi's form ---------------------------------------------------------- */

static void
server_write(struct jout *j, const char *url, const char *secret)
{
	jout_name(j, "server");
	jout_open(j, '{');
	jout_put_str(j, "url", url);
	jout_put_int(j, "timeoutSeconds", TIMEOUT_S);
	if (secret != NULL) {
		jout_name(j, "headers");
		jout_open(j, '{');
		jout_put_str(j, "X-Vapi-Secret", secret);
		jout_close(j, '}');
	}
	jout_close(j, '}');
}

/* Vapi's own tool that searches files which it has; files: their rows. */
static void
search_write(struct jout *j, const struct row *files)
{
	jout_open(j, '{');
	jout_put_str(j, "type", "query");
	jout_name(j, "function");
	jout_open(j, '{');
	jout_put_str(j, "name", KNOWLEDGE_TOOL);
	jout_close(j, '}');
	jout_name(j, "knowledgeBases");
	jout_open(j, '[');
	jout_open(j, '{');
	jout_put_str(j, "provider", "google");
	jout_put_str(j, "name", "business-files");
	jout_put_str(j, "description",
	    "Files of the business: services, prices, rules, directions and "
	    "answers to common questions");
	jout_name(j, "fileIds");
	jout_open(j, '[');
	for (; files != NULL; files = files->next)
		jout_str(j, row_text(files, "vapi_id"));
	jout_close(j, ']');
	jout_close(j, '}');
	jout_close(j, ']');
	jout_close(j, '}');
}

static void
tools_write(struct req *r, struct jout *j, const char *secret,
    const struct row *files)
{
	jout_name(j, "tools");
	jout_open(j, '[');
	for (const struct tool *t = tools; t->name != NULL; t++) {
		jout_open(j, '{');
		jout_put_str(j, "type", "function");
		jout_name(j, "function");
		jout_open(j, '{');
		jout_put_str(j, "name", t->name);
		jout_put_str(j, "description", t->about);
		jout_name(j, "parameters");
		jout_raw(j, t->parameters);
		jout_close(j, '}');
		server_write(j,
		    arena_printf(r->arena, "%s/vapi/tools/%s", conf->public_url,
			t->name),
		    secret);
		jout_close(j, '}');
	}
	if (files != NULL)
		search_write(j, files);
	jout_close(j, ']');
}

/* A model searches only when its prompt names the tool. */
static void
prompt_write(struct req *r, struct jout *j, const char *instructions,
    const struct row *files)
{
	jout_name(j, "messages");
	jout_open(j, '[');
	jout_open(j, '{');
	jout_put_str(j, "role", "system");
	if (files != NULL)
		instructions = arena_printf(r->arena,
		    "%s\n\nWhen a caller asks about the business, use the "
		    "'%s' tool before you answer.",
		    instructions, KNOWLEDGE_TOOL);
	jout_put_str(j, "content", instructions);
	jout_close(j, '}');
	jout_close(j, ']');
}

static void
vapi_model(struct req *r, struct jout *j, const cJSON *p, const char *secret)
{
	const cJSON *part;
	struct row *files;

	if (knowledge_sent(r, &files))
		files = NULL;
	jout_name(j, "model");
	jout_open(j, '{');
	cJSON_ArrayForEach(part, json_get(p, "model"))
	    value_write(r, j, part->string, part);
	prompt_write(r, j, json_path_text(p, "instructions"), files);
	tools_write(r, j, secret, files);
	jout_close(j, '}');
}

/* Names that clients use for a provider whose name at Vapi is another. */
static const char *
voice_alias(const char *provider)
{
	static const char *const names[] = { "elevenlabs", "eleven_labs",
		"eleven-labs" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (provider != NULL && strcasecmp(provider, names[i]) == 0)
			return "11labs";
	return provider;
}

static void
vapi_voice(struct jout *j, const cJSON *p)
{
	jout_name(j, "voice");
	jout_open(j, '{');
	jout_put_str(j, "provider",
	    voice_alias(json_path_text(p, "voice.provider")));
	jout_put_str(j, "voiceId", json_path_text(p, "voice.voiceId"));
	jout_close(j, '}');
}

/* The client's metadata; our own two names in it are ours. */
static void
vapi_metadata(struct req *r, struct jout *j, const cJSON *p, const char *id)
{
	const cJSON *m;

	jout_name(j, "metadata");
	jout_open(j, '{');
	cJSON_ArrayForEach(m,
	    json_get(p,
		"metadata")) if (!str_in("frontdesk_id|frontdesk_account",
				     m->string))
	    value_write(r, j, m->string, m);
	jout_put_str(j, "frontdesk_id", id);
	jout_put_str(j, "frontdesk_account", r->account);
	jout_close(j, '}');
}

char *
body_vapi(struct req *r, const char *payload, const struct body_place *at)
{
	const char *why, *first;
	const cJSON *p = json_parse(r->arena, payload, strlen(payload), &why);
	struct jout j;
	struct buf b;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "name", json_path_text(p, "name"));
	first = json_path_text(p, "firstMessage");
	if (first != NULL || at->change)
		jout_put_str(&j, "firstMessage", first);
	vapi_model(r, &j, p, at->secret);
	if (json_get(p, "voice") != NULL)
		vapi_voice(&j, p);
	else if (at->change)
		jout_put_str(&j, "voice", NULL);
	vapi_metadata(r, &j, p, at->id);
	server_write(&j,
	    arena_printf(r->arena, "%s/vapi/webhook", conf->public_url),
	    at->secret);
	jout_close(&j, '}');
	return b.bad || p == NULL || r->rc != OK ? NULL : b.data;
}
