/*
 * schema.h - tables with an account as the schema has them, and one row each.
 *
 * The rows of account "a" and "b" have ids of their own, such as a-contact.
 */
#ifndef TESTS_DB_SCHEMA_H
#define TESTS_DB_SCHEMA_H

#include "scratch.h"

#define COLUMNS_MAX 40
#define KEYS_MAX    4
#define TABLES_MAX  64

/* A foreign key of several columns; the first is account_id. */
struct link {
	const char *parent;
	const char *from[KEYS_MAX];
	int count;
};

struct table {
	const char *name;
	const char *column[COLUMNS_MAX];
	int columns;
	const char *key[KEYS_MAX]; /* primary */
	int keys;
	struct link link[KEYS_MAX];
	int links;
};

/* Every table that has a view my_<name>; the schema is read, not listed. */
int schema_read(struct table table[TABLES_MAX]);

/*
 * The statement that adds the row of an account to a table; NULL when
 * nobody has written one yet.
 */
const char *schema_row(const char *table, const char *account);
/* Rows of one account in all tables, parents first, on a guarded db. */
void schema_fill(struct db *, const char *account);
/* The names that schema_row knows, in the order of schema_fill; NULL ends. */
const char *schema_known(int i);

/* All rows of an account in all tables, to the byte. */
const char *schema_dump(const char *account);
/* The query behind it, for whoever asks often. */
const char *schema_dump_sql(const char *account);
/* Value of a column of an account's row in a table, as an SQL literal. */
const char *schema_value(const char *table, const char *column,
    const char *account);

#endif
