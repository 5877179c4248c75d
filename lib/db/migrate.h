/*
 * migrate.h - the schema, step by step, up and down.
 *
 * The files of sql/ are compiled into the program. Each has a part behind
 * `-- @up` and one behind `-- @down`, and may say, on lines of their own:
 *
 *	-- @open x	table x has no account: anyone's rows are in it
 *	-- @tenant x	table x belongs to accounts: make its view my_x, its
 *			guards (or policies) and the trigger of updated_at
 *	-- @search x col col
 *			db_search finds rows of x by the words of these columns
 *	-- @unsearch x	the opposite
 *	-- @engine x	what follows is for sqlite, postgres or all
 *	-- @drop x	the opposite of @open, @tenant and @search, and DROP
 *			TABLE
 *
 * Each step is one transaction together with its line in schema_migration.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stdio.h>

#include "base/arena.h"
#include "db/db.h"

struct migration {
	int version;
	const char *name;
	const char *text;
};

/* All, by version from 1; ends with a row of version 0. */
extern const struct migration migrations[];

/* A table of the newest version; tenant: its rows belong to accounts. */
struct migrate_table {
	const char *name;
	bool tenant;
};

/* All, as they were made: none refers to a later one. NULL: out of memory. */
const struct migrate_table *migrate_tables(struct arena *, int *count);

/* Version of the newest one. */
int migrate_latest(void);
/* Version of this database; 0 for an empty one. */
enum rc migrate_look(struct db *, int *version) MUST_CHECK;
/* The same, -1 on error. */
int migrate_version(struct db *);
/* Go up or down to version to; says each step on out (may be NULL). */
enum rc migrate_to(struct db *, struct arena *, int to, FILE *out) MUST_CHECK;

#endif
