/* describe.c - OpenAPI 3.1 from the route table and the statements. */
#include <ctype.h>
#include <string.h>

#include "dispatch.h"
#include "schema.h"

/* Up to the schema; parameters of the media type are left out. */
static void
open_content(struct jout *j, const char *type)
{
	char media[64];
	size_t n = strcspn(type, ";");

	if (n >= sizeof(media))
		n = sizeof(media) - 1;
	memcpy(media, type, n);
	media[n] = '\0';
	jout_name(j, "content");
	jout_open(j, '{');
	jout_name(j, media);
	jout_open(j, '{');
	jout_name(j, "schema");
}

/* Behind a schema: another media type that may come in its place. */
static void
put_other(struct jout *j, const char *type, const char *schema)
{
	jout_close(j, '}');
	jout_name(j, type);
	jout_open(j, '{');
	jout_name(j, "schema");
	jout_raw(j, schema);
}

static void
close_content(struct jout *j)
{
	jout_close(j, '}');
	jout_close(j, '}');
}

/* What comes with a status of success; nothing with 204. */
static void
put_success(struct schema *d, const struct route *t, int status)
{
	bool rows = t->sql != NULL && t->shape != NOTHING && d->db != NULL;
	char code[8];

	for (int i = 2, n = status; i >= 0; i--, n /= 10)
		code[i] = (char)('0' + n % 10);
	code[3] = '\0';
	jout_name(d->j, code);
	jout_open(d->j, '{');
	jout_put_str(d->j, "description", reply_phrase(status));
	if (status != 204) {
		open_content(d->j,
		    t->type != NULL ? t->type : "application/json");
		if (t->type != NULL)
			jout_raw(d->j, "{\"type\":\"string\"}");
		else if (t->out != NULL)
			schema_object(d->j, t->out, false);
		else if (rows && t->shape == MANY)
			schema_list(d, t->sql);
		else if (rows)
			schema_columns(d, t->sql);
		else
			jout_raw(d->j, "{\"type\":\"object\"}");
		if ((t->flags & CSV) != 0)
			put_other(d->j, "text/csv", "{\"type\":\"string\"}");
		close_content(d->j);
	}
	jout_close(d->j, '}');
}

static int
status_of(const struct route *t)
{
	if (t->status != 0)
		return t->status;
	return t->run != NULL || t->shape != NOTHING || t->type != NULL ? 200 :
									  204;
}

static void
put_responses(struct schema *d, const struct route *t)
{
	jout_name(d->j, "responses");
	jout_open(d->j, '{');
	put_success(d, t, status_of(t));
	if (t->also != 0)
		put_success(d, t, t->also);
	jout_name(d->j, "4XX");
	jout_raw(d->j, "{\"$ref\":\"#/components/responses/Problem\"}");
	jout_name(d->j, "5XX");
	jout_raw(d->j, "{\"$ref\":\"#/components/responses/Problem\"}");
	jout_close(d->j, '}');
}

static void
put_parameter(struct jout *j, const char *name, size_t len,
    const struct field *f)
{
	jout_open(j, '{');
	jout_name(j, "name");
	jout_strn(j, name, len);
	jout_put_str(j, "in", f == NULL ? "path" : "query");
	jout_put_bool(j, "required", f == NULL || f->need);
	jout_name(j, "schema");
	if (f != NULL) {
		struct field plain = *f;

		plain.need = true; /* a query has no null */
		schema_field(j, &plain, true);
	} else
		jout_raw(j, "{\"type\":\"string\"}");
	jout_close(j, '}');
}

static void
put_parameters(struct jout *j, const struct route *t)
{
	const struct field *f = t->query;

	if (strchr(t->path, ':') == NULL && f == NULL)
		return;
	jout_name(j, "parameters");
	jout_open(j, '[');
	for (const char *p = strchr(t->path, ':'); p != NULL;
	     p = strchr(p + 1, ':'))
		put_parameter(j, p + 1, strcspn(p + 1, "/"), NULL);
	for (; f != NULL && f->name != NULL; f++)
		put_parameter(j, f->name, strlen(f->name), f);
	jout_close(j, ']');
}

static void
put_security(struct jout *j, const struct route *t)
{
	static const char *const by_who[WHO_COUNT] = {
		[MEMBER] = "[{\"bearer\":[]},{\"cookie\":[]}]",
		[ADMIN] = "[{\"bearer\":[]},{\"cookie\":[]}]",
		[ANYONE] = "[]",
		[VAPI] = "[{\"vapiSecret\":[]}]",
		[TWILIO] = "[{\"twilioSignature\":[]}]",
	};

	jout_name(j, "security");
	jout_raw(j, by_who[t->who]);
}

/* "get /user/profile" -> "getUserProfile" */
static void
put_operation_id(struct jout *j, const struct route *t)
{
	char id[128];
	size_t n = 0;
	bool up = false;

	for (const char *p = t->method; *p != '\0'; p++)
		id[n++] = (char)tolower((unsigned char)*p);
	for (const char *p = t->path; *p != '\0' && n < sizeof(id) - 1; p++) {
		if (!isalnum((unsigned char)*p)) {
			up = true;
			continue;
		}
		id[n++] = up ? (char)toupper((unsigned char)*p) : *p;
		up = false;
	}
	id[n] = '\0';
	jout_put_str(j, "operationId", id);
}

