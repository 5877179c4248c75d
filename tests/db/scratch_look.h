/*
 * scratch_look.h - what scratch.c asks of an engine without lib/db.
 */
#ifndef TESTS_DB_SCRATCH_LOOK_H
#define TESTS_DB_SCRATCH_LOOK_H

#include "base/buf.h"
#include "scratch.h"

/* Make the number-th database of this program, and point the settings to it. */
void look_create(int number);
/* Rows end a line, columns are parted by '|', NULL is <null>. */
void look_rows(struct buf *, const char *sql);
/* Leave the current database. */
void look_close(void);
/* Leave the server, and every database made there behind. */
void look_end(void);

#endif
