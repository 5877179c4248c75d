/*
 * db.h - the database, whatever engine runs it.
 *
 * One struct db is one connection, used by one process, opened after fork.
 * SQL is static text (its address is the key of the statement cache) in the
 * dialect that all engines share, with `:name` placeholders. A lookup gives
 * the value of each name when the statement starts.
 *
 * Columns carry their kind in the alias: `AS "seats:int"`. Kinds are int,
 * real, bool, time (epoch ms), json; none is text. This is the shape that
 * answers and the API description take.
 *
 * Row-level security: reading goes through the view my_<noun>, writing to
 * <noun>; both see only rows of the account given to db_scope. Without one
 * they raise an error. Tables that have no account are named in the
 * migrations by `-- @open`.
 *
 * conf->database names the engine: a postgresql:// URL, or the path of an
 * SQLite file. A server that cannot be reached is E_BUSY, and the next
 * transaction connects anew.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"
#include "base/val.h"

struct db;
struct stmt;

/* Statements that one connection may have; a power of two. */
#define DB_STATEMENTS 1024

/*
 * DB_READ sees one state of the database throughout. DB_WRITE has the account
 * to itself, from db_scope on: what it has read of it stays so until it ends.
 * DB_CLAIM is for statements that stand alone, such as those of the job
 * queue: `FOR UPDATE SKIP LOCKED` in them keeps two from taking the same row.
 */
enum db_mode { DB_READ, DB_WRITE, DB_CLAIM };

enum db_kind { DB_TEXT, DB_INT, DB_REAL, DB_BOOL, DB_TIME, DB_JSON };

struct db_column {
	const char *name; /* without the kind; owned by the db */
	size_t len;
	enum db_kind kind;
};

/* The value of a placeholder, or NULL when the name is unknown. */
typedef const struct val *db_lookup(void *ctx, const char *name);

/*
 * Open conf->database, whose schema must be at the version this program was
 * built for (E_CONFLICT else). db_open_raw is for migrations and check: any
 * version, no guards, as conf->database_owner. After a failure *db is there
 * for db_why and db_close, or NULL when out of memory; after E_BUSY it may be
 * used all the same, and each transaction tries again to reach the server.
 */
enum rc db_open(struct db **) MUST_CHECK;
enum rc db_open_raw(struct db **) MUST_CHECK;
/* The same for another database, as the owner of its tables. */
enum rc db_open_at(const char *url, struct db **) MUST_CHECK;
void db_close(struct db *);

/* Why the last call failed, for logs; never for callers. */
const char *db_why(const struct db *);
/* A sentence a person can act on, from a `conflict: …` of the schema, or "". */
const char *db_reason(const struct db *);

/*
 * May the whole transaction be tried again? True when the last failure says
 * that nothing of it has happened: a deadlock, a connection that was lost
 * before the commit. Whoever tries again, tries a bounded number of times.
 */
bool db_again(const struct db *);

/* The account (tenant) of what follows; NULL: none. The text is copied. */
void db_scope(struct db *, const char *account_id);

/*
 * A transaction; one at a time. DB_WRITE waits for its turn (E_BUSY after five
 * seconds). What is committed survives a power loss; a commit that fails has
 * been rolled back, unless db_why says that its outcome is unknown.
 */
enum rc db_begin(struct db *, enum db_mode) MUST_CHECK;
enum rc db_commit(struct db *) MUST_CHECK;
void db_rollback(struct db *);
bool db_in_tx(const struct db *);

/*
 * Start a statement. At most one run of the same text at a time. Ends with
 * db_done, also after an error. db_next: true while there is a row; after
 * false ask db_status.
 */
enum rc db_run(struct db *, const char *sql, db_lookup *, void *ctx,
    struct stmt **) MUST_CHECK;
bool db_next(struct stmt *);
enum rc db_status(const struct stmt *) MUST_CHECK;
void db_done(struct stmt *);
/* Rows that the statement has changed. */
int64_t db_changes(const struct stmt *);

/*
 * Rows of a table with `-- @search` by what a person typed: every word of it
 * must occur, or begin a word that does; case, accents and Hebrew points
 * aside; the first 16 words count, and nothing in it is syntax. Best first,
 * at most limit; none when there is no word in text. Columns: id; rank, more
 * is better, comparable within one answer; snippet, the text around the first
 * hit, where each hit stands between DB_HIT and DB_HIT_END, which stand
 * nowhere else. table is static text. Otherwise like db_run.
 */
#define DB_HIT	   "\x02"
#define DB_HIT_END "\x03"
enum rc db_search(struct db *, const char *table, const char *text,
    int64_t limit, struct stmt **) MUST_CHECK;

int db_columns(const struct stmt *);
/* Column i; those behind it follow in memory. */
const struct db_column *db_column(const struct stmt *, int i);
/* Value of column i of the current row; text lives until db_next/db_done. */
struct val db_value(const struct stmt *, int i);

/* Prepare only: is the text valid, are its names? Calls name for each. */
enum rc db_prepare(struct db *, const char *sql,
    bool (*name)(void *ctx, const char *), void *ctx) MUST_CHECK;
/* Does the engine say that it would read a whole table for this? */
enum rc db_plan(struct db *, const char *sql, bool *whole) MUST_CHECK;
/* Columns of a statement, which is not run: the first max of them. */
enum rc db_describe(struct db *, const char *sql, struct db_column *out,
    int max, int *count) MUST_CHECK;

/* Run text of many statements; migrations only. */
enum rc db_script(struct db *, const char *sql) MUST_CHECK;

/* Name each table that a migration left without @tenant or @open. */
enum rc db_strays(struct db *, void (*each)(void *ctx, const char *table),
    void *ctx) MUST_CHECK;

/*
 * For copying all of a raw database, in a DB_WRITE transaction: from here to
 * its end every row of every account is seen, and nobody else has any.
 * E_CONFLICT when others are connected. A transaction that shall be committed
 * says db_release before.
 */
enum rc db_seize(struct db *) MUST_CHECK;
enum rc db_release(struct db *) MUST_CHECK;

/* Housekeeping: copy what is in the log back, under the writers' lock. */
enum rc db_checkpoint(struct db *, int64_t *log_pages) MUST_CHECK;

/* Keep the text of the running statement (or NULL) in *slot, for watchers. */
void db_watch(struct db *, const char *volatile *slot);

#endif
