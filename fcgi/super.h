/*
 * super.h - a master and its children: start, restart, watch, drain.
 *
 * The master opens nothing that children must not share; each child opens
 * its database after the fork. SIGTERM and SIGINT drain: children finish what
 * they have and exit, then the master exits. SIGHUP replaces the children one
 * by one. A child that a request holds longer than conf->hard_ms is killed.
 */
#ifndef FCGI_SUPER_H
#define FCGI_SUPER_H

#include <signal.h>
#include <stdbool.h>

#include "board.h"

struct super {
	const char *name; /* of the pool */
	int workers;
	struct board *board;
	/* What a child does; returns its exit status. */
	int (*child)(struct super *, int index);
	void *ctx;
};

/* Run until told to stop; returns the exit status of the program. */
int super_run(struct super *);

/* In a child: has it been told to stop? Set by SIGTERM only in super_wait. */
extern volatile sig_atomic_t super_stop;
/* Signals to let through while waiting (for ppoll). */
extern sigset_t super_mask;

#endif
