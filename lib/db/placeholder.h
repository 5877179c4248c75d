/*
 * placeholder.h - statements with `:name`, for a server that counts `$1`.
 */
#ifndef DB_PLACEHOLDER_H
#define DB_PLACEHOLDER_H

#include "base/rc.h"

struct placeholders {
	char *text;  /* the statement, each name as its `$n` */
	char **name; /* of $1, $2, …: each name once */
	int count;
};

/*
 * Number the names of sql. What stands in quotes is left alone, and so is
 * `::`. Ends with placeholders_free; false when out of memory.
 */
bool placeholders_number(struct placeholders *, const char *sql) MUST_CHECK;
void placeholders_free(struct placeholders *);

#endif
