/*
 * guard.h - what the text of a statement may name.
 *
 * guard_scan reads the text of a statement before it is compiled: a table with
 * an account may be named only as the target of a write, once; everything else
 * goes through its view. It is the same rule on every engine, so that what one
 * refuses the other does too; behind it stand SQLite's authorizer or
 * PostgreSQL's policies, and each closes the other's holes.
 */
#ifndef DB_GUARD_H
#define DB_GUARD_H

#include <stdbool.h>
#include <stddef.h>

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
	bool search; /* db_search compiles: see below */
};

/*
 * find_x and what else is called find_... is the index of words of table x,
 * made by `-- @search`. Only the triggers of x and db_search reach it.
 */

/*
 * Read a statement's text; sets g->target. False with a sentence in why when
 * the text breaks a rule: it starts with SELECT, WITH, INSERT, UPDATE or
 * DELETE; names no table with an account but the written one, that once;
 * defines nothing that is called my_... or guard_...; names nothing that is
 * called find_...; names no schema, holds no comment, no OR REPLACE, no
 * semicolon, no function of the server.
 */
bool guard_scan(struct guard *, const char *sql, char why[160]);

/* Is the name of n characters in the list of count? */
bool guard_listed(const char (*list)[GUARD_NAME], int count, const char *name,
    size_t n);

#endif
