/* test_postgres.c - a server that refuses, ends, waits and disagrees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/str.h"
#include "schema.h"
#include "scratch.h"

static const char add[] =
    "INSERT INTO throttle (key, count, since) VALUES ('a', 1, 1)"
    " ON CONFLICT (key) DO UPDATE SET count = throttle.count + 1";
static const char count[] = "SELECT count(*) FROM throttle";
static const char name_set[] = "UPDATE contact SET name = 'x'"
			       " WHERE account_id = app_account()"
			       " AND id = 'a-contact'";
static const char other_set[] = "UPDATE contact SET name = 'y'"
				" WHERE account_id = app_account()"
				" AND id = 'b-contact'";

static int64_t
now_ms(void)
{
	return clock_tick_us() / 1000;
}

/* End every connection to this database but the one that does it. */
static int64_t
end_all(void)
{
	const char *n = scratch_dump(
	    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
	    " WHERE datname = current_database() AND pid <> pg_backend_pid()");

	return atoi(n);
}

/* Nothing was begun: the caller does not even notice. */
static void
ended_while_idle(void **state)
{
	struct db *db = scratch_open();

	(void)state;
	assert_int_equal(scratch_do(db, add, NULL), OK);
	assert_true(end_all() >= 1);
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	if (scratch_do(db, add, NULL) != OK)
		fail_msg("%s", db_why(db));
	assert_int_equal(db_commit(db), OK);
	assert_true(end_all() >= 1);
	assert_int_equal(scratch_int(db, count), 1); /* a read on its own */
	db_close(db);
}

/* All of it is gone, and it may be run again. */
static void
ended_in_the_middle(void **state)
{
	static const char mark[] = "INSERT INTO throttle (key, count, since)"
				   " VALUES ('middle', 1, 1)";
	struct db *db = scratch_open();
	int64_t had = scratch_int(db, count);

	(void)state;
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	assert_int_equal(scratch_do(db, mark, NULL), OK);
	assert_true(end_all() >= 1);
	assert_int_equal(scratch_do(db, add, NULL), E_BUSY);
	assert_true(db_again(db));
	/* what comes after stays out, too: half of it is lost */
	assert_int_equal(scratch_do(db, add, NULL), E_BUSY);
	assert_int_equal(db_commit(db), E_BUSY);
	assert_true(db_again(db));
	assert_false(db_in_tx(db));
	assert_int_equal(scratch_int(db, count), had);
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	assert_int_equal(scratch_do(db, mark, NULL), OK);
	assert_int_equal(db_commit(db), OK);
	assert_int_equal(scratch_int(db, count), had + 1);
	db_close(db);
}

