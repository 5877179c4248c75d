/* worker.c - a pool of FastCGI workers on one Unix socket. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/conf.h"
#include "conn.h"
#include "dispatch.h"
#include "peer/fetch.h"
#include "role.h"
#include "super.h"

#define BACKLOG	      512
#define SLOW_BACKLOG  64
#define BODY_MAX      ((size_t)8 << 20)
#define DRAIN_IDLE_MS 300 /* a kept connection that brings nothing */

struct worker {
	struct super *super;
	struct board_worker *line;
	enum pool pool;
	int64_t left; /* requests before it is replaced; negative: never */
	struct conns conns;
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
	if (body == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	if (FCGX_GetStr(body, (int)len, q->in) != (int)len ||
	    FCGX_GetError(q->in) != 0) {
		r->code = "malformed";
		return fail(r, E_INPUT, "the body ended before its length");
	}
	body[len] = '\0';
	r->body = body;
	r->body_len = (size_t)len;
	return OK;
}

/* A failure to write shows in the stream, which then closes the connection. */
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
	if (r->status != 204 && !str_eq(r->method, "HEAD"))
		FCGX_PutStr(buf_text(&r->out), (int)r->out.len, q->out);
}

static void
serve(void *ctx, FCGX_Request *q)
{
	struct worker *w = ctx;
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
	if (w->left > 0)
		w->left--;
}

/* --- a worker ------------------------------------------------------------ */

/*
 * Take nothing new. While others go on, they get the kept connections; when
 * the whole pool stops, answer what still comes and close each behind its
 * answer, until nothing has come for a moment.
 */
static void
drain(struct worker *w)
{
	struct timespec idle = { .tv_nsec = DRAIN_IDLE_MS * 1000000L };
	int ready;

	w->conns.leaving = true;
	if (!w->super->board->stopping)
		conns_give(&w->conns);
	do
		ready = conns_round(&w->conns, &idle);
	while (ready > 0 || (ready < 0 && errno == EINTR));
}

static bool
worker_open(struct worker *w)
{
	if (!program_open(&w->req) || FCGX_Init() != 0)
		return false;
	db_watch(w->req.db, &w->line->sql);
	conns_init(&w->conns);
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
	w->left = max > 0 ? max + max / 8 * (getpid() % 8) / 8 : -1;
	while (!super_stop && w->left != 0)
		(void)conns_round(&w->conns, NULL);
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
	memcpy(a.sun_path, path, strlen(path) + 1);
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

/* What the master makes and its workers share. */
static bool
pool_open(struct worker *w, const char *path)
{
	char usual[1024];
	int backlog = w->conns.slots > 1 ? BACKLOG : SLOW_BACKLOG;

	w->super->board = board_make(w->super->name); /* and DATA/run */
	snprintf(usual, sizeof(usual), "%s/run/%s.sock", conf->data,
	    w->super->name);
	if (path == NULL && inherited())
		w->conns.listen_fd = 0;
	else
		w->conns.listen_fd =
		    socket_open(path != NULL ? path : usual, backlog);
	return w->super->board != NULL && w->conns.listen_fd >= 0 &&
	    fcntl(w->conns.listen_fd, F_SETFL, O_NONBLOCK) == 0 &&
	    conns_share(&w->conns);
}

int
role_worker(struct args *a)
{
	static struct worker w = { .conns.serve = serve, .conns.ctx = &w };
	static struct super s = { .child = worker_child, .ctx = &w };
	const char *path = args_option(a, "socket", NULL);
	int which;

	s.name = args_option(a, "pool", "web");
	which = pool_find(s.name);
	if (which < 0 || !args_workers(a, &s.workers))
		return args_usage(a,
		    "worker --pool web|hook|wait|auth [--workers N] "
		    "[--socket PATH]");
	log_role(s.name);
	w.pool = (enum pool)which;
	w.conns.slots = w.pool == WEB || w.pool == HOOK ? CONN_SLOTS : 1;
	w.super = &s;
	if (!pool_open(&w, path))
		return args_fail("pool %s cannot open its socket or its "
				 "scoreboard in %s/run: %s",
		    s.name, conf->data, strerror(errno));
	return super_run(&s);
}
