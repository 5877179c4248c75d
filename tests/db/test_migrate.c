/* test_migrate.c - the schema goes up and down, and never halfway. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "db/migrate.h"
#include "schema.h"

#define PROCESSES 4
#define ROUNDS	  10

static struct arena *arena;

static const char pg_schema[] =
    "WITH c AS (SELECT * FROM pg_class WHERE relnamespace ="
    " to_regnamespace('frontdesk') AND relname NOT LIKE 'schema\\_%' AND"
    " relkind <> 'i')"
    " SELECT 'relation', relname, '', relkind::text, relowner::regrole::text,"
    " coalesce(relacl::text, ''), coalesce(reloptions::text, ''),"
    " relrowsecurity::text, relforcerowsecurity::text FROM c"
    " UNION ALL SELECT 'column', relname, attname, format_type(atttypid,"
    " atttypmod), attnotnull::text, coalesce(pg_get_expr(adbin, adrelid), ''),"
    " attcollation::regcollation::text, attgenerated::text, '' FROM c"
    " JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0"
    " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
    " UNION ALL SELECT 'constraint', relname, conname,"
    " pg_get_constraintdef(k.oid), '', '', '', '', '' FROM c"
    " JOIN pg_constraint k ON conrelid = c.oid"
    " UNION ALL SELECT 'index', relname, indexrelid::regclass::text,"
    " pg_get_indexdef(indexrelid), '', '', '', '', '' FROM c"
    " JOIN pg_index ON indrelid = c.oid"
    " UNION ALL SELECT 'trigger', relname, tgname,"
    " pg_get_triggerdef(t.oid), '', '', '', '', '' FROM c"
    " JOIN pg_trigger t ON tgrelid = c.oid AND NOT tgisinternal"
    " UNION ALL SELECT 'policy', relname, polname, polcmd::text,"
    " polpermissive::text, polroles::text,"
    " coalesce(pg_get_expr(polqual, polrelid), ''),"
    " coalesce(pg_get_expr(polwithcheck, polrelid), ''), '' FROM c"
    " JOIN pg_policy ON polrelid = c.oid"
    " UNION ALL SELECT 'view', relname, '', pg_get_viewdef(c.oid), '', '',"
    " '', '', '' FROM c WHERE relkind = 'v' ORDER BY 1, 2, 3";

static void
go(struct db *raw, int to)
{
	if (migrate_to(raw, arena, to, NULL) != OK)
		fail_msg("to %d: %s", to, db_why(raw));
	assert_int_equal(migrate_version(raw), to);
}

/* Everything in the schema but the tables of migrations themselves. */
static const char *
schema_of(void)
{
	static const char sqlite[] =
	    "SELECT type, name, tbl_name, sql FROM"
	    " sqlite_master WHERE tbl_name NOT LIKE 'schema\\_%' ESCAPE '\\'"
	    " ORDER BY type, name";

	return scratch_dump(scratch_sql(sqlite, pg_schema));
}

static void
up_down_up(void **state)
{
	struct db *raw;
	const char *first, *opens;

	(void)state;
	scratch_empty();
	raw = scratch_raw();
	assert_int_equal(migrate_version(raw), 0);
	go(raw, migrate_latest());
	first = schema_of();
	opens = scratch_dump("SELECT * FROM schema_open ORDER BY 1");
	assert_true(strlen(first) > 5000 && strlen(opens) > 10);
	go(raw, 0);
	assert_string_equal(
	    scratch_dump(
		scratch_sql("SELECT name FROM sqlite_master"
			    " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
			    " AND name NOT LIKE 'schema\\_%' ESCAPE '\\'",
		    "SELECT relname FROM pg_class WHERE relnamespace ="
		    " to_regnamespace('frontdesk')"
		    " AND relname NOT LIKE 'schema\\_%'")),
	    "");
	assert_int_equal(scratch_int(raw,
			     "SELECT count(*) FROM schema_migration"),
	    0);
	assert_int_equal(scratch_int(raw, "SELECT count(*) FROM schema_open"),
	    0);
	go(raw, migrate_latest());
	assert_string_equal(schema_of(), first);
	assert_string_equal(scratch_dump(
				"SELECT * FROM schema_open ORDER BY 1"),
	    opens);
	db_close(raw);
}

/* Each step by itself: down takes away exactly what up has brought. */
static void
each_step(void **state)
{
	struct db *raw;

	(void)state;
	scratch_empty();
	raw = scratch_raw();
	for (int v = 1; v <= migrate_latest(); v++) {
		const char *below = schema_of(), *above;

		go(raw, v);
		above = schema_of();
		assert_string_not_equal(above, below);
		go(raw, v - 1);
		assert_string_equal(schema_of(), below);
		go(raw, v);
		assert_string_equal(schema_of(), above);
	}
	db_close(raw);
}

