/* match.c - step 1: from method and path to a row of the route table. */
#include <string.h>

#include "dispatch.h"

#define R(name) extern const struct resource name;
#include "resources.def"
#undef R

const struct resource *const resources[] = {
#define R(name) &name,
#include "resources.def"
#undef R
	NULL
};

const char *const pool_names[POOL_COUNT] = {
	[WEB] = "web",
	[HOOK] = "hook",
	[WAIT] = "wait",
	[AUTH] = "auth",
};

const struct route *
route_at(int index, const struct resource **resource)
{
	for (int i = 0; resources[i] != NULL; i++)
		for (const struct route *t = resources[i]->routes;
		     t->method != NULL; t++)
			if (index-- == 0) {
				*resource = resources[i];
				return t;
			}
	return NULL;
}

/* Length of the part of a path up to the next slash. */
static size_t
part_len(const char *path)
{
	return strcspn(path, "/");
}

/* Does path follow the pattern? No memory is taken. */
static bool
pattern_fits(const char *pattern, const char *path)
{
	while (*pattern == '/' && *path == '/') {
		size_t n = part_len(++pattern), m = part_len(++path);

		if (*pattern == ':') {
			if (m == 0)
				return false;
		} else if (n != m || memcmp(pattern, path, n) != 0)
			return false;
		pattern += n;
		path += m;
	}
	return *pattern == '\0' && *path == '\0';
}

/* Bind the parts that the pattern names; false when one is malformed. */
static bool
pattern_bind(struct req *r, const char *pattern, const char *path)
{
	while (*pattern == '/' && *path == '/') {
		size_t n = part_len(++pattern), m = part_len(++path);

		if (*pattern == ':') {
			const char *value = http_unescape(r->arena, path, m);

			if (value == NULL)
				return false;
			req_set(r, arena_copy(r->arena, pattern + 1, n - 1),
			    val_text(value));
		}
		pattern += n;
		path += m;
	}
	return true;
}

/* May the route be asked for where the request came in? */
static bool
place_fits(const struct req *r, const struct route *t, bool api)
{
	if (t->who == RUNNER)
		return r->via == VIA_RUNNER;
	return api || (t->flags & NAKED) != 0 || t->who == VAPI ||
	    t->who == TWILIO;
}

/* Path of the target without /api or /api/v1; *api: had one of them. */
static char *
path_of(struct req *r, bool *api)
{
	const char *t = r->target;
	size_t n = strcspn(t, "?#");

	*api = false;
	if (n >= 7 && memcmp(t, "/api/v1", 7) == 0 && (n == 7 || t[7] == '/')) {
		r->v1 = *api = true;
		t += 7;
		n -= 7;
	} else if (n >= 4 && memcmp(t, "/api", 4) == 0 &&
	    (n == 4 || t[4] == '/')) {
		*api = true;
		t += 4;
		n -= 4;
	}
	return arena_copy(r->arena, t, n);
}

static enum rc
not_allowed(struct req *r, const char *allow)
{
	req_head(r, "Allow", allow);
	r->status = 405;
	r->code = "not_allowed";
	return fail(r, E_INPUT, "%s is not possible here; use %s", r->method,
	    allow);
}

/* Is this the route? If only the method differs, that goes to allow. */
static bool
route_fits(struct req *r, const struct route *t, bool api, struct buf *allow)
{
	const char *method = str_eq(r->method, "HEAD") ? "GET" : r->method;

	if (!pattern_fits(t->path, r->path) || !place_fits(r, t, api))
		return false;
	if (str_eq(t->method, method))
		return true;
	if (strstr(buf_text(allow), t->method) == NULL)
		buf_printf(allow, "%s%s", allow->len ? ", " : "", t->method);
	return false;
}

static bool
route_find(struct req *r, bool api, struct buf *allow)
{
	int no = 0;

	for (int i = 0; resources[i] != NULL; i++)
		for (const struct route *t = resources[i]->routes;
		     t->method != NULL; t++, no++)
			if (route_fits(r, t, api, allow)) {
				r->route = t;
				r->resource = resources[i];
				r->route_no = no;
				return true;
			}
	return false;
}

enum rc
match_route(struct req *r)
{
	struct buf allow;
	bool api;

	r->route_no = -1;
	r->path = path_of(r, &api);
	if (r->path == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	buf_init(&allow, r->arena);
	if (!route_find(r, api, &allow)) {
		if (allow.len > 0)
			return not_allowed(r, buf_text(&allow));
		return fail(r, E_MISSING, "there is nothing at this address");
	}
	if (r->route_slot != NULL)
		*r->route_slot = r->route_no;
	if (!pattern_bind(r, r->route->path, r->path))
		return fail(r, E_INPUT, "the path is not well-formed");
	return OK;
}
