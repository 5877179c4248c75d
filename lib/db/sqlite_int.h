/*
 * sqlite_int.h - what the files of the SQLite engine share; nobody else.
 */
#ifndef DB_SQLITE_INT_H
#define DB_SQLITE_INT_H

#include <sqlite3.h>

#include "db/engine.h"

struct sqlite {
	struct db db;
	sqlite3 *handle;
	char *path;
	int lock_fd;
	bool queued; /* writers stand in line for the lock */
	bool locked;
};

struct sqlite_stmt {
	struct stmt s;
	sqlite3_stmt *st;
};

static inline struct sqlite *
sqlite_of(struct db *db)
{
	return (struct sqlite *)db;
}

/* Our code for SQLite's rc; keeps the message in db->why. */
enum rc sqlite_fail(struct db *, int rc, const char *what);

/*
 * Set the authorizer, which is asked for every table and column while a
 * statement compiles: a SELECT reads tables with an account only from inside
 * their own views, and nothing but SELECT, INSERT, UPDATE and DELETE compiles.
 * (In a write it must let foreign keys read the keys of other tables, and
 * change them; the text rule is what keeps the statement itself from it.)
 */
enum rc sqlite_guard(struct db *) MUST_CHECK;

/* Of sqlite_stmt.c; see engine.h. */
enum rc sqlite_prepare(struct db *, const char *sql, struct stmt **);
void sqlite_free(struct stmt *);
const char *sqlite_param(const struct stmt *, int i);
const char *sqlite_column(const struct stmt *, int i);
void sqlite_run(struct stmt *, db_lookup *, void *ctx);
void sqlite_step(struct stmt *);
void sqlite_done(struct stmt *);
struct val sqlite_value(const struct stmt *, int i);
enum rc sqlite_plan(struct db *, const char *sql, bool *whole);

/* Of sqlite_schema.c. */
extern const char sqlite_begun[], sqlite_tenants[], sqlite_strays[],
    sqlite_start[];
void sqlite_tenant(struct buf *, const char *table);
/* The functions that the schema calls. */
bool sqlite_functions(struct sqlite *);

/* Of sqlite_search.c; see engine.h. */
void sqlite_index(struct buf *, const char *table, char *const *column);
void sqlite_index_drop(struct buf *, const char *table);
void sqlite_search(struct buf *, const char *table);
bool sqlite_search_functions(struct sqlite *);

#endif