/* COMMIT was sent and never answered: nobody can say, so nobody repeats. */
static void
ended_in_the_commit(void **state)
{
	static const char slow[] =
	    "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$"
	    " BEGIN PERFORM pg_sleep(3); RETURN NULL; END $$;"
	    "CREATE CONSTRAINT TRIGGER slow AFTER INSERT OR UPDATE ON throttle"
	    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
	    " EXECUTE FUNCTION slow()";
	struct db *db = scratch_open(), *raw = scratch_raw();
	pid_t pid;
	int status;

	(void)state;
	scratch_script(raw, slow);
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	assert_int_equal(scratch_do(db, add, NULL), OK);
	pid = fork();
	if (pid == 0) {
		usleep(500000);
		_exit(end_all() >= 1 ? 0 : 1);
	}
	assert_int_equal(db_commit(db), E_BUSY);
	assert_false(db_again(db));
	assert_non_null(strstr(db_why(db), "outcome is unknown"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	scratch_script(raw,
	    "DROP TRIGGER slow ON throttle;"
	    "DROP FUNCTION slow()");
	db_close(raw);
	db_close(db);
}

static void
deadlock(void **state)
{
	static const char one[] = "UPDATE throttle SET count = 2"
				  " WHERE key = 'd1'";
	static const char two[] = "UPDATE throttle SET count = 2"
				  " WHERE key = 'd2'";
	struct db *db = scratch_open();
	pid_t pid;
	int status, rc;

	(void)state;
	scratch_conf("FRONTDESK_DATABASE_TIMEOUT_MS", "4000");
	assert_int_equal(scratch_do(db,
			     "INSERT INTO throttle VALUES"
			     " ('d1', 1, 1), ('d2', 1, 1)",
			     NULL),
	    OK);
	pid = fork();
	if (pid == 0) {
		struct db *child = scratch_open();

		rc = db_begin(child, DB_CLAIM);
		if (rc == OK)
			rc = scratch_do(child, two, NULL);
		usleep(300000);
		if (rc == OK)
			rc = scratch_do(child, one, NULL);
		_exit(rc == OK ? db_commit(child) != OK :
			rc == E_BUSY && db_again(child) ? 10 :
							  20);
	}
	assert_int_equal(db_begin(db, DB_CLAIM), OK);
	assert_int_equal(scratch_do(db, one, NULL), OK);
	usleep(200000);
	rc = scratch_do(db, two, NULL);
	if (rc != OK)
		assert_true(rc == E_BUSY && db_again(db));
	db_rollback(db);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* exactly one of the two had to give way, and may try again */
	assert_int_equal(WEXITSTATUS(status), rc == OK ? 10 : 0);
	scratch_conf("FRONTDESK_DATABASE_TIMEOUT_MS", NULL);
	db_close(db);
}

/* Writers of one account take turns; those of two do not meet. */
static void
turns(void **state)
{
	struct db *first, *second;
	int64_t from;

	(void)state;
	scratch_conf("FRONTDESK_DATABASE_TIMEOUT_MS", "400");
	first = scratch_open();
	second = scratch_open();
	db_scope(first, "a");
	assert_int_equal(db_begin(first, DB_WRITE), OK);
	assert_int_equal(scratch_do(first, name_set, NULL), OK);
	db_scope(second, "b");
	assert_int_equal(db_begin(second, DB_WRITE), OK);
	assert_int_equal(scratch_do(second, other_set, NULL), OK);
	assert_int_equal(db_commit(second), OK);
	db_scope(second, "a");
	assert_int_equal(db_begin(second, DB_READ),
	    OK); /* readers never wait */
	assert_int_equal(scratch_int(second, "SELECT count(*) FROM my_contact"),
	    1);
	assert_int_equal(db_commit(second), OK);
	assert_int_equal(db_begin(second, DB_WRITE), OK);
	from = now_ms();
	assert_int_equal(scratch_do(second, name_set, NULL), E_BUSY);
	assert_in_range(now_ms() - from, 300, 3000);
	assert_false(db_again(second));
	db_rollback(second);
	assert_int_equal(db_commit(first), OK);
	assert_int_equal(db_begin(second, DB_WRITE), OK);
	assert_int_equal(scratch_do(second, name_set, NULL), OK);
	assert_int_equal(db_commit(second), OK);
	db_close(first);
	db_close(second);
	scratch_conf("FRONTDESK_DATABASE_TIMEOUT_MS", NULL);
}

static void
too_long(void **state)
{
	static const char forever[] =
	    "SELECT count(*) FROM generate_series(1, 1000000000) AS g (i)";
	struct db *db;
	int64_t from = now_ms();

	(void)state;
	scratch_conf("FRONTDESK_DATABASE_TIMEOUT_MS", "300");
	db = scratch_open();
	assert_int_equal(db_begin(db, DB_READ), OK);
	assert_int_equal(scratch_do(db, forever, NULL), E_BUSY);
	assert_in_range(now_ms() - from, 250, 4000);
	assert_non_null(strstr(db_why(db), "57014"));
	db_rollback(db);
	assert_int_equal(scratch_do(db, forever, NULL), E_BUSY);
	assert_true(scratch_int(db, count) >= 0);
	db_close(db);
	scratch_conf("FRONTDESK_DATABASE_TIMEOUT_MS", NULL);
}

/* What was read stays so until the end, whatever others commit. */
static void
one_state(void **state)
{
	struct db *reader = scratch_open(), *writer = scratch_open();
	int64_t had;

	(void)state;
	assert_int_equal(db_begin(reader, DB_READ), OK);
	had = scratch_int(reader, count);
	assert_int_equal(scratch_do(writer,
			     "INSERT INTO throttle VALUES"
			     " ('later', 1, 1)",
			     NULL),
	    OK);
	assert_int_equal(scratch_int(reader, count), had);
	assert_int_not_equal(scratch_do(reader, add, NULL), OK);
	db_rollback(reader);
	assert_int_equal(scratch_int(reader, count), had + 1);
	db_close(reader);
	db_close(writer);
}

static void
refused(const char *url, enum rc want, const char *why)
{
	char *old = strdup(conf->database);
	struct db *db;

	scratch_conf("FRONTDESK_DATABASE", url);
	assert_int_equal(db_open(&db), want);
	if (strstr(db_why(db), why) == NULL)
		fail_msg("%s: %s", url, db_why(db));
	db_close(db);
	scratch_conf("FRONTDESK_DATABASE", old);
	free(old);
}

/* Whoever could step over row-level security does not serve. */
static void
wrong_role(void **state)
{
	char *owner = strdup(conf->database_owner);

	(void)state;
	refused(owner, E_CONFLICT, "owns the tables");
	refused(scratch_text("%s", getenv("FRONTDESK_TEST_SUPER")), E_CONFLICT,
	    "stands above row-level security");
	free(owner);
}

static void
nobody_there(void **state)
{
	const char *at = scratch_text("%s", strrchr(conf->database, '@'));
	int64_t from = now_ms();

	(void)state;
	refused("postgresql://frontdesk@127.0.0.1:1/x", E_BUSY,
	    "Connection refused");
	refused(scratch_text("postgresql://frontdesk:wrong%s", at), E_BUSY,
	    "password authentication failed");
	refused(scratch_text("postgresql://nobody:wrong%s", at), E_BUSY,
	    "password authentication failed");
	refused(scratch_text("%s_gone", conf->database), E_BUSY,
	    "does not exist");
	refused("postgresql://127.0.0.1:99999/x", E_BUSY, "port");
	refused("postgresql://u@127.0.0.1/x?sslmode=sideways", E_BUSY,
	    "sslmode");
	assert_true(now_ms() - from < 4000);
}

static void
limit(int connections)
{
	const char *name = strrchr(conf->database, '/') + 1;

	(void)scratch_dump(scratch_text("ALTER DATABASE %s CONNECTION LIMIT %d",
	    name, connections));
}

/* Who asks too early is told so, and served when the server takes him. */
static void
comes_later(void **state)
{
	struct db *db;

	(void)state;
	limit(0);
	assert_int_equal(db_open(&db), E_BUSY);
	assert_non_null(strstr(db_why(db), "too many connections"));
	assert_int_equal(db_begin(db, DB_READ), E_BUSY);
	assert_false(db_in_tx(db));
	limit(-1);
	usleep(600000); /* connecting is tried twice a second at most */
	assert_int_equal(db_begin(db, DB_READ), OK);
	assert_true(scratch_int(db, count) >= 0);
	/* and it is as guarded as any other */
	assert_int_not_equal(scratch_do(db, "SELECT * FROM contact", NULL), OK);
	assert_non_null(strstr(db_why(db), "refused"));
	db_rollback(db);
	db_close(db);
}

static int
setup(void **state)
{
	struct db *db;

	if (scratch_setup(state) != 0)
		return -1;
	scratch_fresh();
	db = scratch_open();
	schema_fill(db, "a");
	schema_fill(db, "b");
	db_close(db);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ended_while_idle),
		cmocka_unit_test(ended_in_the_middle),
		cmocka_unit_test(ended_in_the_commit),
		cmocka_unit_test(deadlock),
		cmocka_unit_test(turns),
		cmocka_unit_test(too_long),
		cmocka_unit_test(one_state),
		cmocka_unit_test(wrong_role),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(comes_later),
	};

	if (!scratch_pg()) {
		print_message("# of PostgreSQL alone\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
