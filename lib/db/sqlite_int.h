/*
 * sqlite_int.h - what the files of the SQLite engine share; nobody else.
 */
#ifndef DB_SQLITE_INT_H
#define DB_SQLITE_INT_H

#include <sqlite3.h>

#include "db/db.h"
#include "db/guard.h"

#define CACHE	     512 /* statements; a power of two */
#define COLUMNS	     48
#define ACCOUNT_TEXT 64

struct stmt {
	struct db *db;
	const char *sql; /* the key: its address */
	sqlite3_stmt *st;
	char target[GUARD_NAME]; /* that it writes, or "" */
	struct db_column column[COLUMNS];
	char *name[COLUMNS]; /* of the columns; owned */
	int columns;
	enum rc rc;
	bool busy;
	bool row;   /* db_run stepped onto a row already */
	bool fresh; /* that row is not handed out yet */
	int64_t changes;
};

struct db {
	sqlite3 *handle;
	struct guard guard;
	struct stmt *cache[CACHE];
	char account[ACCOUNT_TEXT];
	char why[256];
	char reason[160];
	const char *volatile *watch;
	int lock_fd;
	bool locked;
	bool tx;
};

/* Our code for SQLite's rc; keeps the message in db->why. */
enum rc sqlite_fail(struct db *, int rc, const char *what);
/* Finalize the cached statements. */
void sqlite_forget(struct db *);

#endif
