/* sqlite_schema.c - what the schema of the SQLite engine is made of. */
#include <cjson/cJSON.h>

#include "base/clock.h"
#include "db/sqlite_int.h"

/* --- functions that the schema calls ---------------------------------- */

static void
fn_account(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const struct db *db = sqlite3_user_data(ctx);

	(void)argc;
	(void)argv;
	if (db->account[0] == '\0')
		sqlite3_result_error(ctx, "no account is set", -1);
	else
		sqlite3_result_text(ctx, db->account, -1, SQLITE_TRANSIENT);
}

static void
fn_now(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int64(ctx, clock_now_ms());
}

/*
 * 1 when the text is JSON, or NULL. SQLite's own json_valid may not be used
 * in a schema that is not trusted.
 */
static void
fn_json(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	cJSON *tree = text != NULL ? cJSON_ParseWithOpts(text, NULL, 1) : NULL;

	(void)argc;
	sqlite3_result_int(ctx, text == NULL || tree != NULL);
	cJSON_Delete(tree);
}

bool
sqlite_functions(struct sqlite *q)
{
	static const int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS;
	sqlite3 *h = q->handle;

	return sqlite3_create_function_v2(h, "app_account", 0,
		   flags | SQLITE_DETERMINISTIC, &q->db, fn_account, NULL, NULL,
		   NULL) == SQLITE_OK &&
	    sqlite3_create_function_v2(h, "app_now", 0, flags, NULL, fn_now,
		NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_create_function_v2(h, "app_json", 1,
		flags | SQLITE_DETERMINISTIC, NULL, fn_json, NULL, NULL,
		NULL) == SQLITE_OK &&
	    sqlite_search_functions(q);
}

/* --- texts -----------------------------------------------------------------
 */

const char sqlite_begun[] = "SELECT count(*) FROM sqlite_master"
			    " WHERE name = 'schema_migration'";
const char sqlite_tenants[] =
    "SELECT substr(name, 4) FROM sqlite_master WHERE type = 'view'"
    " AND substr(name, 1, 3) = 'my_'";
const char sqlite_strays[] =
    "SELECT name FROM sqlite_master WHERE type = 'table'"
    " AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'schema%'"
    " AND name NOT LIKE 'find\\_%' ESCAPE '\\'"
    " AND name NOT IN (SELECT name FROM schema_open)"
    " AND 'my_' || name NOT IN (SELECT name FROM sqlite_master"
    " WHERE type = 'view')";
const char sqlite_start[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " applied_at BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS schema_open (name TEXT PRIMARY KEY);";

/*
 * The view and the guards of a table x with an account. A write that reaches
 * for another account's row is ignored, as a policy would do; a row may not
 * be given to another account.
 */
void
sqlite_tenant(struct buf *b, const char *x)
{
	buf_printf(b,
	    "CREATE VIEW my_%s AS SELECT * FROM %s"
	    " WHERE account_id = app_account();\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_insert BEFORE INSERT ON %s"
	    " WHEN NEW.account_id IS NOT app_account() BEGIN"
	    " SELECT RAISE(ABORT, 'denied: another account'); END;\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_update BEFORE UPDATE ON %s"
	    " WHEN OLD.account_id IS NOT app_account() BEGIN"
	    " SELECT RAISE(IGNORE); END;\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_move BEFORE UPDATE ON %s"
	    " WHEN OLD.account_id IS app_account()"
	    " AND NEW.account_id IS NOT OLD.account_id BEGIN"
	    " SELECT RAISE(ABORT, 'denied: another account'); END;\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_delete BEFORE DELETE ON %s"
	    " WHEN OLD.account_id IS NOT app_account() BEGIN"
	    " SELECT RAISE(IGNORE); END;\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_touch AFTER UPDATE ON %s"
	    " WHEN NEW.updated_at IS OLD.updated_at"
	    " AND OLD.updated_at < app_now() BEGIN"
	    " UPDATE %s SET updated_at = app_now()"
	    " WHERE rowid = NEW.rowid; END;\n",
	    x, x, x);
}
