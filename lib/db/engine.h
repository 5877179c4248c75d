/*
 * engine.h - what an engine does behind db.h; for lib/db alone.
 *
 * db.c holds what all engines share: the cache of statements, columns and
 * their kinds, the text rule, the account, failures on purpose. An engine
 * embeds struct db and struct stmt as its first members.
 */
#ifndef DB_ENGINE_H
#define DB_ENGINE_H

#include "base/arena.h"
#include "base/buf.h"
#include "db/db.h"
#include "db/guard.h"

#define COLUMNS	     48
#define ACCOUNT_TEXT 64
#define DB_SEARCHES  32 /* tables that can be searched */

/*
 * How an engine writes a query: for each word a group of what it may be,
 * where `or` stands between two, and `and` between groups.
 */
struct query_form {
	const char *open, * or, *close, *and;
	bool keyed; /* words begin with the key of the account */
};

struct engine {
	const char *name; /* as `-- @engine name` has it */
	/* Does the setting of a database mean this one? */
	bool (*owns)(const char *url);
	/* raw: as the owner of the tables. *out is there for close */
	enum rc (*open)(struct db **out, const char *url, bool raw);
	/* behind the check of version: what else a guarded one needs */
	enum rc (*guard)(struct db *);
	void (*close)(struct db *);
	/* a transaction; db.c keeps db->tx */
	enum rc (*begin)(struct db *, enum db_mode);
	enum rc (*commit)(struct db *);
	void (*rollback)(struct db *);
	/* compile; *out is NULL on failure */
	enum rc (*prepare)(struct db *, const char *sql, struct stmt **out);
	void (*free)(struct stmt *);
	/* the name of placeholder i from 0, or NULL behind the last */
	const char *(*param)(const struct stmt *, int i);
	/* column i from 0 as the engine names it, or NULL behind the last */
	const char *(*column)(const struct stmt *, int i);
	/* bind and take the first step: sets s->rc, s->row, s->changes */
	void (*run)(struct stmt *, db_lookup *, void *ctx);
	/* the next row: sets the same */
	void (*step)(struct stmt *);
	void (*done)(struct stmt *);
	struct val (*value)(const struct stmt *, int i);
	enum rc (*plan)(struct db *, const char *sql, bool *whole);
	enum rc (*script)(struct db *, const char *sql);
	enum rc (*checkpoint)(struct db *, int64_t *log_pages);
	enum rc (*seize)(struct db *);
	enum rc (*release)(struct db *);
	/* How many tables are named schema_migration: 0 or 1. */
	const char *begun_sql;
	/* Names of tables with an account: those that have a view my_x. */
	const char *tenants_sql;
	/* Names of tables that are neither that nor in schema_open. */
	const char *strays_sql;
	/* What migrations stand on; before each step, may exist already. */
	const char *start_sql;
	/* View and guards of a table that has an account. */
	void (*tenant)(struct buf *, const char *table);
	/* The index of words of these columns (NULL ends) of a table. */
	void (*index)(struct buf *, const char *table, char *const *column);
	void (*index_drop)(struct buf *, const char *table);
	/* Rows by :count groups of :words: id, rank, text; :limit of them */
	void (*search)(struct buf *, const char *table);
	struct query_form form;
	/* A line of a migration, in the words of this engine. */
	void (*line)(struct buf *, const char *line, size_t len);
	/* Behind each step up. NULL: nothing. */
	enum rc (*grant)(struct db *);
};

struct stmt {
	struct db *db;
	const char *sql;	 /* the key: its address */
	char target[GUARD_NAME]; /* that it writes, or "" */
	struct db_column column[COLUMNS];
	char *name[COLUMNS]; /* of the columns; owned */
	int columns;
	enum rc rc;
	bool busy;
	bool row;   /* there is a current row */
	bool fresh; /* that row is not handed out yet */
	int64_t changes;
	struct search *search; /* what it searches for, or NULL */
};

struct db {
	const struct engine *engine;
	struct guard guard;
	struct stmt *cache[DB_STATEMENTS];
	char account[ACCOUNT_TEXT]; /* "": none */
	char why[256];
	char reason[160];
	const char *volatile *watch;
	struct words *words; /* NULL: not needed yet */
	struct search *search[DB_SEARCHES];
	bool raw;
	bool armed; /* version checked, guard on */
	bool tx;
	bool again; /* see db_again */
};

extern const struct engine sqlite_engine, postgres_engine;

/* The message as db->why; gives rc back. */
enum rc db_blame(struct db *, enum rc, const char *fmt, ...) PRINTF(3, 4);
/*
 * A reason that the schema gives, `conflict: …`: keeps the sentence behind it
 * for db_reason. False for any other text.
 */
bool db_conflict(struct db *, const char *text);
/* What splits texts into words; NULL: it cannot be had. */
struct words *db_words(struct db *);
/* Free the cached statements. */
void db_forget(struct db *);

#endif
