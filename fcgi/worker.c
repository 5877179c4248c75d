/* worker.c - a pool of FastCGI workers on one Unix socket. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/conf.h"
#include "dispatch.h"
#include "peer/fetch.h"
#include "role.h"
#include "super.h"

/*
 * A worker must have a slot for every connection nginx may open to the pool,
 * or kept ones starve the rest. Slow pools take one request at a time and no
 * kept connections: what waits, waits in the backlog for a free worker.
 */
#define FAST_SLOTS    256
#define BACKLOG	      512
#define SLOW_BACKLOG  64
#define BODY_MAX      ((size_t)8 << 20)
#define IO_TIMEOUT_S  10  /* for the rest of what has begun to come */
#define DRAIN_IDLE_MS 300 /* a kept connection that brings nothing */

struct worker {
	struct super *super;
	struct board_worker *line;
	enum pool pool;
	int listen_fd;
	int slots;
	int left; /* requests before it is replaced */
	FCGX_Request slot[FAST_SLOTS];
	struct req req;
};

/* --- one request ---------------------------------------------------------- */

/* The whole body; a failure here is answered by dispatch. */
static enum rc
body_read(struct req *r, FCGX_Request *q)
{
	const char *text = FCGX_GetParam("CONTENT_LENGTH", q->envp);
	int64_t len = 0;
	char *body;

	r->body = "";
	r->body_len = 0;
	if (text == NULL || *text == '\0')
		return OK;
	if (!str_int(text, 0, (int64_t)BODY_MAX, &len)) {
		r->status = 413;
		r->code = "too_large";
		return fail(r, E_INPUT, "the body is too large");
	}
	body = arena_get(r->arena, (size_t)len + 1);
	if (body == NULL || FCGX_GetStr(body, (int)len, q->in) != (int)len ||
	    FCGX_GetError(q->in) != 0) {
		r->code = "malformed";
		return fail(r, E_INPUT, "the body ended before its length");
	}
	body[len] = '\0';
	r->body = body;
	r->body_len = (size_t)len;
	return OK;
}

static void
answer_write(const struct req *r, FCGX_Request *q)
{
	char head[256];
	int n;

	n = snprintf(head, sizeof(head), "Status: %d %s\r\n", r->status,
	    reply_phrase(r->status));
	if (r->status != 204)
		n += snprintf(head + n, sizeof(head) - (size_t)n,
		    "Content-Type: %s\r\nContent-Length: %zu\r\n", r->type,
		    r->out.len);
	FCGX_PutStr(head, n, q->out);
	FCGX_PutStr(buf_text(&r->headers), (int)r->headers.len, q->out);
	FCGX_PutStr("\r\n", 2, q->out);
	FCGX_PutStr(buf_text(&r->out), (int)r->out.len, q->out);
}

static void
serve(struct worker *w, FCGX_Request *q)
{
	struct req *r = &w->req;
	struct arena *arena = r->arena;
	struct db *db = r->db;
	int64_t start = clock_tick_us();

	memset(r, 0, sizeof(*r));
	r->arena = arena;
	r->db = db;
	r->pool = w->pool;
	r->env = q->envp;
	r->route_slot = &w->line->route;
	board_begin(w->line, FCGX_GetParam("REQUEST_ID", q->envp));
	dispatch_begin(r);
	(void)body_read(r, q);
	dispatch(r);
	answer_write(r, q);
	board_end(w->super->board, w->line, r);
	note_request(r, clock_tick_us() - start);
	arena_reset(arena);
}

/* --- connections -----------------------------------------------------------
 */

