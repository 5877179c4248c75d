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

#endif
