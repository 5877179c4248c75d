/* test_follow.c - voice files of this host follow what others have changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* before cmocka.h, which makes a macro of fail */
#include "base/conf.h"
#include "db/migrate.h"
#include "dispatch.h"
#include "follow.h"

#include <cmocka.h>

static char folder[] = "/tmp/test_follow.XXXXXX";
static struct arena *list, *each;
static struct db *db;
static struct follow follow;

/* Statements without values, in a transaction. */
static void
change(const char *account, const char *sql)
{
	struct req r = { .arena = list, .db = db };

	dispatch_begin(&r);
	req_scope(&r, account);
	assert_int_equal(req_begin(&r, DB_WRITE), OK);
	assert_int_equal(sql_do(&r, sql), OK);
	assert_int_equal(req_commit(&r), OK);
	db_scope(db, NULL);
}

/* As the job does it, at its own time. */
static void
changed_at(const char *account, int64_t now_ms)
{
	struct req r = { .arena = each,
		.db = db,
		.via = VIA_RUNNER,
		.method = "JOB",
		.target = "/job/phone/render",
		.account = account,
		.body = "",
		.now_ms = now_ms };

	dispatch_begin(&r);
	dispatch(&r);
	assert_int_equal(r.rc, OK);
	arena_reset(each);
}

static void
look(void)
{
	follow.next_us = 0;
	follow_look(&follow, db, list, each);
}

/* A pass that is due begins further back, the next goes on from there. */
static void
look_back(void)
{
	follow.late_us = 1;
	look();
	follow.late_us = INT64_MAX;
	look();
}

static const char *
path_of(const char *digits)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/voice/%s.xml", folder, digits);
	return path;
}

static bool
there(const char *digits)
{
	return access(path_of(digits), F_OK) == 0;
}

static bool
gone(const char *digits)
{
	return unlink(path_of(digits)) == 0;
}

static int
fresh(void **state)
{
	(void)state;
	memset(&follow, 0, sizeof(follow));
	follow.late_us = INT64_MAX;
	return 0;
}

/* Also those that changed long ago, and each once. */
static void
all_at_start(void **state)
{
	(void)state;
	look();
	assert_true(there("14155550101"));
	assert_true(there("14155550102"));
	assert_true(gone("14155550101") && gone("14155550102"));
	look();
	assert_false(there("14155550101") || there("14155550102"));
	changed_at("b", 1000);
	look();
	assert_true(there("14155550102"));
	assert_false(there("14155550101"));
}

/* A host whose clock is behind is heard all the same. */
static void
clocks_differ(void **state)
{
	(void)state;
	changed_at("b", 900000);
	look();
	assert_true(gone("14155550101"));
	changed_at("a", 5);
	look();
	assert_true(there("14155550101"));
}

/* One that was committed late, behind others that were made later. */
static void
committed_late(void **state)
{
	(void)state;
	changed_at("b", 2000000);
	look();
	assert_true(gone("14155550101"));
	change(NULL,
	    "UPDATE voice_change SET changed_at = 1999999"
	    " WHERE account_id = 'a'");
	look();
	assert_false(there("14155550101"));
	look_back();
	assert_true(there("14155550101"));
}

/* In the end nothing is looked at again and again. */
static void
quiet_at_last(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		look_back();
	assert_true(gone("14155550101") && gone("14155550102"));
	look();
	assert_false(there("14155550101") || there("14155550102"));
}

static void
set_folder(bool usable)
{
	char voice[64], aside[64];

	snprintf(voice, sizeof(voice), "%s/voice", folder);
	snprintf(aside, sizeof(aside), "%s/aside", folder);
	if (usable) {
		assert_int_equal(unlink(voice), 0);
		assert_int_equal(rename(aside, voice), 0);
	} else {
		FILE *f;

		assert_int_equal(rename(voice, aside), 0);
		f = fopen(voice, "w");
		assert_non_null(f);
		fclose(f);
	}
}

/* What could not be written is written later, however long it takes. */
static void
folder_of_no_use(void **state)
{
	(void)state;
	look();
	assert_true(gone("14155550101"));
	changed_at("a", 3000000);
	set_folder(false);
	for (int i = 0; i < 5; i++)
		look_back();
	assert_false(there("14155550101"));
	set_folder(true);
	look_back();
	assert_true(there("14155550101"));
}

static void
add_account(const char *id)
{
	change(id,
	    "INSERT INTO account (account_id, created_at, updated_at)"
	    " VALUES (app_account(), 1, 1)");
}

/* More accounts than a page has, and a number that nobody has any more. */
static void
many(void **state)
{
	char id[16];

	(void)state;
	for (int i = 0; i < 120; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		add_account(id);
		changed_at(id, 7);
	}
	look();
	change(NULL, "DELETE FROM directory WHERE key = '+14155550102'");
	memset(&follow, 0, sizeof(follow));
	for (int i = 0; i < 3; i++) {
		assert_true(there("14155550102"));
		look();
	}
	assert_false(there("14155550102"));
	assert_true(there("14155550101"));
}

static int
setup(void **state)
{
	char why[256];

	(void)state;
	if (mkdtemp(folder) == NULL || setenv("FRONTDESK_DATA", folder, 1) != 0)
		return -1;
	list = arena_new(1 << 20);
	each = arena_new(1 << 20);
	if (conf_load(why) != OK || db_open_raw(&db) != OK ||
	    migrate_to(db, list, migrate_latest(), NULL) != OK)
		return -1;
	db_close(db);
	if (db_open(&db) != OK)
		return -1;
	add_account("a");
	add_account("b");
	change(NULL,
	    "INSERT INTO directory (kind, key, account_id) VALUES"
	    " ('number', '+14155550101', 'a'), ('twilio_sid', 'AC1', 'a'),"
	    " ('number', '+14155550102', 'b'), ('twilio_sid', 'AC2', 'b')");
	change(NULL,
	    "INSERT INTO voice_change (account_id, changed_at) VALUES"
	    " ('a', 1), ('b', 2)");
	return 0;
}

static int
teardown(void **state)
{
	static const char *const files[] = { "frontdesk.db", "frontdesk.db-wal",
		"frontdesk.db-shm", "frontdesk.db.lock",
		"voice/14155550101.xml" };
	char path[64];

	(void)state;
	db_close(db);
	arena_free(list);
	arena_free(each);
	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		(void)unlink(path);
	}
	snprintf(path, sizeof(path), "%s/voice", folder);
	(void)rmdir(path);
	return rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = { TEST(all_at_start),
		TEST(clocks_differ), TEST(committed_late), TEST(quiet_at_last),
		TEST(folder_of_no_use), TEST(many) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
