/*
 * queue.h - the runner's side of the outbox; handlers use job_put.
 *
 * A job is claimed with a lease, so that one whose runner died is taken up
 * again; it runs at least once, therefore jobs are idempotent. The lease is
 * longer than conf->hard_ms, after which a stuck runner is killed.
 */
#ifndef FCGI_JOB_QUEUE_H
#define FCGI_JOB_QUEUE_H

#include "req.h"

#define QUEUE_LEASE_MS 120000
#define QUEUE_ATTEMPTS 60 /* some six hours; then it is dead */

/* Take the next due job: id path ref payload account_id attempts run_at. */
enum rc queue_claim(struct req *, struct row *job) MUST_CHECK;
/* It is done; one that was put again meanwhile stays. */
enum rc queue_done(struct req *, const struct row *job) MUST_CHECK;
/* It failed: state "ready" to try again at next_ms, or "dead". */
enum rc queue_later(struct req *, const struct row *job, const char *state,
    const char *error, int64_t next_ms) MUST_CHECK;

#endif
