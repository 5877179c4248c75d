/*
 * scratch.h - databases for one test program, in a folder of its own.
 *
 * With FRONTDESK_TEST_ENGINE=postgres they are on the server that tests/engine
 * has started, else files of SQLite in the folder. A program has one folder
 * and one database at a time; scratch_fresh moves on to a new one. Statements
 * are cached by the address of their text, so texts that are made at run time
 * come from scratch_text and stay.
 */
#ifndef TESTS_DB_SCRATCH_H
#define TESTS_DB_SCRATCH_H

#include <stdint.h>

#include "db/db.h"

/* Group set-up and tear-down of cmocka. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

bool scratch_pg(void);
/* The text for the engine of this run. */
const char *scratch_sql(const char *sqlite, const char *postgres);

/* Point the settings at a new database without tables. */
void scratch_empty(void);
/* The same with all tables. */
void scratch_fresh(void);
/* Set a FRONTDESK_ setting, or unset it (NULL), and load all again. */
void scratch_conf(const char *name, const char *value);

/* Connections; the test fails when they cannot be had. */
struct db *scratch_open(void);
struct db *scratch_raw(void);

/* A text that lives until the program ends. */
const char *scratch_text(const char *fmt, ...) PRINTF(1, 2);

/* Run a statement without placeholders to its end; changes may be NULL. */
enum rc scratch_do(struct db *, const char *sql, int64_t *changes) MUST_CHECK;
/* The first value of the first row; the test fails when it cannot be had. */
int64_t scratch_int(struct db *, const char *sql);
/*
 * All rows of a query as one text, past every guard and past lib/db: on a
 * connection of its own, as the superuser where there is one.
 */
const char *scratch_dump(const char *sql);
/* Run a script on a raw connection, in a transaction of its own. */
void scratch_script(struct db *raw, const char *sql);

#endif
