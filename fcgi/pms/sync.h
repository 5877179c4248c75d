/*
 * sync.h - the mirror's job, and what the set-up shares with it.
 */
#ifndef PMS_SYNC_H
#define PMS_SYNC_H

#include "pms/pms.h"

/* One step of the mirror; ref: the account. */
enum rc pms_sync_run(struct req *) MUST_CHECK;
/* The next step; in a write transaction. */
enum rc sync_again(struct req *, int64_t at_ms) MUST_CHECK;
/* Keep what is known of the practice; in a write transaction. */
enum rc sync_known(struct pms *, const struct pms_practice *) MUST_CHECK;
/*
 * A call got nothing: the row, the breaker and, where the credentials are
 * refused, the staff are told; *at_ms is when to try again.
 */
enum rc sync_failed(struct pms *, int64_t *at_ms) MUST_CHECK;

/* --- one run ----------------------------------------------------------------
 */

/* What a run is about. */
struct sync {
	struct pms *p;
	const char *noun;
	bool full;
	int64_t pass_at;
	int64_t page;
	int64_t seen;
};

/* Read a page, or ask for some of what a pass did not meet; and keep it. */
enum rc sync_page(struct sync *) MUST_CHECK;
enum rc sync_lost(struct sync *) MUST_CHECK;

/*
 * Begin to keep what came. It may have been disconnected, or connected to
 * another practice, while we asked: then there is nothing to keep.
 */
enum rc sync_keep(struct pms *) MUST_CHECK;
/* The noun is read to its end, or there is more of it; before the commit. */
enum rc sync_advance(struct sync *, bool more, const char *error) MUST_CHECK;
/* A run that got nothing: say so, and try again. */
enum rc sync_give_up(struct pms *) MUST_CHECK;
/*
 * What comes next: staff, visits, lost_visits; in a full pass people and
 * lost_people. NULL: nothing.
 */
const char *sync_noun_after(const struct sync *);

#endif