static void
data_survives(void **state)
{
	struct db *db, *raw;
	const char *before;

	(void)state;
	scratch_fresh();
	db = scratch_open();
	schema_fill(db, "a");
	db_close(db);
	raw = scratch_raw();
	before = schema_dump("a");
	go(raw, migrate_latest());
	assert_string_equal(schema_dump("a"), before);
	assert_true(strlen(before) > 500);
	/* and with rows in it, it still goes all the way down */
	go(raw, 0);
	db_close(raw);
}

/* db_open refuses, and says what to do. */
static void
refused(const char *what_to_do)
{
	struct db *db;

	assert_int_equal(db_open(&db), E_CONFLICT);
	assert_non_null(strstr(db_why(db), what_to_do));
	assert_non_null(strstr(db_why(db), "the database has schema"));
	db_close(db);
}

static void
other_versions(void **state)
{
	struct db *raw;

	(void)state;
	scratch_empty();
	refused("run `frontdesk migrate up`");
	raw = scratch_raw();
	go(raw, migrate_latest() - 1);
	refused("run `frontdesk migrate up`");
	go(raw, migrate_latest());
	db_close(scratch_open());
	scratch_script(raw,
	    scratch_text("INSERT INTO schema_migration"
			 " VALUES (%d, 'later', 1)",
		migrate_latest() + 1));
	refused("use the newer program");
	assert_int_equal(migrate_to(raw, arena, migrate_latest(), NULL),
	    E_INPUT);
	assert_int_equal(migrate_to(raw, arena, -1, NULL), E_INPUT);
	assert_int_equal(migrate_to(raw, arena, migrate_latest() + 1, NULL),
	    E_INPUT);
	db_close(raw);
}

/* A step that fails leaves nothing of itself; later steps do not run. */
static void
fails_midway(void **state)
{
	struct db *raw;
	const char *before;

	(void)state;
	scratch_empty();
	raw = scratch_raw();
	go(raw, 1);
	/* the last tables of steps 2 and 1 */
	scratch_script(raw, "CREATE TABLE directory (x TEXT)");
	before = schema_of();
	assert_int_not_equal(migrate_to(raw, arena, migrate_latest(), NULL),
	    OK);
	assert_non_null(strstr(db_why(raw), "directory"));
	assert_int_equal(migrate_version(raw), 1);
	assert_string_equal(schema_of(), before);
	scratch_script(raw, "DROP TABLE directory; DROP TABLE throttle");
	before = schema_of();
	assert_int_not_equal(migrate_to(raw, arena, 0, NULL), OK);
	assert_int_equal(migrate_version(raw), 1);
	assert_string_equal(schema_of(), before);
	scratch_script(raw, "CREATE TABLE throttle (x TEXT)");
	go(raw, 0);
	go(raw, migrate_latest());
	db_close(raw);
}

/* In a process of its own, as soon as the others are there as well. */
static void
migrate_child(int start)
{
	struct db *raw;
	char byte;
	int bad;

	if (read(start, &byte, 1) != 0)
		_exit(2);
	bad = db_open_raw(&raw) != OK ||
	    migrate_to(raw, arena, migrate_latest(), NULL) != OK;
	if (bad)
		fprintf(stderr, "# %s\n", db_why(raw));
	db_close(raw);
	_exit(bad);
}

static void
all_at_once(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		int start[2], status, good = 0;
		struct db *raw;

		scratch_empty();
		assert_int_equal(pipe(start), 0);
		for (int i = 0; i < PROCESSES; i++)
			if (fork() == 0) {
				close(start[1]);
				migrate_child(start[0]);
			}
		close(start[0]);
		close(start[1]);
		while (wait(&status) > 0)
			good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
		assert_int_equal(good, PROCESSES);
		raw = scratch_raw();
		assert_int_equal(migrate_version(raw), migrate_latest());
		assert_int_equal(scratch_int(raw,
				     "SELECT count(*) FROM schema_migration"),
		    migrate_latest());
		db_close(raw);
	}
}

static int
setup(void **state)
{
	arena = arena_new((size_t)64 << 20);
	return arena != NULL ? scratch_setup(state) : -1;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return scratch_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_down_up),
		cmocka_unit_test(each_step),
		cmocka_unit_test(data_survives),
		cmocka_unit_test(other_versions),
		cmocka_unit_test(fails_midway),
		cmocka_unit_test(all_at_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
