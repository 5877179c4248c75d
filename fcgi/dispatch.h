/*
 * dispatch.h - what the program's roles know of requests; handlers do not.
 */
#ifndef FCGI_DISPATCH_H
#define FCGI_DISPATCH_H

#include "req.h"

#define REQ_ARENA_BYTES ((size_t)64 << 20)

/*
 * Serve one request. Before dispatch_begin r holds arena, db, pool and env
 * (or, for a job, method and target) and is cleared otherwise; the body is set
 * between the two calls, where a failure to read it may be recorded. After
 * dispatch r->out, r->status, r->type and r->headers are the whole answer:
 * whatever happens, there is one.
 */
void dispatch_begin(struct req *);
void dispatch(struct req *);

/* The steps, each in a file of its own. */
enum rc match_route(struct req *) MUST_CHECK;
enum rc admit(struct req *) MUST_CHECK;
enum rc check_input(struct req *) MUST_CHECK;
void reply_finish(struct req *);
/* Parse the body into r->json; webhooks need it before they are admitted. */
enum rc check_json(struct req *) MUST_CHECK;
/* Log a served request that took us microseconds. */
void note_request(const struct req *, int64_t us);

/*
 * Keys, arena and database of this process; after fork. False when one is
 * not to be had, which is logged. program_close gives back what there is.
 */
bool program_open(struct req *) MUST_CHECK;
void program_close(struct req *);

/* HTTP reason phrase of a status. */
const char *reply_phrase(int status);

/* Signed-in people and webhooks, by group. */
enum rc admit_member(struct req *) MUST_CHECK;
enum rc admit_vapi(struct req *) MUST_CHECK;
enum rc admit_twilio(struct req *) MUST_CHECK;

/* The route at an index (order of resources.def), NULL behind the last. */
const struct route *route_at(int index, const struct resource **);

/* Does a name stand for a value in this route's statements? */
bool check_name(const struct route *, const char *name);

/* The API description, OpenAPI 3.1. db may be NULL (no answer shapes). */
enum rc describe_api(struct arena *, struct db *, struct buf *) MUST_CHECK;

#endif
