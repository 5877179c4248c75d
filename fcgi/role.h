/*
 * role.h - the sub-commands of the program and their arguments.
 */
#ifndef FCGI_ROLE_H
#define FCGI_ROLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/rc.h"

/* What stands behind the role's name; parsed as it is asked for. */
struct args {
	const char *role;
	int count;
	char **list;
	unsigned char used[64]; /* which were asked for */
};

/* Value of --name VALUE or --name=VALUE, else def. */
const char *args_option(struct args *, const char *name, const char *def);
/* Is --name there? */
bool args_flag(struct args *, const char *name);
/* Next argument that is no option, or NULL. */
const char *args_word(struct args *);
/* --workers N from 1 to 64, else the setting; false when it is no number. */
bool args_workers(struct args *, int *workers);
/* True when every argument has been asked for. */
bool args_all_used(const struct args *);

/* Print how a role is used to stderr; returns exit status 2. */
int args_usage(const struct args *, const char *usage);
/* Print a sentence to stderr; returns exit status 1. */
int args_fail(const char *fmt, ...) PRINTF(1, 2);

/* The roles; each returns the exit status. */
#define ROLE(name, about) int role_##name(struct args *);
#include "role.def"
#undef ROLE

#endif
