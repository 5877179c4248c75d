/*
 * guard.h - what a statement may touch on an engine without policies.
 *
 * Two parts that close each other's holes. guard_scan reads the text before
 * it is prepared: a table with an account may be named only as the target of
 * a write, once; everything else goes through its view. guard_install sets
 * SQLite's authorizer, which is asked for every table and column while a
 * statement compiles: a SELECT reads tables with an account only from inside
 * their own views, and nothing but SELECT, INSERT, UPDATE and DELETE compiles.
 * (In a write the authorizer must let foreign keys read the keys of other
 * tables, and change them; the text rule is what keeps the statement itself
 * from doing so.)
 */
#ifndef DB_GUARD_H
#define DB_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#include "base/rc.h"

#define GUARD_NAME   64
#define GUARD_TABLES 64

struct guard {
	char target[GUARD_NAME]; /* written by the statement, or "" */
	char open[GUARD_TABLES][GUARD_NAME]; /* without an account */
	int opens;
	char tenant[GUARD_TABLES][GUARD_NAME]; /* with one */
	int tenants;
	bool on;
};

/*
 * Read a statement's text; sets g->target. False with a sentence in why when
 * the text breaks a rule: it starts with SELECT, WITH, INSERT, UPDATE or
 * DELETE; names no table with an account but the written one, that once;
 * defines nothing that is called my_... or guard_...; names no schema, holds
 * no comment, no OR REPLACE, no semicolon.
 */
bool guard_scan(struct guard *, const char *sql, char why[160]);

/* Is the name of n characters in the list of count? */
bool guard_listed(const char (*list)[GUARD_NAME], int count, const char *name,
    size_t n);

/* Read which tables have an account and set the authorizer. */
enum rc guard_install(struct guard *, sqlite3 *) MUST_CHECK;

#endif
