/*
 * attack.h - statements of account b that reach for the rows of account a.
 */
#ifndef TESTS_DB_ATTACK_H
#define TESTS_DB_ATTACK_H

#include "schema.h"

enum want {
	NO_ROWS,  /* it runs, and finds and changes nothing */
	OWN_ROWS, /* it runs, and finds or changes b's row alone */
	DENIED,	  /* the guard says no */
	REFUSED,  /* it is not even compiled */
	STOPPED,  /* it fails, for whatever reason comes first */
	CONFLICT, /* b's rows cannot refer to a's, or be there twice */
	FAILED	  /* no account is set */
};

/*
 * Run fn for each table, with a connection of its own: connections keep all
 * their statements. Answers how many attacks there have been so far.
 */
int attack_all(void (*fn)(const struct table *), const struct table *, int n);

/*
 * Run it as account (NULL: none). The test fails when it does not end as
 * wanted, or when a byte of a's rows has changed.
 */
void attack(const char *account, enum want, const char *sql);

/* `k1 = ... AND k2 = ...`: the primary key of an account's row. */
const char *attack_where(const struct table *, const char *account);
/* INSERT of a copy of from's row, where column (or NULL) has value instead. */
const char *attack_copy(const struct table *, const char *from,
    const char *column, const char *value);
/* Value of a column of an account's row, as an SQL literal. */
const char *attack_value(const struct table *, const char *column,
    const char *account);

#endif
