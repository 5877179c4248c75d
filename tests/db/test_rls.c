/* test_rls.c - account b attacks the rows of account a, in every table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "attack.h"

static struct table table[TABLES_MAX];
static int tables;

static void
read_attack(const struct table *t)
{
	const char *x = t->name, *w = attack_where(t, "a");

	attack("b", NO_ROWS,
	    scratch_text("SELECT * FROM my_%s WHERE %s", x, w));
	attack("b", OWN_ROWS, scratch_text("SELECT * FROM my_%s", x));
	attack("b", NO_ROWS,
	    scratch_text("SELECT 1 FROM my_%s"
			 " WHERE account_id <> 'b'",
		x));
	attack("b", NO_ROWS,
	    scratch_text("SELECT 1 WHERE (SELECT count(*)"
			 " FROM my_%s WHERE %s) > 0",
		x, w));
	attack("b", NO_ROWS,
	    scratch_text("SELECT 1 WHERE EXISTS (SELECT 1"
			 " FROM my_%s WHERE %s)",
		x, w));
	attack("b", NO_ROWS,
	    scratch_text(
		"SELECT t.* FROM my_account o JOIN"
		" my_%s t ON t.account_id = 'a' OR t.account_id <> o.account_id",
		x));
	attack("b", NO_ROWS,
	    scratch_text("WITH c AS MATERIALIZED (SELECT *"
			 " FROM my_%s) SELECT * FROM c WHERE account_id = 'a'",
		x));
	attack("b", REFUSED, scratch_text("SELECT * FROM %s", x));
	attack("b", REFUSED, scratch_text("SELECT count(*) FROM \"%s\"", x));
	attack("b", REFUSED,
	    scratch_text("WITH my_x AS (SELECT * FROM %s)"
			 " SELECT * FROM my_x",
		x));
	attack(NULL, FAILED, scratch_text("SELECT * FROM my_%s", x));
	attack(NULL, FAILED, scratch_text("SELECT count(*) FROM my_%s", x));
}

static void
write_attack(const struct table *t)
{
	const char *x = t->name, *w = attack_where(t, "a");

	for (int i = 0; i < t->columns; i++) {
		const char *c = t->column[i];
		const char *mine = attack_value(t, c, "b");

		if (str_eq(c, "account_id"))
			continue;
		attack("b", NO_ROWS,
		    scratch_text("UPDATE %s SET %s = %s"
				 " WHERE %s RETURNING *",
			x, c, mine, w));
	}
	attack("b", NO_ROWS, scratch_text("DELETE FROM %s WHERE %s", x, w));
	attack("b", NO_ROWS,
	    scratch_text("DELETE FROM %s WHERE %s"
			 " RETURNING *",
		x, w));
	attack("b", NO_ROWS,
	    scratch_text("UPDATE %s SET updated_at = 7"
			 " WHERE account_id <> 'b'",
		x));
	attack("b", OWN_ROWS, scratch_text("UPDATE %s SET updated_at = 7", x));
	attack("b", REFUSED,
	    scratch_text("UPDATE %s SET updated_at ="
			 " (SELECT max(updated_at) FROM %s)",
		x, x));
	attack("b", REFUSED,
	    scratch_text("REPLACE INTO %s (account_id)"
			 " VALUES ('a')",
		x));
	attack(NULL, FAILED, scratch_text("DELETE FROM %s WHERE %s", x, w));
	attack(NULL, FAILED,
	    scratch_text("UPDATE %s SET updated_at = 7"
			 " WHERE %s",
		x, w));
	attack(NULL, FAILED, attack_copy(t, "a", "account_id", "'c'"));
}

/* A row for a, or one that takes the place of a's. */
static void
insert_attack(const struct table *t)
{
	const char *copy = attack_copy(t, "a", NULL, NULL);
	const char *keys = "";

	for (int i = 0; i < t->keys; i++)
		keys =
		    scratch_text("%s%s%s", keys, i > 0 ? ", " : "", t->key[i]);
	attack("b", DENIED, copy);
	attack("b", DENIED, attack_copy(t, "a", t->key[t->keys - 1], "'new'"));
	attack("b", DENIED, attack_copy(t, "b", "account_id", "'a'"));
	attack("b", DENIED, attack_copy(t, "b", "account_id", "NULL"));
	attack("b", DENIED,
	    scratch_text("%s ON CONFLICT (%s) DO UPDATE"
			 " SET updated_at = 7",
		copy, keys));
	attack("b", DENIED, scratch_text("%s ON CONFLICT DO NOTHING", copy));
	attack("b", DENIED,
	    scratch_text(
		"INSERT INTO %s (account_id,"
		" created_at, updated_at) SELECT 'a', created_at, updated_at"
		" FROM my_%s",
		t->name, t->name));
	attack("b", REFUSED,
	    scratch_text("INSERT INTO %s (account_id)"
			 " SELECT account_id FROM %s",
		t->name, t->name));
}

static void
move_attack(const struct table *t)
{
	const char *x = t->name;

	attack("b", NO_ROWS,
	    scratch_text("UPDATE %s SET account_id = 'b'"
			 " WHERE %s",
		x, attack_where(t, "a")));
	attack("b", DENIED,
	    scratch_text("UPDATE %s SET account_id = 'a'"
			 " WHERE %s",
		x, attack_where(t, "b")));
	attack("b", DENIED,
	    scratch_text("UPDATE %s SET account_id = 'c'"
			 " WHERE account_id = app_account()",
		x));
	attack("b", STOPPED,
	    scratch_text("%s ON CONFLICT DO UPDATE"
			 " SET account_id = 'a'",
		attack_copy(t, "b", NULL, NULL)));
}

/* Each foreign key of b's row is turned towards a's row. */
static void
reference_attack(const struct table *t)
{
	for (int i = 0; i < t->links; i++)
		for (int k = 0; k < t->link[i].count; k++) {
			const char *c = t->link[i].from[k];
			const char *his = attack_value(t, c, "a");

			if (str_eq(c, "account_id"))
				continue;
			assert_string_not_equal(his, "NULL");
			attack("b", CONFLICT,
			    scratch_text("UPDATE %s SET"
					 " %s = %s WHERE %s",
				t->name, c, his, attack_where(t, "b")));
			if (!str_eq(c, t->key[t->keys - 1]))
				attack("b", CONFLICT,
				    attack_copy(t, "b", c, his));
		}
}

static void
reads(void **state)
{
	(void)state;
	(void)attack_all(read_attack, table, tables);
}

static void
writes(void **state)
{
	(void)state;
	(void)attack_all(write_attack, table, tables);
}

static void
inserts(void **state)
{
	(void)state;
	(void)attack_all(insert_attack, table, tables);
}

static void
moves(void **state)
{
	(void)state;
	(void)attack_all(move_attack, table, tables);
}

static void
references(void **state)
{
	(void)state;
	print_message("# %d attacks on %d tables\n",
	    attack_all(reference_attack, table, tables), tables);
}

/* Two accounts with a row in every table. */
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
	tables = schema_read(table);
	return tables > 0 ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(writes),
		cmocka_unit_test(inserts),
		cmocka_unit_test(moves),
		cmocka_unit_test(references),
	};

	return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
