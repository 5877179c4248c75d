/* test_guard.c - texts of statements that are accepted and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "db/guard.h"

static struct guard guard = {
	.tenant = { "contact", "credential", "call", "account" },
	.tenants = 4,
	.open = { "job", "app_user" },
	.opens = 2,
};

static const char *const accepted[] = {
	"SELECT 1",
	"select id from my_contact",
	"SELECT c.id FROM my_contact c JOIN my_call k ON k.contact_id = c.id",
	"SELECT c.id FROM my_contact AS c, my_call AS k WHERE c.id = k.id",
	"SELECT my_contact.id FROM my_contact",
	"SELECT id FROM \"my_contact\"",
	"SELECT id FROM my_contact WHERE EXISTS (SELECT 1 FROM my_call)",
	"SELECT id AS contact_id, 'a contact; -- no comment' FROM my_contact",
	"SELECT 'contact', name || 'credential' FROM my_contact",
	"SELECT id FROM my_contact WHERE name = 'contact'",
	"SELECT id FROM my_contact WHERE name = 'it''s' AND id = :contact",
	"SELECT replace(name, 'a', 'b') FROM my_contact",
	"SELECT - -1, 2 / 1, 3 * 4 FROM my_contact",
	"SELECT count(*) FROM job WHERE state = 'ready'",
	"WITH late AS (SELECT id FROM my_call) SELECT id FROM late",
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	" WHERE i < 3) SELECT i FROM n, my_contact",
	"SELECT id FROM my_contact UNION SELECT id FROM my_call",
	"INSERT INTO contact (id, account_id) VALUES (:id, app_account())",
	"insert into contact (id) values (:contact) returning id",
	"INSERT INTO \"contact\" (id) VALUES (:id)",
	"INSERT INTO contact (id, name) VALUES (:id, :name)"
	" ON CONFLICT (id) DO UPDATE SET name = excluded.name",
	"INSERT INTO contact (id, name) VALUES (:id, :name) ON CONFLICT (id)"
	" DO UPDATE SET name = coalesce(excluded.name, contact.name)",
	"INSERT INTO contact (id) SELECT id FROM my_call",
	"INSERT INTO job (id, path) VALUES (:id, '/job/contact/mend')",
	"UPDATE contact SET name = :name WHERE id = :id",
	"UPDATE contact AS c SET name = 'x' WHERE c.id = :id RETURNING id",
	"UPDATE contact SET name = (SELECT name FROM my_contact LIMIT 1)",
	"UPDATE contact SET name = k.summary FROM my_call k"
	" WHERE k.contact_id = contact.id",
	"DELETE FROM contact WHERE id = :id",
	"DELETE FROM contact WHERE id IN (SELECT contact_id FROM my_call)",
	"DELETE FROM job WHERE id = :id RETURNING id",
	"SELECT id FROM my_contact WHERE id = :find_me",
};

static const char *const refused[] = {
	/* not one of the four */
	"",
	" \t\n",
	"VALUES (1)",
	"EXPLAIN SELECT 1",
	"BEGIN",
	"COMMIT",
	"CREATE TABLE x (a)",
	"DROP TABLE contact",
	"PRAGMA user_version",
	"ATTACH 'x' AS x",
	"VACUUM",
	"ALTER TABLE contact ADD x",
	"REINDEX",
	"ANALYZE",
	"SAVEPOINT x",
	"DETACH main",
	"(SELECT 1)",
	/* more than one, or hidden text */
	"SELECT 1;",
	"SELECT 1; DELETE FROM contact",
	"SELECT 1 -- more",
	"-- first\nSELECT 1",
	"SELECT 1 /* more */",
	"SELECT/**/1",
	"INSERT /**/ INTO contact (id) VALUES (1)",
	"INSERT INTO/**/contact (id) VALUES (1)",
	/* a table with an account, read without its view */
	"SELECT id FROM contact",
	"select id from CONTACT",
	"SELECT id FROM \"contact\"",
	"SELECT id FROM [contact]",
	"SELECT id FROM `contact`",
	"SELECT id FROM \"Contact\" c",
	"SELECT id FROM my_call, contact",
	"SELECT id FROM (contact)",
	"SELECT id FROM my_call JOIN contact ON 1",
	"SELECT id FROM my_call CROSS JOIN contact c",
	"SELECT 1 WHERE EXISTS (SELECT 1 FROM contact)",
	"SELECT 1 WHERE 'x' IN contact",
	"SELECT (SELECT id FROM contact)",
	"SELECT id FROM my_call UNION SELECT id FROM contact",
	"SELECT id FROM my_call ORDER BY (SELECT id FROM contact)",
	"SELECT id FROM main.contact",
	"SELECT id FROM main.my_contact",
	"SELECT id FROM \"main\".contact",
	"SELECT id FROM temp.contact",
	"SELECT id FROM main . contact",
	"SELECT id FROM Main.contact",
	"SELECT id FROM main\f.\fcontact",
	"WITH c AS (SELECT id FROM contact) SELECT id FROM c",
	"WITH c AS MATERIALIZED (SELECT id FROM contact) SELECT id FROM c",
	/* names with our prefixes that are defined */
	"WITH my_contact AS (SELECT 1) SELECT 1 FROM my_contact",
	"WITH MY_contact AS (SELECT 1) SELECT 1 FROM my_contact",
	"WITH my_contact(id) AS (SELECT 1) SELECT 1 FROM my_contact",
	"WITH \"my_contact\" AS (SELECT 1) SELECT 1 FROM my_contact",
	"WITH 'my_contact' AS (SELECT 1) SELECT 1 FROM my_contact",
	"WITH RECURSIVE my_x AS (SELECT 1) SELECT 1 FROM my_x",
	"WITH a AS (SELECT 1), my_x AS (SELECT 2) SELECT 1 FROM my_x",
	"WITH a AS (SELECT 1), my_x(id) AS (SELECT 2) SELECT 1 FROM my_x",
	"WITH a AS (SELECT 1), my_x AS MATERIALIZED (SELECT 2) SELECT 1",
	"WITH a AS (SELECT 1), my_x AS NOT MATERIALIZED (SELECT 2) SELECT 1",
	"WITH guard_x AS (SELECT 1) SELECT 1 FROM guard_x",
	"WITH a AS (SELECT 1), 'guard_x' AS (SELECT 2) SELECT 1",
	"SELECT id FROM (SELECT 1 AS id) my_x",
	"SELECT id FROM (SELECT 1 AS id) AS my_x",
	"SELECT id FROM (SELECT 1 AS id) AS 'my_x'",
	"SELECT id FROM my_call my_x",
	"SELECT id FROM my_call AS guard_x",
	"SELECT id FROM my_json('[]')",
	"SELECT 1 AS my_x",
	/* the index of words */
	"SELECT id FROM find_contact",
	"SELECT id FROM FIND_contact",
	"SELECT id FROM \"find_contact\"",
	"SELECT id FROM 'find_contact'",
	"SELECT id FROM my_call, find_contact_word",
	"SELECT id FROM find_contact('x', 1)",
	"SELECT (find_contact('x', 1)).id",
	"INSERT INTO find_contact (id) VALUES (1)",
	"DELETE FROM find_contact",
	"DELETE FROM contact WHERE id IN 'find_contact'",
	/* writes that reach for more */
	"REPLACE INTO contact (id) VALUES (1)",
	"INSERT OR REPLACE INTO contact (id) VALUES (1)",
	"INSERT OR IGNORE INTO contact (id) VALUES (1)",
	"UPDATE OR REPLACE contact SET id = 1",
	"UPDATE OR FAIL contact SET id = 1",
	"WITH a AS (SELECT 1) INSERT INTO contact (id) SELECT 1 FROM a",
	"WITH a AS (SELECT 1) UPDATE contact SET id = 1",
	"WITH a AS (SELECT 1) DELETE FROM contact",
	"WITH a AS (SELECT 1) REPLACE INTO contact (id) VALUES (1)",
	"INSERT INTO contact (id) SELECT id FROM contact",
	"INSERT INTO contact (id) SELECT sealed FROM credential",
	"INSERT INTO contact (id) SELECT sealed FROM 'credential'",
	"INSERT INTO contact (id) SELECT sealed FROM my_call, 'credential'",
	"INSERT INTO contact (id) SELECT sealed FROM ('Credential')",
	"INSERT INTO contact (id) SELECT 1 FROM my_call JOIN 'credential'",
	"INSERT INTO main.contact (id) VALUES (1)",
	"INSERT INTO contact AS contact (id) VALUES (1)",
	"UPDATE contact SET name = sealed FROM credential",
	"UPDATE contact SET name = (SELECT sealed FROM credential)",
	"UPDATE contact SET name = (SELECT name FROM contact LIMIT 1)",
	"UPDATE contact SET name = (SELECT name FROM 'contact' LIMIT 1)",
	"UPDATE main.contact SET name = 1",
	"DELETE FROM contact WHERE id IN credential",
	"DELETE FROM contact WHERE id IN 'credential'",
	"DELETE FROM contact WHERE EXISTS (SELECT 1 FROM credential)",
	"DELETE FROM contact WHERE EXISTS (SELECT 1 FROM contact)",
	"DELETE FROM contact.credential",
	"DELETE FROM temp.contact",
	"DELETE contact",
	"INSERT contact (id) VALUES (1)",
	"DELETE FROM",
	/* placeholders that are not `:name` can hide what follows them */
	"SELECT ?",
	"SELECT ?1FROM my_contact",
	"SELECT @x",
	"SELECT $x",
};

