/*
 * schema.h - JSON schemas (draft 2020-12, as OpenAPI 3.1 wants them) from the
 * tables that check requests and from the columns that shape answers.
 */
#ifndef FCGI_SCHEMA_H
#define FCGI_SCHEMA_H

#include "req.h"

struct schema {
	struct jout *j;
	struct db *db; /* that describes statements; NULL: no columns */
	enum rc rc;    /* of the last one */
};

/* One field; in: of a request, where "" and null clear what need not be. */
void schema_field(struct jout *, const struct field *, bool in);
/* An object with these members. */
void schema_object(struct jout *, const struct field *, bool in);
/* An object with the columns of a statement; a list of them with a cursor. */
void schema_columns(struct schema *, const char *sql);
void schema_list(struct schema *, const char *sql);

#endif