static void
put_body(struct jout *j, const struct route *t)
{
	if (t->in == NULL && (t->flags & FORM) == 0)
		return;
	jout_name(j, "requestBody");
	jout_open(j, '{');
	jout_put_bool(j, "required", (t->flags & OPTIONAL) == 0);
	open_content(j,
	    (t->flags & FORM) != 0 ? "application/x-www-form-urlencoded" :
				     "application/json");
	if (t->in != NULL)
		schema_object(j, t->in, true);
	else
		jout_raw(j, "{\"type\":\"object\"}");
	if ((t->flags & FILES) != 0)
		put_other(j, "multipart/form-data",
		    "{\"type\":\"object\",\"properties\":{\"file\":{"
		    "\"type\":\"array\",\"items\":{\"type\":\"string\","
		    "\"format\":\"binary\"}}}}");
	close_content(j);
	jout_close(j, '}');
}

static void
put_operation(struct schema *d, const struct route *t,
    const struct resource *res)
{
	struct jout *j = d->j;
	char method[8];
	size_t i;

	for (i = 0; i < sizeof(method) - 1 && t->method[i] != '\0'; i++)
		method[i] = (char)tolower((unsigned char)t->method[i]);
	method[i] = '\0';
	jout_name(j, method);
	jout_open(j, '{');
	put_operation_id(j, t);
	jout_put_str(j, "summary", t->about != NULL ? t->about : t->path);
	jout_name(j, "tags");
	jout_open(j, '[');
	jout_str(j, res->name);
	jout_close(j, ']');
	put_security(j, t);
	put_parameters(j, t);
	put_body(j, t);
	put_responses(d, t);
	jout_close(j, '}');
}

/* "/assistants/:id" -> "/api/assistants/{id}" */
static void
put_path(struct jout *j, struct arena *a, const struct route *t)
{
	struct buf path;

	buf_init(&path, a);
	if ((t->flags & NAKED) == 0 && t->who != VAPI && t->who != TWILIO)
		buf_str(&path, "/api");
	for (const char *p = t->path; *p != '\0'; p++) {
		if (*p != ':') {
			buf_char(&path, *p);
			continue;
		}
		buf_char(&path, '{');
		while (p[1] != '\0' && p[1] != '/')
			buf_char(&path, *++p);
		buf_char(&path, '}');
	}
	jout_name(j, buf_text(&path));
}

/* Routes of one path stand together, at the first of them. */
static bool
path_first(int at)
{
	const struct resource *res;
	const char *path = route_at(at, &res)->path;

	for (int i = 0; i < at; i++)
		if (str_eq(route_at(i, &res)->path, path))
			return false;
	return true;
}

static void
put_paths(struct schema *d, struct arena *a)
{
	const struct resource *res;
	const struct route *t, *u;

	jout_name(d->j, "paths");
	jout_open(d->j, '{');
	for (int i = 0; (t = route_at(i, &res)) != NULL; i++) {
		if (t->who == RUNNER || !path_first(i))
			continue;
		put_path(d->j, a, t);
		jout_open(d->j, '{');
		for (int k = i; (u = route_at(k, &res)) != NULL; k++)
			if (str_eq(u->path, t->path) && d->rc == OK)
				put_operation(d, u, res);
		jout_close(d->j, '}');
	}
	jout_close(d->j, '}');
}

static const char head[] =
    "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"frontdesk\","
    "\"description\":\"The back end for AI phone agents. Every path under "
    "/api also answers under /api/v1.\","
    "\"version\":\"" VERSION "\",\"license\":{\"name\":\"MIT\","
    "\"identifier\":\"MIT\"}},\"servers\":[{\"url\":\"/\"}]";
static const char parts[] =
    "{\"securitySchemes\":{"
    "\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
    "\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\","
    "\"name\":\"fd_session\",\"description\":"
    "\"Called __Host-fd_session where the site has https.\"},"
    "\"vapiSecret\":{\"type\":\"apiKey\",\"in\":\"header\","
    "\"name\":\"X-Vapi-Secret\"},"
    "\"twilioSignature\":{\"type\":\"apiKey\",\"in\":\"header\","
    "\"name\":\"X-Twilio-Signature\"}},"
    "\"responses\":{\"Problem\":{\"description\":\"What went wrong\","
    "\"content\":{\"application/json\":{\"schema\":"
    "{\"$ref\":\"#/components/schemas/Problem\"}}}}},"
    "\"schemas\":{\"Problem\":{\"type\":\"object\",\"properties\":{"
    "\"error\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},"
    "\"code\":{\"type\":\"string\"},\"fields\":{\"type\":\"array\","
    "\"items\":{\"type\":\"object\",\"properties\":{"
    "\"field\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}},"
    "\"required\":[\"field\",\"message\"]}},"
    "\"request_id\":{\"type\":[\"string\",\"null\"]}},"
    "\"required\":[\"error\",\"detail\",\"code\",\"fields\"]}}}";

enum rc
describe_api(struct arena *a, struct db *db, struct buf *out)
{
	struct jout j;
	struct schema d = { .j = &j, .db = db };

	jout_init(&j, out);
	buf_str(out, head);
	j.comma = true;
	jout_name(&j, "tags");
	jout_open(&j, '[');
	for (int i = 0; resources[i] != NULL; i++) {
		jout_open(&j, '{');
		jout_put_str(&j, "name", resources[i]->name);
		jout_put_str(&j, "description", resources[i]->about);
		jout_close(&j, '}');
	}
	jout_close(&j, ']');
	put_paths(&d, a);
	jout_name(&j, "components");
	jout_raw(&j, parts);
	jout_close(&j, '}');
	return out->bad ? E_INTERNAL : d.rc;
}
