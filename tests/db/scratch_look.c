/* scratch_look.c - a look at a database past lib/db and past every guard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include "base/conf.h"
#include "scratch_look.h"

static sqlite3 *file;
static PGconn *server; /* as superuser, in no database of ours */
static PGconn *inside; /* the same, in the current one */
static int made;

/* --- SQLite ------------------------------------------------------------- */

/* Views name functions of lib/db, which nothing here calls. */
static void
no_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_error(ctx, "not in a look", -1);
}

static void
file_open(void)
{
	static const char *const names[] = { "app_account", "app_now",
		"app_json" };

	if (sqlite3_open_v2(conf->database, &file, SQLITE_OPEN_READWRITE,
		NULL) != SQLITE_OK)
		fail_msg("%s: %s", conf->database, sqlite3_errmsg(file));
	sqlite3_busy_timeout(file, 5000);
	(void)sqlite3_db_config(file, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	    NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		sqlite3_create_function(file, names[i], -1, SQLITE_UTF8, NULL,
		    no_function, NULL, NULL);
}

static void
file_rows(struct buf *b, const char *sql)
{
	sqlite3_stmt *st;

	if (file == NULL)
		file_open();
	if (sqlite3_prepare_v2(file, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(file));
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			const void *v = sqlite3_column_text(st, i);

			buf_str(b, i > 0 ? "|" : "");
			buf_str(b, v != NULL ? v : "<null>");
		}
		buf_str(b, "\n");
	}
	if (sqlite3_finalize(st) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(file));
}

/* --- PostgreSQL --------------------------------------------------------- */

static PGconn *
server_open(const char *url)
{
	PGconn *c = PQconnectdb(url);

	if (PQstatus(c) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(c));
	return c;
}

static void
server_do(const char *sql)
{
	PGresult *r = PQexec(server, sql);

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(server));
	PQclear(r);
}

static const char *
name_of(int number)
{
	return scratch_text("c%d_%d", (int)getpid(), number);
}

/* tests/lib/postgres.mjs does the same; the roles share one password. */
void
look_create(int number)
{
	static const char who[] = "//postgres:";
	const char *url = getenv("FRONTDESK_TEST_POSTGRES"),
		   *rest = url != NULL ? strstr(url, who) : NULL;
	const char *name = name_of(number);

	if (rest == NULL)
		fail_msg("no server: put tests/engine before the command");
	rest += strlen(who);
	if (server == NULL)
		server = server_open(scratch_text("%s/postgres", url));
	server_do(scratch_text("CREATE DATABASE %s TEMPLATE frontdesk_template",
	    name));
	made = number;
	server_do(scratch_text("REVOKE ALL ON DATABASE %s FROM PUBLIC", name));
	server_do(
	    scratch_text("GRANT CONNECT ON DATABASE %s TO frontdesk_owner,"
			 " frontdesk",
		name));
	server_do(scratch_text("ALTER DATABASE %s SET search_path = frontdesk",
	    name));
	setenv("FRONTDESK_TEST_SUPER", scratch_text("%s/%s", url, name), 1);
	scratch_conf("FRONTDESK_DATABASE_OWNER",
	    scratch_text("postgresql://frontdesk_owner:%s/%s", rest, name));
	scratch_conf("FRONTDESK_DATABASE",
	    scratch_text("postgresql://frontdesk:%s/%s", rest, name));
}

static void
server_rows(struct buf *b, const char *sql)
{
	PGresult *r;

	if (inside == NULL)
		inside = server_open(getenv("FRONTDESK_TEST_SUPER"));
	r = PQexec(inside, sql);
	if (PQresultStatus(r) != PGRES_TUPLES_OK &&
	    PQresultStatus(r) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(inside));
	for (int i = 0; i < PQntuples(r); i++) {
		for (int k = 0; k < PQnfields(r); k++) {
			buf_str(b, k > 0 ? "|" : "");
			buf_str(b,
			    PQgetisnull(r, i, k) ? "<null>" :
						   PQgetvalue(r, i, k));
		}
		buf_str(b, "\n");
	}
	PQclear(r);
}

/* --- both --------------------------------------------------------------- */

void
look_rows(struct buf *b, const char *sql)
{
	if (scratch_pg())
		server_rows(b, sql);
	else
		file_rows(b, sql);
}

void
look_close(void)
{
	sqlite3_close(file);
	PQfinish(inside);
	file = NULL;
	inside = NULL;
}

void
look_end(void)
{
	look_close();
	for (; made > 0; made--)
		server_do(scratch_text("DROP DATABASE IF EXISTS %s WITH"
				       " (FORCE)",
		    name_of(made)));
	PQfinish(server);
	server = NULL;
}
