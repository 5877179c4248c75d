/*
 * move.c - the sub-command that copies all of one database into another, such
 * as from SQLite to PostgreSQL and back.
 *
 * Both are seized, so that nobody changes either meanwhile. All rows go into
 * one transaction of the target: until everything has been counted and
 * compared there, nothing of it exists, and an interrupted move leaves both
 * as they were. The source is only read.
 */
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "db/migrate.h"
#include "role.h"

#define ARENA_BYTES   ((size_t)4 << 20)
#define PROGRESS_ROWS 5000
#define NAME_MAX_COLS 48

/* Rows of a table in any order: how many, and the sum of their hashes. */
struct tally {
	int64_t rows;
	uint64_t sum[4];
};

struct move {
	struct arena *arena;
	struct db *from;
	struct db *to;
	struct stmt *row; /* whose current row is copied */
	const char *error;
};

static enum rc
blame(struct move *m, enum rc rc, const struct db *db, const char *what)
{
	m->error = arena_printf(m->arena, "%s: %s", what, db_why(db));
	return rc;
}

/* --- one row ------------------------------------------------------------- */

static void
value_hash(crypto_generichash_state *h, struct val v)
{
	char number[40] = "";
	size_t len = v.type == VAL_TEXT ? v.len : 0;
	const char *text = v.type == VAL_TEXT ? v.s : number;

	if (v.type == VAL_INT)
		snprintf(number, sizeof(number), "%lld", (long long)v.i);
	else if (v.type == VAL_REAL)
		snprintf(number, sizeof(number), "%.17g", v.d);
	if (v.type != VAL_TEXT)
		len = strlen(number);
	crypto_generichash_update(h, (const unsigned char *)&v.type,
	    sizeof(v.type));
	crypto_generichash_update(h, (const unsigned char *)&len, sizeof(len));
	crypto_generichash_update(h, (const unsigned char *)text, len);
}

static void
tally_add(struct tally *t, const struct stmt *st)
{
	crypto_generichash_state h;
	uint64_t part[4];

	crypto_generichash_init(&h, NULL, 0, sizeof(part));
	for (int i = 0; i < db_columns(st); i++)
		value_hash(&h, db_value(st, i));
	crypto_generichash_final(&h, (unsigned char *)part, sizeof(part));
	for (int i = 0; i < 4; i++)
		t->sum[i] += part[i];
	t->rows++;
}

/* The value of column c of the row that is copied; its name is "c7". */
static const struct val *
row_value(void *ctx, const char *name)
{
	static struct val value[NAME_MAX_COLS];
	struct move *m = ctx;
	int64_t i;

	if (!str_int(name + 1, 0, NAME_MAX_COLS - 1, &i))
		return NULL;
	value[i] = db_value(m->row, (int)i);
	return &value[i];
}

/* Rows of an account can only be written in its name. */
static void
scope_set(struct move *m)
{
	for (int i = 0; i < db_columns(m->row); i++) {
		const struct db_column *c = db_column(m->row, i);

		if (c->len == 10 && memcmp(c->name, "account_id", 10) == 0)
			db_scope(m->to, db_value(m->row, i).s);
	}
}

static enum rc
row_put(struct move *m, const char *sql)
{
	struct stmt *st;
	enum rc rc = db_run(m->to, sql, row_value, m, &st);

	if (rc == OK)
		db_done(st);
	return rc == OK ? OK : blame(m, rc, m->to, sql);
}

/* --- one table ------------------------------------------------------------ */

static const char *
insert_text(struct move *m, const char *table)
{
	struct buf b;

	buf_init(&b, m->arena);
	buf_printf(&b, "INSERT INTO %s (", table);
	for (int i = 0; i < db_columns(m->row); i++)
		buf_printf(&b, "%s%s", i > 0 ? ", " : "",
		    db_column(m->row, i)->name);
	buf_str(&b, ") VALUES (");
	for (int i = 0; i < db_columns(m->row); i++)
		buf_printf(&b, "%s:c%d", i > 0 ? ", " : "", i);
	buf_str(&b, ")");
	return b.bad ? NULL : buf_text(&b);
}

