/* test_lock.c - writers take turns, also when one of them dies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "base/conf.h"
#include "scratch.h"

#define WRITERS 4
#define LOAD_MS 1500

static const char add[] = "INSERT INTO throttle (key, count, since) VALUES"
			  " (hex(randomblob(8)), 1, 1)";
static const char count[] = "SELECT count(*) FROM throttle";

static int64_t
now_ms(void)
{
	return clock_tick_us() / 1000;
}

/* A process that says so once it holds the writers' lock, and then sleeps. */
static pid_t
holder(void (*hold)(void))
{
	int said[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(said), 0);
	pid = fork();
	if (pid == 0) {
		hold();
		if (write(said[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(said[1]);
	assert_int_equal(read(said[0], &byte, 1), 1);
	close(said[0]);
	return pid;
}

static void
finish(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Any program that knows the file, not only ours. */
static void
hold_file(void)
{
	char path[1024];
	int fd;

	snprintf(path, sizeof(path), "%s.lock", conf->database);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		_exit(1);
}

/* One of ours, in the middle of a transaction. */
static void
hold_writing(void)
{
	struct db *db = scratch_open();

	if (db_begin(db, DB_WRITE) != OK || scratch_do(db, add, NULL) != OK)
		_exit(1);
}

/* A process that ends with the code of fn. */
static pid_t
start(int (*fn)(void))
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn());
	return pid;
}

static int
code_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
checkpoint_once(void)
{
	struct db *db = scratch_open();
	int64_t pages;

	return (int)db_checkpoint(db, &pages);
}

static void
waits_five_seconds(void **state)
{
	struct db *db = scratch_open();
	pid_t pid = holder(hold_file), other = start(checkpoint_once);
	int64_t begun = now_ms(), waited;

	(void)state;
	assert_int_equal(db_begin(db, DB_READ), OK);
	assert_int_equal(scratch_int(db, count), 0);
	assert_int_equal(db_commit(db), OK);
	assert_true(now_ms() - begun < 1000);
	assert_int_equal(db_begin(db, DB_WRITE), E_BUSY);
	waited = now_ms() - begun;
	assert_in_range(waited, 4500, 7000);
	assert_false(db_in_tx(db));
	assert_non_null(strstr(db_why(db), "writers' lock"));
	assert_int_equal(code_of(other), E_BUSY);
	finish(pid);
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	assert_int_equal(scratch_do(db, add, NULL), OK);
	assert_int_equal(db_commit(db), OK);
	assert_int_equal(scratch_int(db, count), 1);
	db_close(db);
}

/* kill -9 frees the lock, and takes back what was not committed. */
static void
killed_holder(void **state)
{
	struct db *db = scratch_open();
	int64_t had = scratch_int(db, count), begun;
	pid_t pid = holder(hold_writing);

	(void)state;
	begun = now_ms();
	finish(pid);
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	assert_true(now_ms() - begun < 1000);
	assert_int_equal(scratch_int(db, count), had);
	assert_int_equal(scratch_do(db, add, NULL), OK);
	assert_int_equal(db_commit(db), OK);
	db_close(db);
}

static int
write_once(void)
{
	struct db *db = scratch_open();

	return db_begin(db, DB_WRITE) != OK ||
	    scratch_do(db, add, NULL) != OK || db_commit(db) != OK;
}

/* Whoever waits goes on as soon as the holder is gone, not seconds later. */
static void
waiting_goes_on(void **state)
{
	pid_t pid = holder(hold_writing), other = start(write_once);
	int64_t begun;

	(void)state;
	usleep(300000);
	begun = now_ms();
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	finish(pid);
	assert_int_equal(code_of(other), 0);
	assert_true(now_ms() - begun < 1000);
}

static void
writer(volatile int *done)
{
	struct db *db = scratch_open();
	int64_t until = now_ms() + LOAD_MS;

	while (now_ms() < until) {
		if (db_begin(db, DB_WRITE) != OK ||
		    scratch_do(db, add, NULL) != OK || db_commit(db) != OK)
			_exit(1);
		(*done)++;
	}
	db_close(db);
	_exit(0);
}

/* Nobody is starved, and every commit counts. */
static void
fair(void **state)
{
	int *done = mmap(NULL, WRITERS * sizeof(int), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct db *db = scratch_open();
	int64_t had = scratch_int(db, count);
	int total = 0, least = 1 << 30;
	pid_t pid[WRITERS];

	(void)state;
	assert_true(done != MAP_FAILED);
	for (int i = 0; i < WRITERS; i++)
		if ((pid[i] = fork()) == 0)
			writer(&done[i]);
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(code_of(pid[i]), 0);
		total += done[i];
		least = done[i] < least ? done[i] : least;
	}
	print_message("# %d commits, the slowest writer had %d\n", total,
	    least);
	assert_true(least > 0 && least >= total / WRITERS / 8);
	assert_int_equal(scratch_int(db, count), had + total);
	db_close(db);
}

/* Without the lock an affected SQLite is not even opened. */
static void
refuses_to_start(void **state)
{
	int v = sqlite3_libversion_number();
	bool affected = v < 3051003 && v != 3050007 && v != 3044006;
	struct db *db;
	enum rc rc;

	(void)state;
	scratch_conf("FRONTDESK_WRITER_LOCK", "off");
	rc = db_open(&db);
	assert_int_equal(rc, affected ? E_CONFLICT : OK);
	if (affected)
		assert_non_null(strstr(db_why(db),
		    "can lose rows without the writers' lock; set "
		    "FRONTDESK_WRITER_LOCK=on"));
	db_close(db);
	scratch_conf("FRONTDESK_WRITER_LOCK", NULL);
	db_close(scratch_open());
}

static int
setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	scratch_fresh();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_five_seconds),
		cmocka_unit_test(killed_holder),
		cmocka_unit_test(waiting_goes_on),
		cmocka_unit_test(fair),
		cmocka_unit_test(refuses_to_start),
	};

	return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
