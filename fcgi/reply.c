/* reply.c - step 7: the answer, and what each code means on the wire. */
#include <stdio.h>

#include "dispatch.h"

static const int statuses[RC_COUNT] = {
	[OK] = 200,
	[E_INPUT] = 400,
	[E_AUTH] = 401,
	[E_DENIED] = 403,
	[E_MISSING] = 404,
	[E_CONFLICT] = 409,
	[E_LIMIT] = 429,
	[E_BUSY] = 503,
	[E_PEER] = 502,
	[E_INTERNAL] = 500,
};

const char *
reply_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} table[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 413, "Content Too Large" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < COUNT(table); i++)
		if (table[i].status == status)
			return table[i].phrase;
	return "Other";
}

/* Malformed is 400 everywhere; invalid is 422 under /api/v1. */
static int
error_status(const struct req *r)
{
	if (r->status >= 400)
		return r->status;
	if (r->rc == E_INPUT && r->v1 && r->code == NULL)
		return 422;
	return statuses[r->rc];
}

static void
error_body(struct req *r)
{
	struct jout *j = &r->json_out;
	const char *reason =
	    r->reason != NULL ? r->reason : "something went wrong on our side";

	jout_open(j, '{');
	jout_put_str(j, "error", reason);
	jout_put_str(j, "detail", reason);
	jout_put_str(j, "code", r->code != NULL ? r->code : rc_slug(r->rc));
	jout_name(j, "fields");
	jout_open(j, '[');
	for (int i = 0; i < r->mistake_count; i++) {
		jout_open(j, '{');
		jout_put_str(j, "field", r->mistakes[i].field);
		jout_put_str(j, "message", r->mistakes[i].message);
		jout_close(j, '}');
	}
	jout_close(j, ']');
	jout_put_str(j, "request_id", r->id);
	jout_close(j, '}');
}

/* What is said when there is no memory to say more. */
static void
error_plain(struct req *r)
{
	static char body[] =
	    "{\"error\":\"out of memory\",\"detail\":\"out of memory\","
	    "\"code\":\"internal\",\"fields\":[],\"request_id\":null}";

	r->out.data = body;
	r->out.len = sizeof(body) - 1;
	r->status = 500;
}

static void
error_finish(struct req *r)
{
	buf_clear(&r->out);
	jout_init(&r->json_out, &r->out);
	r->type = "application/json";
	r->status = error_status(r);
	error_body(r);
	if (r->status == 401)
		req_head(r, "WWW-Authenticate", "Bearer");
	if (r->status == 503)
		req_head(r, "Retry-After", "2");
	if (r->out.bad)
		error_plain(r);
}

void
reply_finish(struct req *r)
{
	if (r->rc != OK) {
		error_finish(r);
		return;
	}
	if (r->status == 0)
		r->status = r->route->status;
	if (r->status == 0)
		r->status = r->out.len > 0 ? 200 : 204;
	if (r->type == NULL)
		r->type = r->route->type != NULL ? r->route->type :
						   "application/json";
}
