/* open.c - what a process needs before it serves: keys and the database. */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/conf.h"
#include "dispatch.h"
#include "safe/seal.h"

bool
program_open(struct req *r)
{
	const struct rlimit none = { 0, 0 };
	char why[256];
	enum rc rc;

	srandom((unsigned)(clock_tick_us() ^ getpid()));
	/* a core would hold keys and what callers said */
	(void)setrlimit(RLIMIT_CORE, &none);
	r->arena = arena_new(REQ_ARENA_BYTES);
	if (r->arena == NULL) {
		log_msg(LOG_ERROR, "out of memory");
		return false;
	}
	if (seal_load(conf->key_file, why) != OK) {
		log_msg(LOG_ERROR,
		    "%s (`frontdesk key init` makes the first "
		    "key)",
		    why);
		return false;
	}
	rc = db_open(&r->db);
	if (rc != OK)
		log_msg(LOG_ERROR, "%s", db_why(r->db));
	/* a server that is not there yet may come; until then: 503 */
	return rc == OK || rc == E_BUSY;
}

void
program_close(struct req *r)
{
	db_close(r->db);
	arena_free(r->arena);
}
