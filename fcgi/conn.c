/* conn.c - the FastCGI connections of one worker. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "conn.h"
#include "super.h"

#define IO_TIMEOUT_S 10 /* for the rest of what has begun to come */

bool
conns_share(struct conns *c)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, pair) != 0)
		return false;
	c->give_fd = pair[0];
	c->take_fd = pair[1];
	return true;
}

void
conns_init(struct conns *c)
{
	for (int i = 0; i < c->slots; i++)
		c->slot[i].ipcFd = -1;
}

static FCGX_Request *
slot_spare(struct conns *c)
{
	for (int i = 0; i < c->slots; i++)
		if (c->slot[i].ipcFd < 0)
			return &c->slot[i];
	return NULL;
}

static void
slot_fill(FCGX_Request *q, int fd)
{
	FCGX_InitRequest(q, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	q->ipcFd = fd;
	q->keepConnection = 1; /* or the next call would close it */
}

/* A waiting connection; another worker may be faster. */
static void
take_new(struct conns *c)
{
	struct timeval patience = { .tv_sec = IO_TIMEOUT_S };
	FCGX_Request *q = slot_spare(c);
	int fd;

	if (q == NULL)
		return;
	fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	slot_fill(q, fd);
}

/* Room for one descriptor beside a message of one byte. */
union passing {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

/* A connection that another worker has left to us. */
static void
take_given(struct conns *c)
{
	union passing p = { .room = { 0 } };
	char byte;
	struct iovec io = { &byte, 1 };
	struct msghdr m = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = p.room,
		.msg_controllen = sizeof(p.room) };
	const struct cmsghdr *h;
	FCGX_Request *q = slot_spare(c);
	int fd;

	if (q == NULL || recvmsg(c->take_fd, &m, MSG_CMSG_CLOEXEC) != 1)
		return;
	h = CMSG_FIRSTHDR(&m);
	if (h == NULL || h->cmsg_type != SCM_RIGHTS)
		return;
	memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	slot_fill(q, fd);
}

static bool
give(struct conns *c, int fd)
{
	union passing p = { .room = { 0 } };
	char byte = 0;
	struct iovec io = { &byte, 1 };
	struct msghdr m = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = p.room,
		.msg_controllen = sizeof(p.room) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	return sendmsg(c->give_fd, &m, MSG_NOSIGNAL) == 1;
}

void
conns_give(struct conns *c)
{
	for (int i = 0; i < c->slots && c->give_fd >= 0; i++) {
		FCGX_Request *q = &c->slot[i];

		if (q->ipcFd < 0 || !give(c, q->ipcFd))
			continue;
		close(q->ipcFd);
		q->ipcFd = -1;
	}
}

/* A slot whose connection has something to read, or has ended. */
static void
slot_serve(struct conns *c, FCGX_Request *q)
{
	char byte;

	if (recv(q->ipcFd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0 ||
	    FCGX_Accept_r(q) < 0) {
		FCGX_Free(q, 1);
		q->ipcFd = -1;
		return;
	}
	c->serve(c->ctx, q);
	if (c->leaving || c->slots == 1)
		q->keepConnection = 0;
	FCGX_Finish_r(q);
}

/* Fill p with the open connections and, while there is room, the sources. */
static nfds_t
poll_set(const struct conns *c, struct pollfd *p, int *slot_of)
{
	nfds_t n = 0;

	for (int i = 0; i < c->slots; i++)
		if (c->slot[i].ipcFd >= 0) {
			slot_of[n] = i;
			p[n++] =
			    (struct pollfd) { c->slot[i].ipcFd, POLLIN, 0 };
		}
	if (c->leaving || n == (nfds_t)c->slots)
		return n;
	slot_of[n] = -1;
	p[n++] = (struct pollfd) { c->listen_fd, POLLIN, 0 };
	slot_of[n] = -1;
	p[n++] = (struct pollfd) { c->take_fd, POLLIN, 0 };
	return n;
}

int
conns_round(struct conns *c, const struct timespec *wait)
{
	struct pollfd p[CONN_SLOTS + 2];
	int slot_of[CONN_SLOTS + 2];
	nfds_t n = poll_set(c, p, slot_of);
	int ready = n > 0 ? ppoll(p, n, wait, &super_mask) : 0;

	for (nfds_t i = 0; i < n && ready > 0; i++) {
		if (p[i].revents == 0)
			continue;
		if (slot_of[i] >= 0)
			slot_serve(c, &c->slot[slot_of[i]]);
		else if (p[i].fd == c->listen_fd)
			take_new(c);
		else
			take_given(c);
	}
	return ready;
}
