/*
 * board.h - the scoreboard of a pool: a file in DATA/run, mapped by all.
 *
 * The master makes it, each worker writes its own line and adds to the
 * counters, anyone may read it: /status, /metrics, the watchdog. Times are
 * monotonic microseconds of this machine.
 */
#ifndef FCGI_BOARD_H
#define FCGI_BOARD_H

#include <stdatomic.h>
#include <stdint.h>

#include "req.h"

#define BOARD_WORKERS 64
#define BOARD_ROUTES  256 /* the last one counts what matched none */
#define BOARD_BUCKETS 10

struct board_worker {
	atomic_int pid;	       /* 0: no such worker */
	atomic_int route;      /* being served, -1: none yet */
	atomic_llong since_us; /* of the request, 0: idle */
	atomic_ullong requests;
	atomic_uint restarts;
	atomic_int slow_told;	  /* the watchdog has logged this one */
	const char *volatile sql; /* running; for the master only */
	char id[40];		  /* request id */
};

struct board_route {
	atomic_ullong by_class[6];	     /* answers by status / 100 */
	atomic_ullong us;		     /* sum of times */
	atomic_ullong bucket[BOARD_BUCKETS]; /* not cumulative */
};

struct board {
	char magic[8];
	char pool[8];
	atomic_int master;   /* pid */
	atomic_int stopping; /* the whole pool goes down */
	atomic_int workers;  /* lines in use */
	atomic_llong started_us;
	struct board_worker worker[BOARD_WORKERS];
	struct board_route route[BOARD_ROUTES];
};

/* Upper bounds of the buckets in microseconds; the last is open. */
extern const int64_t board_bounds_us[BOARD_BUCKETS];

/* Make and map the board of a pool; NULL with errno set. */
struct board *board_make(const char *pool);
/* Map the board of a pool to read it; NULL when there is none. */
const struct board *board_read(const char *pool);
void board_unmap(const struct board *);

/* A worker begins and ends a request. */
void board_begin(struct board_worker *, const char *id);
void board_end(struct board *, struct board_worker *, const struct req *);

#endif
