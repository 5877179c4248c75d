/*
 * scratch.h - databases for one test program, in a folder of its own.
 *
 * A program has one folder and one database path at a time; scratch_fresh
 * moves on to a new one. Statements are cached by the address of their text,
 * so texts that are made at run time come from scratch_text and stay.
 */
#ifndef TESTS_DB_SCRATCH_H
#define TESTS_DB_SCRATCH_H

#include <stdint.h>

#include "db/db.h"

/* Group set-up and tear-down of cmocka. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

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
/* All rows of a query as one text, past every guard; raw connections only. */
const char *scratch_dump(struct db *raw, const char *sql);
/* Run a script on a raw connection, in a transaction of its own. */
void scratch_script(struct db *raw, const char *sql);

#endif
