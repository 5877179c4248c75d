/* once.c - one request through the nine steps, without a socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/fault.h"
#include "dispatch.h"
#include "peer/fetch.h"
#include "role.h"

#define ENV_MAX 64

struct once {
	struct arena *arena;
	char *env[ENV_MAX + 1];
	int count;
};

static void
env_add(struct once *o, const char *name, const char *value)
{
	if (o->count < ENV_MAX)
		o->env[o->count++] =
		    arena_printf(o->arena, "%s=%s", name, value);
}

/* 'Name: value' as a CGI parameter. */
static bool
header_add(struct once *o, const char *line)
{
	const char *colon = strchr(line, ':');
	char name[80] = "HTTP_";
	size_t n;

	if (colon == NULL || colon - line > 70)
		return false;
	n = (size_t)(colon - line);
	for (size_t i = 0; i < n; i++)
		name[5 + i] = line[i] == '-' ?
		    '_' :
		    (char)(line[i] >= 'a' && line[i] <= 'z' ?
			    line[i] - 'a' + 'A' :
			    line[i]);
	name[5 + n] = '\0';
	env_add(o, str_eq(name, "HTTP_CONTENT_TYPE") ? "CONTENT_TYPE" : name,
	    colon + 1 + strspn(colon + 1, " "));
	return true;
}

static const char *
file_read(struct once *o, const char *path, size_t *len)
{
	FILE *f = str_eq(path, "-") ? stdin : fopen(path, "re");
	struct buf b;
	char part[8192];
	size_t n;

	if (f == NULL)
		return NULL;
	buf_init(&b, o->arena);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&b, part, n);
	if (f != stdin)
		fclose(f);
	*len = b.len;
	return b.bad ? NULL : buf_text(&b);
}

/* -H and -d, which take the next argument; false on a mistake. */
static bool
options_read(struct once *o, struct args *a, struct req *r)
{
	for (int i = 0; i + 1 < a->count; i++) {
		bool head = str_eq(a->list[i], "-H");
		const char *v = a->list[i + 1];

		if (!head && !str_eq(a->list[i], "-d"))
			continue;
		a->used[i] = a->used[i + 1] = 1;
		i++;
		if (head) {
			if (!header_add(o, v))
				return false;
			continue;
		}
		r->body = v;
		r->body_len = strlen(v);
		if (*v == '@' || str_eq(v, "-"))
			r->body =
			    file_read(o, *v == '@' ? v + 1 : v, &r->body_len);
		if (r->body == NULL)
			return false;
	}
	return true;
}

static void
print(const struct req *r)
{
	printf("HTTP %d %s\n", r->status, reply_phrase(r->status));
	if (r->out.len > 0)
		printf("Content-Type: %s\n", r->type);
	for (const char *p = buf_text(&r->headers); *p != '\0'; p++)
		if (*p != '\r')
			putchar(*p);
	putchar('\n');
	fwrite(buf_text(&r->out), 1, r->out.len, stdout);
	if (r->out.len > 0)
		putchar('\n');
}

static int
serve(struct once *o, struct req *r, unsigned fail_at)
{
	const char *body = r->body;
	size_t len = r->body_len;

	if (!program_open(r))
		return 1;
	r->env = o->env;
	dispatch_begin(r);
	r->body = body != NULL ? body : "";
	r->body_len = len;
	fault_arm(fail_at);
	dispatch(r);
	if (fail_at > 0)
		fprintf(stderr, "fault %s\n",
		    fault_fired() ? "fired" : "not reached");
	fault_arm(0);
	print(r);
	program_close(r);
	return r->status < 400 ? 0 : 3;
}

int
role_once(struct args *a)
{
	struct once o = { .arena = arena_new(REQ_ARENA_BYTES) };
	struct req r = { 0 };
	const char *method, *target;
	int64_t fail_at = 0;
	int status = 2;

	if (o.arena == NULL)
		return args_fail("out of memory");
	env_add(&o, "REMOTE_ADDR", "127.0.0.1");
	if (options_read(&o, a, &r) &&
	    str_int(args_option(a, "fail", "0"), 0, 100000, &fail_at) &&
	    (method = args_word(a)) != NULL &&
	    (target = args_word(a)) != NULL && args_all_used(a)) {
		env_add(&o, "REQUEST_ID", "once");
		env_add(&o, "REQUEST_METHOD", method);
		env_add(&o, "REQUEST_URI", target);
		status = serve(&o, &r, (unsigned)fail_at);
	} else
		(void)args_usage(a,
		    "once METHOD PATH [-H 'Name: value']... "
		    "[-d BODY|@FILE|-] [--fail=N]");
	fetch_drop();
	arena_free(o.arena);
	return status;
}
