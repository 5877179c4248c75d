/*
 * guard.h - what a statement may touch on an engine without policies.
 *
 * Two parts that close each other's holes. guard_scan reads the text before
 * it is prepared; guard_install sets SQLite's authorizer, which is asked for
 * every table, column and function while a statement compiles. Together: a
 * table with an account is read only by its own view and guards or by a write
 * whose target it is; nothing but SELECT, INSERT, UPDATE and DELETE compiles.
 */
#ifndef DB_GUARD_H
#define DB_GUARD_H

#include <stdbool.h>

#include <sqlite3.h>

#include "base/rc.h"

#define GUARD_NAME	64
#define GUARD_OPEN	64

struct guard {
	char	target[GUARD_NAME];	/* written by the statement, or "" */
	char	open[GUARD_OPEN][GUARD_NAME];
	int	opens;
	bool	on;
};

/*
 * Read a statement's text; sets g->target. False with a sentence in why when
 * the text breaks a rule: it must start with SELECT, WITH, INSERT, UPDATE or
 * DELETE, name the written table bare just once (unless it has no account), define nothing that is
 * called my_... or guard_..., hold no comment, no OR REPLACE, no semicolon.
 */
bool guard_scan(struct guard *, const char *sql, char why[160]);

/* Read the list of open tables and set the authorizer. */
enum rc guard_install(struct guard *, sqlite3 *) MUST_CHECK;

#endif
