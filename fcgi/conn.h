/*
 * conn.h - the FastCGI connections of one worker.
 *
 * A worker polls all of them and the listening socket. It must have a slot
 * for every connection nginx may open to the pool, or kept ones starve the
 * rest. A pool with one slot takes one request at a time and keeps nothing:
 * what waits, waits in the backlog for a free worker.
 *
 * A worker that leaves gives its kept connections to the others through a
 * socket they all share, so that a request on its way to it is not lost: it
 * waits in the connection until another worker has it.
 */
#ifndef FCGI_CONN_H
#define FCGI_CONN_H

#include <stdbool.h>
#include <time.h>

#include <fcgiapp.h>

#define CONN_SLOTS 256

struct conns {
	int listen_fd; /* not blocking */
	int slots;
	int give_fd; /* ends of the shared socket; -1: none */
	int take_fd;
	bool leaving; /* take nothing new, close behind each answer */
	/* Serve the request that has been read from q. */
	void (*serve)(void *ctx, FCGX_Request *q);
	void *ctx;
	FCGX_Request slot[CONN_SLOTS];
};

/* Make the shared socket; before the workers fork. False with errno set. */
bool conns_share(struct conns *);
/* Empty all slots; in the worker. */
void conns_init(struct conns *);
/*
 * Wait for something (at most wait, NULL: for ever; signals may come), then
 * serve all that is there. Returns what ppoll did: 0 when nothing came.
 */
int conns_round(struct conns *, const struct timespec *wait);
/* Give the open connections to the other workers; what cannot be given stays.
 */
void conns_give(struct conns *);

#endif
