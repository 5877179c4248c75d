/* envelope.c - the many shapes of one message of Vapi, made into one. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "hook/envelope.h"

#define ID_MAX 200 /* bytes of an id or a name */

static const cJSON empty_object = { .type = cJSON_Object };

/* The first of the members, parted by '|', that is there and not null. */
static const cJSON *
first_of(const cJSON *object, const char *names)
{
	char name[40];

	while (*names != '\0') {
		size_t n = strcspn(names, "|");
		const cJSON *m = NULL;

		if (n < sizeof(name)) {
			memcpy(name, names, n);
			name[n] = '\0';
			m = json_get(object, name);
		}
		if (m != NULL && !cJSON_IsNull(m))
			return m;
		names += n + (names[n] == '|');
	}
	return NULL;
}

/* Arguments are an object, or JSON as text, or nothing at all. */
static const cJSON *
args_read(struct arena *a, const cJSON *v)
{
	const char *text = json_text(v), *why;

	if (text != NULL)
		v = json_parse(a, text, strlen(text), &why);
	return cJSON_IsObject(v) ? v : &empty_object;
}

/* An id or a name, if it is no longer than any real one is; else NULL. */
static const char *
short_of(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) <= ID_MAX ? s : NULL;
}

static struct tool_call
call_read(struct arena *a, const cJSON *item)
{
	const cJSON *f = json_get(item, "function");
	const cJSON *args = first_of(f, "arguments|parameters");
	struct tool_call c = {
		.id = short_of(json_text(first_of(item, "id|toolCallId"))),
		.name = short_of(json_text(json_get(f, "name"))),
	};

	if (c.id == NULL)
		c.id = "";
	if (c.name == NULL)
		c.name = short_of(json_text(json_get(item, "name")));
	if (args == NULL)
		args = first_of(item, "arguments|parameters");
	c.args = args_read(a, args);
	return c;
}

static bool
list_read(struct arena *a, const cJSON *message, struct envelope *e)
{
	static const char *const names[] = { "toolCallList", "toolCalls",
		"toolWithToolCallList" };
	const cJSON *list = NULL, *item;

	for (size_t i = 0; i < COUNT(names) && cJSON_GetArraySize(list) == 0;
	     i++)
		list = json_get(message, names[i]);
	if (!cJSON_IsArray(list))
		return true;
	e->calls = arena_get(a,
	    sizeof(*e->calls) * ((size_t)cJSON_GetArraySize(list) + 1));
	if (e->calls == NULL)
		return false;
	cJSON_ArrayForEach(item, list)
	{
		const cJSON *inner = json_get(item, "toolCall");

		e->calls[e->count++] =
		    call_read(a, cJSON_IsObject(inner) ? inner : item);
	}
	return true;
}

/* The older message: one call, without an id. */
static bool
legacy_read(struct arena *a, const cJSON *message, struct envelope *e)
{
	const cJSON *f = json_get(message, "functionCall");

	if (!cJSON_IsObject(f))
		return true;
	e->legacy = true;
	e->calls = arena_get(a, sizeof(*e->calls));
	if (e->calls == NULL)
		return false;
	e->calls[0] = call_read(a, f);
	e->count = 1;
	return true;
}

/* A variable of the call; names come back in other letters than they went. */
static const char *
variable(const cJSON *message, const char *name)
{
	static const char *const places[] = {
		"call.assistantOverrides.variableValues",
		"artifact.variableValues", "artifact.variables"
	};

	for (size_t i = 0; i < COUNT(places); i++) {
		const cJSON *m, *at = json_path(message, places[i]);

		if (!cJSON_IsObject(at))
			continue;
		cJSON_ArrayForEach(m,
		    at) if (strcasecmp(m->string, name) == 0 &&
		    json_text(m) != NULL) return json_text(m);
	}
	return NULL;
}

/* "sip:+14155550111@host" -> "+14155550111" */
static const char *
sip_user(struct arena *a, const char *uri)
{
	if (uri == NULL || strncasecmp(uri, "sip:", 4) != 0)
		return NULL;
	return arena_copy(a, uri + 4, strcspn(uri + 4, "@;?"));
}

static const char *
caller_of(struct arena *a, const cJSON *m)
{
	const char *seen[] = {
		json_path_text(m, "customer.number"),
		json_path_text(m, "call.customer.number"),
		variable(m, "X-Caller"),
		sip_user(a, json_path_text(m, "customer.sipUri")),
		sip_user(a, json_path_text(m, "call.customer.sipUri")),
	};

	for (size_t i = 0; i < COUNT(seen); i++)
		if (seen[i] != NULL && str_phone(seen[i]))
			return seen[i];
	return NULL;
}

static const char *
either(const cJSON *m, const char *a, const char *b)
{
	const char *s = json_path_text(m, a);

	return s != NULL && *s != '\0' ? s : json_path_text(m, b);
}

static void
link_read(struct arena *a, const cJSON *m, struct envelope *e)
{
	const char *called = json_path_text(m, "phoneNumber.number");
	const char *row = variable(m, "X-Frontdesk-Call");

	e->link = (struct call_link) {
		.vapi_id = short_of(json_path_text(m, "call.id")),
		.assistant =
		    short_of(either(m, "call.assistantId", "assistant.id")),
		.caller = caller_of(a, m),
		.called = called != NULL && str_phone(called) ? called : NULL,
		.sid = short_of(either(m, "call.phoneCallProviderId",
		    "call.transport.callSid")),
		.row = short_of(row),
	};
	e->control_url =
	    either(m, "call.monitor.controlUrl", "monitor.controlUrl");
}

bool
envelope_read(struct arena *a, const cJSON *root, struct envelope *e)
{
	const cJSON *m = json_get(root, "message");

	memset(e, 0, sizeof(*e));
	if (!cJSON_IsObject(m))
		return false;
	e->message = m;
	e->type = json_text(json_get(m, "type"));
	if (e->type == NULL)
		e->type = "";
	link_read(a, m, e);
	if (!list_read(a, m, e))
		return false;
	return e->count > 0 || legacy_read(a, m, e);
}

/* Not on SIP: Vapi hands a SIP call over without a word. */
bool
envelope_warm(const struct envelope *e)
{
	const char *line = either(e->message, "phoneNumber.provider",
	    "call.phoneNumber.provider");

	return line != NULL && str_in("twilio|vonage|telnyx", line);
}

/* At most max characters of s, in place. */
static const char *
cut(char *s, size_t max)
{
	size_t len = strlen(s), at = 0;

	while (at < len && max-- > 0) {
		size_t n = str_step(s + at, len - at);

		at += n > 0 ? n : 1;
	}
	s[at] = '\0';
	return s;
}

const char *
envelope_text(struct arena *a, const cJSON *v, size_t max)
{
	const char *s = json_text(v);
	char *trimmed;

	if (cJSON_IsNumber(v) && v->valuedouble == floor(v->valuedouble))
		s = json_print(a, v);
	if (s == NULL)
		return NULL;
	trimmed = str_trim(a, s);
	if (trimmed == NULL || *trimmed == '\0')
		return NULL;
	return cut(trimmed, max);
}

const char *
args_text(struct arena *a, const cJSON *args, const char *name, size_t max)
{
	return envelope_text(a, json_get(args, name), max);
}
