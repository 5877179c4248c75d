/* test_queue.c - jobs claimed, settled, put again, and taken over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* before cmocka.h, which makes a macro of fail */
#include "base/conf.h"
#include "db/migrate.h"
#include "dispatch.h"
#include "job/queue.h"

#include <cmocka.h>

static int64_t now_ms = 1000000;
static struct arena *arena;
static struct db *db;
static struct req r;

/* A request of its own, as the runner makes them. */
static struct req *
fresh(void)
{
	memset(&r, 0, sizeof(r));
	r.arena = arena;
	r.db = db;
	r.now_ms = now_ms;
	dispatch_begin(&r);
	req_set(&r, "now_ms", val_int(now_ms));
	return &r;
}

static enum rc
put(int64_t at_ms)
{
	enum rc rc = req_begin(fresh(), DB_WRITE);

	if (rc == OK)
		rc = job_put(&r, "/job/test", "it", NULL, at_ms);
	return rc == OK ? req_commit(&r) : rc;
}

/* Claims what is due; count is 0 when nothing is. */
static struct row
claim(void)
{
	struct row job;

	assert_int_equal(queue_claim(fresh(), &job), OK);
	return job;
}

static void
done_is_gone(void **state)
{
	struct row job;

	(void)state;
	assert_int_equal(put(now_ms), OK);
	job = claim();
	assert_string_equal(row_text(&job, "path"), "/job/test");
	assert_int_equal(row_int(&job, "attempts"), 1);
	assert_int_equal(claim().count, 0);
	assert_int_equal(queue_done(fresh(), &job), OK);
	now_ms += 2 * QUEUE_LEASE_MS;
	assert_int_equal(claim().count, 0);
}

static void
put_again_while_it_runs(void **state)
{
	struct row job;

	(void)state;
	assert_int_equal(put(now_ms), OK);
	job = claim();
	assert_int_equal(put(now_ms), OK);
	assert_int_equal(queue_done(fresh(), &job), OK);
	now_ms += 2;
	job = claim();
	assert_int_equal(row_int(&job, "attempts"), 1);
	assert_int_equal(queue_done(fresh(), &job), OK);
	assert_int_equal(claim().count, 0);
}

static void
later_then_dead(void **state)
{
	struct row job;

	(void)state;
	assert_int_equal(put(now_ms), OK);
	job = claim();
	assert_int_equal(queue_later(fresh(), &job, "ready", "no",
			     now_ms + 500),
	    OK);
	assert_int_equal(claim().count, 0);
	now_ms += 500;
	job = claim();
	assert_int_equal(row_int(&job, "attempts"), 2);
	assert_int_equal(queue_later(fresh(), &job, "dead", "no", now_ms), OK);
	now_ms += 2 * QUEUE_LEASE_MS;
	assert_int_equal(claim().count, 0);
}

/* One that outlived its lease has no say in what the next runner does. */
static void
taken_over(void **state)
{
	struct row slow, next;

	(void)state;
	assert_int_equal(put(now_ms), OK);
	slow = claim();
	now_ms += QUEUE_LEASE_MS + 1;
	next = claim();
	assert_int_equal(row_int(&next, "attempts"), 2);
	assert_int_equal(queue_done(fresh(), &slow), OK);
	assert_int_equal(queue_later(fresh(), &slow, "ready", "late", now_ms),
	    OK);
	assert_int_equal(claim().count, 0); /* it is still running */
	assert_int_equal(queue_done(fresh(), &next), OK);
	now_ms += 2 * QUEUE_LEASE_MS;
	assert_int_equal(claim().count, 0);
}

/* What a full arena may have lost is not committed. */
static void
full_arena(void **state)
{
	(void)state;
	assert_int_equal(req_begin(fresh(), DB_WRITE), OK);
	assert_int_equal(job_put(&r, "/job/test", "it", NULL, now_ms), OK);
	assert_null(arena_get(arena, SIZE_MAX));
	assert_int_equal(req_commit(&r), E_INTERNAL);
	assert_false(db_in_tx(db));
	arena_reset(arena);
	assert_int_equal(claim().count, 0);
}

static char folder[] = "/tmp/test_queue.XXXXXX";

static int
setup(void **state)
{
	char why[256];

	(void)state;
	if (mkdtemp(folder) == NULL || setenv("FRONTDESK_DATA", folder, 1) != 0)
		return -1;
	arena = arena_new(1 << 20);
	if (conf_load(why) != OK || db_open_raw(&db) != OK ||
	    migrate_to(db, arena, migrate_latest(), NULL) != OK)
		return -1;
	db_close(db);
	return db_open(&db) == OK ? 0 : -1;
}

static int
teardown(void **state)
{
	static const char *const files[] = { "frontdesk.db", "frontdesk.db-wal",
		"frontdesk.db-shm", "frontdesk.db.lock" };
	char path[64];

	(void)state;
	db_close(db);
	arena_free(arena);
	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_is_gone),
		cmocka_unit_test(put_again_while_it_runs),
		cmocka_unit_test(later_then_dead),
		cmocka_unit_test(taken_over),
		cmocka_unit_test(full_arena),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
