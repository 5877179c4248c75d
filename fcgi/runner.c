/* runner.c - does the jobs of the outbox and keeps the database tidy. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "dispatch.h"
#include "follow.h"
#include "job/queue.h"
#include "onboard/session.h"
#include "peer/fetch.h"
#include "role.h"
#include "super.h"

#define IDLE_MS	       200 /* between looks for due jobs */
#define TROUBLE_MS     900 /* when the database cannot be asked */
#define TIDY_MS	       200 /* between checkpoints */
#define PRUNE_MS       3600000
#define BACKOFF_MS     1000
#define BACKOFF_CAP_MS 600000

SQL_WHOLE prune_session_sql[] = "DELETE FROM session WHERE expires_at < :now_ms"
				" OR revoked_at < :now_ms - 604800000";
SQL_WHOLE prune_refresh_sql[] =
    "DELETE FROM refresh_token WHERE expires_at < :now_ms";
SQL_WHOLE prune_throttle_sql[] =
    "DELETE FROM throttle WHERE since < :now_ms - 86400000";

struct runner {
	struct super *super;
	struct arena *own;  /* of claiming, settling and tidying */
	struct arena *jobs; /* of the job being done, which may use all of it */
	struct db *db;
	struct follow follow; /* of the housekeeper */
};

static void
req_make(struct runner *u, struct arena *arena, struct req *r)
{
	memset(r, 0, sizeof(*r));
	r->arena = arena;
	r->db = u->db;
	r->pool = WAIT;
	r->via = VIA_RUNNER;
	r->method = "JOB";
	dispatch_begin(r);
}

/* Double the wait with each attempt; a random part keeps jobs apart. */
static int64_t
backoff_ms(int64_t attempts)
{
	int64_t wait = BACKOFF_MS;

	while (attempts-- > 1 && wait < BACKOFF_CAP_MS)
		wait *= 2;
	if (wait > BACKOFF_CAP_MS)
		wait = BACKOFF_CAP_MS;
	return wait / 2 + random() % (wait / 2 + 1);
}

static bool
is_final(enum rc rc)
{
	return rc == E_INPUT || rc == E_MISSING || rc == E_CONFLICT ||
	    rc == E_DENIED;
}

/* Write down what came of a job. */
static void
job_settle(struct runner *u, const struct req *done, const struct row *job)
{
	int64_t attempts = row_int(job, "attempts");
	bool dead = is_final(done->rc) || attempts >= QUEUE_ATTEMPTS;
	struct req r;
	enum rc rc;

	req_make(u, u->own, &r);
	if (done->rc == OK)
		rc = queue_done(&r, job);
	else
		rc = queue_later(&r, job, dead ? "dead" : "ready", done->reason,
		    r.now_ms + backoff_ms(attempts));
	if (rc != OK)
		log_msg(LOG_ERROR, "a job could not be settled: %s",
		    r.reason != NULL ? r.reason : rc_slug(rc));
}

static void
job_run(struct runner *u, struct board_worker *line, const struct row *job)
{
	int64_t start = clock_tick_us();
	struct req r;

	req_make(u, u->jobs, &r);
	r.id = row_text(job, "id");
	r.target = row_text(job, "path");
	r.account = row_text(job, "account_id");
	r.body = row_text(job, "payload");
	r.body_len = strlen(r.body);
	r.route_slot = &line->route;
	req_set(&r, "ref", row_val(job, "ref"));
	board_begin(line, r.id);
	dispatch(&r);
	board_end(u->super->board, line, &r);
	note_request(&r, clock_tick_us() - start);
	job_settle(u, &r, job);
	arena_reset(u->jobs);
}

/* One due job, if there is one; answers how long to rest before the next. */
static int
job_next(struct runner *u, struct board_worker *line)
{
	int rest_ms = IDLE_MS;
	struct row job;
	struct req r;

	req_make(u, u->own, &r);
	if (queue_claim(&r, &job) != OK)
		rest_ms = TROUBLE_MS;
	else if (job.count > 0) {
		job_run(u, line, &job);
		rest_ms = 0;
	}
	arena_reset(u->own);
	return rest_ms;
}

static void
prune(struct runner *u)
{
	struct req r;

	req_make(u, u->own, &r);
	req_set(&r, "now_ms", val_int(r.now_ms));
	if (req_begin(&r, DB_WRITE) != OK ||
	    sql_do(&r, prune_session_sql) != OK ||
	    sql_do(&r, prune_refresh_sql) != OK ||
	    sql_do(&r, prune_throttle_sql) != OK || req_commit(&r) != OK)
		log_msg(LOG_WARN, "old sessions could not be removed");
	req_rollback(&r);
	arena_reset(u->own);
	req_make(u, u->own, &r);
	if (session_prune(&r) != OK)
		log_msg(LOG_WARN, "onboarding sessions could not be tidied");
	arena_reset(u->own);
}

static void
tidy(struct runner *u)
{
	static int64_t pruned_us;
	int64_t pages, now = clock_tick_us();

	if (db_checkpoint(u->db, &pages) != OK)
		log_msg(LOG_WARN, "checkpoint: %s", db_why(u->db));
	if (pruned_us == 0 || now - pruned_us > PRUNE_MS * 1000L) {
		pruned_us = now;
		prune(u);
	}
}

static void
pause_ms(int ms)
{
	struct timespec t = { .tv_nsec = ms * 1000000L };

	(void)ppoll(NULL, 0, &t, &super_mask);
}

/* Child 0 is the housekeeper, the others do jobs. */
static int
runner_child(struct super *s, int index)
{
	struct runner u = { .super = s, .own = arena_new(REQ_ARENA_BYTES) };
	struct req r = { 0 };

	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (u.own == NULL || !program_open(&r))
		return 1;
	u.jobs = r.arena;
	u.db = r.db;
	while (!super_stop) {
		if (index == 0) {
			tidy(&u);
			follow_look(&u.follow, u.db, u.own, u.jobs);
			pause_ms(TIDY_MS);
		} else
			pause_ms(job_next(&u, &s->board->worker[index]));
	}
	fetch_drop();
	program_close(&r);
	arena_free(u.own);
	return 0;
}

int
role_runner(struct args *a)
{
	struct super s = { .name = "runner", .child = runner_child };

	if (!args_workers(a, &s.workers))
		return args_usage(a, "runner [--workers N]");
	log_role("runner");
	if (s.workers < BOARD_WORKERS)
		s.workers++; /* the housekeeper */
	s.board = board_make("runner");
	if (s.board == NULL)
		return args_fail("the scoreboard of the runner cannot be "
				 "made in %s/run",
		    conf->data);
	return super_run(&s);
}