static void
progress(const char *table, int64_t rows, bool done)
{
	if (done)
		printf("%s%-24s %10lld rows\n", isatty(1) ? "\r" : "", table,
		    (long long)rows);
	else if (isatty(1) && rows % PROGRESS_ROWS == 0)
		printf("\r%-24s %10lld", table, (long long)rows);
	fflush(stdout);
}

/* Every row of a table of db; copied, when insert is asked for. */
static enum rc
table_read(struct move *m, struct db *db, const char *table, struct tally *t)
{
	const char *sql = arena_printf(m->arena, "SELECT * FROM %s", table);
	const char *insert = NULL;
	enum rc rc = OK;

	memset(t, 0, sizeof(*t));
	if (sql == NULL || db_run(db, sql, NULL, NULL, &m->row) != OK)
		return blame(m, E_INTERNAL, db, table);
	if (db == m->from)
		insert = insert_text(m, table);
	while (rc == OK && db_next(m->row)) {
		tally_add(t, m->row);
		if (insert == NULL)
			continue;
		scope_set(m);
		rc = row_put(m, insert);
		progress(table, t->rows, false);
	}
	if (rc == OK && db_status(m->row) != OK)
		rc = blame(m, E_INTERNAL, db, table);
	db_done(m->row);
	return rc;
}

static enum rc
table_move(struct move *m, const char *table)
{
	struct tally here, there;
	enum rc rc = table_read(m, m->to, table, &there);

	if (rc == OK && there.rows > 0) {
		m->error = arena_printf(m->arena,
		    "the target is not empty: %s has %lld rows", table,
		    (long long)there.rows);
		return E_CONFLICT;
	}
	if (rc == OK)
		rc = table_read(m, m->from, table, &here);
	if (rc == OK)
		rc = table_read(m, m->to, table, &there);
	if (rc != OK)
		return rc;
	if (memcmp(&here, &there, sizeof(here)) != 0) {
		m->error = arena_printf(m->arena,
		    "%s differs in the target: nothing was kept", table);
		return E_INTERNAL;
	}
	progress(table, here.rows, true);
	return OK;
}

/* --- all -------------------------------------------------------------------
 */

static enum rc
seize(struct move *m, struct db *db, const char *which)
{
	int version = migrate_version(db);

	if (version < 0)
		return blame(m, E_INTERNAL, db, which);
	if (version != migrate_latest()) {
		m->error = arena_printf(m->arena,
		    "the %s has schema %d, this program needs %d: run "
		    "`frontdesk migrate up` on it",
		    which, version, migrate_latest());
		return E_CONFLICT;
	}
	if (db_begin(db, DB_WRITE) != OK || db_seize(db) != OK)
		return blame(m, E_CONFLICT, db, which);
	return OK;
}

static enum rc
move_all(struct move *m)
{
	int count;
	const struct migrate_table *t = migrate_tables(m->arena, &count);
	enum rc rc = t != NULL ? seize(m, m->from, "source") : E_INTERNAL;

	if (rc == OK)
		rc = seize(m, m->to, "target");
	for (int i = 0; rc == OK && i < count; i++)
		rc = table_move(m, t[i].name);
	if (rc == OK && (db_release(m->to) != OK || db_commit(m->to) != OK))
		rc = blame(m, E_INTERNAL, m->to, "target");
	if (rc == OK)
		printf("%d tables moved and compared; the source is as it was"
		       "\n",
		    count);
	return rc;
}

int
role_move(struct args *a)
{
	const char *from = args_option(a, "from", NULL);
	const char *to = args_option(a, "to", NULL);
	struct move m = { .arena = arena_new(ARENA_BYTES) };
	int status = 0;

	if (from == NULL || to == NULL || str_eq(from, to) || !args_all_used(a))
		return args_usage(a, "move --from URL --to URL");
	if (m.arena == NULL || sodium_init() < 0)
		return args_fail("out of memory");
	if (db_open_at(from, &m.from) != OK)
		status = args_fail("source: %s", db_why(m.from));
	else if (db_open_at(to, &m.to) != OK)
		status = args_fail("target: %s", db_why(m.to));
	else if (move_all(&m) != OK)
		status = args_fail("%s",
		    m.error != NULL ? m.error : "out of memory");
	db_close(m.from);
	db_close(m.to);
	arena_free(m.arena);
	return status;
}
