/*
 * circuit.h - a circuit breaker for each account and provider, shared by all
 * processes through the database.
 *
 * After conf->breaker_failures failures in a row nobody calls for
 * conf->breaker_open_ms; then one call is let through to see how it is, and
 * only its success closes the breaker. Each failed one doubles the wait, up
 * to CIRCUIT_WAIT_MAX_MS. A failure is that the provider gives no usable
 * answer, not that it refuses something.
 */
#ifndef JOB_CIRCUIT_H
#define JOB_CIRCUIT_H

#include "req.h"

#define CIRCUIT_WAIT_MAX_MS (INT64_C(600000))

/*
 * May the account call the provider? *until is 0 when it may, else when to
 * ask again, epoch ms. To be called outside a transaction; who may call must
 * tell.
 */
enum rc circuit_ask(struct req *, const char *provider,
    int64_t *until) MUST_CHECK;
/* What came of it; why is NULL when it went well. In a write transaction. */
enum rc circuit_tell(struct req *, const char *provider,
    const char *why) MUST_CHECK;

struct circuit {
	const char *state; /* closed open half-open */
	int64_t failures;
	int64_t open_until; /* 0: not open */
	const char *why;    /* of the last failure, or NULL */
};

/* How it stands. */
enum rc circuit_read(struct req *, const char *provider,
    struct circuit *) MUST_CHECK;

#endif
