/* admit.c - step 2: who calls, and may they? */
#include <string.h>

#include "base/conf.h"
#include "dispatch.h"

/* Does an origin name the host that the client asked for, or our own? */
static bool
origin_fits(const struct req *r, const char *origin)
{
	const char *host = req_header(r, "Host");
	const char *at = strstr(origin, "://");

	if (str_eq(origin, conf->public_url))
		return true;
	return at != NULL && host != NULL && strcasecmp(at + 3, host) == 0;
}

/*
 * A browser sends cookies along by itself, so a write with one must prove
 * that one of our own pages asked for it.
 */
static enum rc
same_site(struct req *r)
{
	const char *site = req_header(r, "Sec-Fetch-Site");
	const char *origin = req_header(r, "Origin");

	if (str_eq(r->method, "GET") || str_eq(r->method, "HEAD"))
		return OK;
	if (origin != NULL ?
		origin_fits(r, origin) :
		str_eq(site, "same-origin") || str_eq(site, "none"))
		return OK;
	return fail(r, E_DENIED,
	    "a request with a cookie must come from "
	    "our own pages; send an Origin header or a bearer token");
}

static enum rc
admit_anyone(struct req *r)
{
	const char *origin = req_header(r, "Origin");

	if (origin != NULL && !str_eq(r->method, "GET") &&
	    !origin_fits(r, origin))
		return fail(r, E_DENIED,
		    "requests from another site are not accepted");
	return OK;
}

static enum rc
admit_person(struct req *r)
{
	enum rc rc = admit_member(r);

	if (rc == OK && r->via == VIA_COOKIE)
		rc = same_site(r);
	return rc;
}

static enum rc
admit_admin(struct req *r)
{
	enum rc rc = admit_person(r);

	if (rc == OK && !str_eq(r->role, "admin"))
		rc = fail(r, E_DENIED,
		    "only an admin of the account may do "
		    "this");
	return rc;
}

static enum rc
admit_runner(struct req *r)
{
	if (r->via != VIA_RUNNER)
		return fail(r, E_DENIED, "this is for the runner");
	if (r->account != NULL)
		req_scope(r, r->account);
	return OK;
}

enum rc
admit(struct req *r)
{
	static enum rc (*const by_who[WHO_COUNT])(struct req *) = {
		[MEMBER] = admit_person,
		[ADMIN] = admit_admin,
		[ANYONE] = admit_anyone,
		[RUNNER] = admit_runner,
		[VAPI] = admit_vapi,
		[TWILIO] = admit_twilio,
	};

	return by_who[r->route->who](r);
}
