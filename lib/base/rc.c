/* rc.c - names of the result codes. */
#include "base/rc.h"

static const char *const slugs[RC_COUNT] = {
	[OK] = "ok",
	[E_INPUT] = "input",
	[E_AUTH] = "auth",
	[E_DENIED] = "denied",
	[E_MISSING] = "missing",
	[E_CONFLICT] = "conflict",
	[E_LIMIT] = "limit",
	[E_BUSY] = "busy",
	[E_PEER] = "peer",
	[E_INTERNAL] = "internal",
};

const char *
rc_slug(enum rc rc)
{
	return rc >= OK && rc < RC_COUNT ? slugs[rc] : "internal";
}