static void
accept_all(void **state)
{
	char why[160];

	(void)state;
	for (size_t i = 0; i < COUNT(accepted); i++)
		if (!guard_scan(&guard, accepted[i], why))
			fail_msg("%s: %s", accepted[i], why);
}

static void
refuse_all(void **state)
{
	char why[160];

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		memset(why, 0, sizeof(why));
		if (guard_scan(&guard, refused[i], why))
			fail_msg("accepted: %s", refused[i]);
		assert_true(strlen(why) > 5 && strlen(why) < sizeof(why));
	}
}

static const char *
target_of(const char *sql)
{
	char why[160];

	assert_true(guard_scan(&guard, sql, why));
	return guard.target;
}

static void
targets(void **state)
{
	(void)state;
	assert_string_equal(target_of("DELETE FROM contact"), "contact");
	assert_string_equal(target_of("UPDATE \"call\" SET a = 1"), "call");
	assert_string_equal(target_of("INSERT INTO job (a) VALUES (1)"), "job");
	assert_string_equal(target_of("SELECT 1"), "");
}

/* Whatever ends in the middle is refused or accepted, never read past. */
static void
cut_short(void **state)
{
	char why[160], text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		for (size_t n = 0; n <= strlen(refused[i]); n++) {
			snprintf(text, sizeof(text), "%.*s", (int)n,
			    refused[i]);
			(void)guard_scan(&guard, text, why);
		}
	assert_false(guard_scan(&guard, "DELETE FROM 'contact", why));
	assert_false(guard_scan(&guard, "SELECT 1 FROM \"contact", why));
}

static void
long_names(void **state)
{
	char why[160], text[512] = "UPDATE ";

	(void)state;
	memset(text + 7, 'x', 300);
	memcpy(text + 307, " SET a = 1", 11);
	assert_false(guard_scan(&guard, text, why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_all),
		cmocka_unit_test(refuse_all),
		cmocka_unit_test(targets),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