/* Take a waiting connection into a free slot; another worker may be faster. */
static void
connection_take(struct worker *w, FCGX_Request *q)
{
	struct timeval patience = { .tv_sec = IO_TIMEOUT_S };
	int fd = accept4(w->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	FCGX_InitRequest(q, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	q->ipcFd = fd;
	q->keepConnection = 1; /* or the next call would close it */
}

/* A slot whose connection has something to read, or has ended. */
static void
connection_serve(struct worker *w, FCGX_Request *q)
{
	char byte;

	if (recv(q->ipcFd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0 ||
	    FCGX_Accept_r(q) < 0) {
		FCGX_Free(q, 1);
		q->ipcFd = -1;
		return;
	}
	serve(w, q);
	if (super_stop || w->slots == 1)
		q->keepConnection = 0;
	FCGX_Finish_r(q);
	if (w->left > 0)
		w->left--;
}

/* Fill p with the open connections and, while there is room, the listener. */
static nfds_t
poll_set(const struct worker *w, struct pollfd *p, int *slot_of, bool listen)
{
	nfds_t n = 0;
	int spare = -1;

	for (int i = 0; i < w->slots; i++) {
		if (w->slot[i].ipcFd < 0) {
			spare = i;
			continue;
		}
		p[n] = (struct pollfd) { w->slot[i].ipcFd, POLLIN, 0 };
		slot_of[n++] = i;
	}
	if (listen && spare >= 0) {
		p[n] = (struct pollfd) { w->listen_fd, POLLIN, 0 };
		slot_of[n++] = spare;
	}
	return n;
}

static int
round_of(struct worker *w, const struct timespec *wait, bool listen)
{
	struct pollfd p[FAST_SLOTS + 1];
	int slot_of[FAST_SLOTS + 1];
	nfds_t n = poll_set(w, p, slot_of, listen);
	int ready = n > 0 ? ppoll(p, n, wait, &super_mask) : 0;

	for (nfds_t i = 0; i < n && ready > 0; i++) {
		FCGX_Request *q = &w->slot[slot_of[i]];

		if (p[i].revents == 0)
			continue;
		if (p[i].fd == w->listen_fd)
			connection_take(w, q);
		else
			connection_serve(w, q);
	}
	return ready;
}

/*
 * Take no new connections, answer what still comes on the kept ones and close
 * each behind its answer; leave when nothing has come for a moment.
 */
static void
drain(struct worker *w)
{
	struct timespec idle = { .tv_nsec = DRAIN_IDLE_MS * 1000000L };

	super_stop = 1;
	while (round_of(w, &idle, false) > 0)
		;
}

static bool
worker_open(struct worker *w)
{
	if (!program_open(&w->req) || FCGX_Init() != 0)
		return false;
	db_watch(w->req.db, &w->line->sql);
	for (int i = 0; i < w->slots; i++)
		w->slot[i].ipcFd = -1;
	return true;
}

/* libfcgi sets handlers of its own; ours must stand. */
static void
signals_again(void)
{
	struct sigaction sa = { .sa_handler = NULL };

	sigaction(SIGINT, NULL, &sa); /* that of super.c */
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGINT, SIG_IGN); /* the master decides */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
}

static int
worker_child(struct super *s, int index)
{
	struct worker *w = s->ctx;
	int64_t max = conf->max_requests;

	w->line = &s->board->worker[index];
	if (!worker_open(w))
		return 1;
	signals_again();
	/* jitter, so that workers are not all replaced at once */
	w->left = max > 0 ? (int)(max + max / 8 * (getpid() % 8) / 8) : -1;
	while (!super_stop && w->left != 0)
		(void)round_of(w, NULL, true);
	drain(w);
	fetch_drop();
	program_close(&w->req);
	return 0;
}

/* --- the socket and the role ------------------------------------------------
 */

/* A service manager hands the socket over as descriptor 0. */
static bool
inherited(void)
{
	struct sockaddr_un a = { 0 };
	socklen_t len = sizeof(a);
	int on = 0;
	socklen_t on_len = sizeof(on);

	return getsockname(0, (struct sockaddr *)&a, &len) == 0 &&
	    a.sun_family == AF_UNIX &&
	    getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &on, &on_len) == 0 && on;
}

static int
socket_open(const char *path, int backlog)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	mode_t old;
	int fd, rc;

	if (strlen(path) >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	(void)unlink(path);
	old = umask(0117); /* 0660: nginx by its group */
	rc = bind(fd, (struct sockaddr *)&a, sizeof(a));
	umask(old);
	if (rc != 0 || listen(fd, backlog) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
pool_find(const char *name)
{
	for (int i = 0; i < POOL_COUNT; i++)
		if (str_eq(pool_names[i], name))
			return i;
	return -1;
}

int
role_worker(struct args *a)
{
	static struct worker w;
	const char *pool = args_option(a, "pool", "web");
	const char *path = args_option(a, "socket", NULL);
	char usual[1024];
	static struct super s = { .child = worker_child, .ctx = &w };
	int which = pool_find(pool);

	s.name = pool;
	if (which < 0 || !args_workers(a, &s.workers))
		return args_usage(a,
		    "worker --pool web|hook|wait|auth "
		    "[--workers N] [--socket PATH]");
	log_role(pool);
	w.pool = (enum pool)which;
	w.slots = w.pool == WEB || w.pool == HOOK ? FAST_SLOTS : 1;
	w.super = &s;
	snprintf(usual, sizeof(usual), "%s/run/%s.sock", conf->data, pool);
	s.board = board_make(pool);
	if (s.board == NULL)
		return args_fail("the scoreboard of %s in %s/run: %s", pool,
		    conf->data, strerror(errno));
	w.listen_fd = path == NULL && inherited() ?
	    0 :
	    socket_open(path != NULL ? path : usual,
		w.slots > 1 ? BACKLOG : SLOW_BACKLOG);
	if (w.listen_fd < 0)
		return args_fail("%s: %s", path != NULL ? path : usual,
		    strerror(errno));
	(void)fcntl(w.listen_fd, F_SETFL, O_NONBLOCK);
	return super_run(&s);
}
