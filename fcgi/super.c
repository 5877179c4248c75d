/* super.c - a master and its children. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "dispatch.h"
#include "super.h"

#define TICK_MS	 100
#define DRAIN_MS 30000 /* then children are killed */

volatile sig_atomic_t super_stop;
sigset_t super_mask;

static volatile sig_atomic_t hup;
static int64_t born_us[BOARD_WORKERS];
static bool crashed[BOARD_WORKERS];

static void
on_stop(int sig)
{
	(void)sig;
	super_stop = 1;
}

static void
on_hup(int sig)
{
	(void)sig;
	hup = 1;
}

static void
on_child(int sig)
{
	(void)sig; /* only there to end ppoll */
}

/* All signals we act on come through only while we wait in ppoll. */
static void
signals_set(void)
{
	struct sigaction sa = { .sa_handler = on_stop };
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGHUP);
	sigaddset(&block, SIGCHLD);
	sigprocmask(SIG_BLOCK, &block, NULL);
	sigprocmask(SIG_SETMASK, NULL, &super_mask);
	sigdelset(&super_mask, SIGTERM);
	sigdelset(&super_mask, SIGINT);
	sigdelset(&super_mask, SIGHUP);
	sigdelset(&super_mask, SIGCHLD);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sa.sa_handler = on_hup;
	sigaction(SIGHUP, &sa, NULL);
	sa.sa_handler = on_child;
	sigaction(SIGCHLD, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void
spawn(struct super *s, int i)
{
	struct board_worker *w = &s->board->worker[i];
	pid_t master = getpid(), pid;

	w->since_us = 0;
	w->sql = NULL;
	born_us[i] = clock_tick_us();
	pid = fork();
	if (pid < 0) {
		log_msg(LOG_ERROR, "fork: %s", strerror(errno));
		return;
	}
	if (pid > 0) {
		w->pid = pid;
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		_exit(0);
	w->pid = getpid();
	exit(s->child(s, i));
}

static int
index_of(const struct super *s, pid_t pid)
{
	for (int i = 0; i < s->workers; i++)
		if (s->board->worker[i].pid == pid)
			return i;
	return -1;
}

static void
reap(struct super *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		int i = index_of(s, pid);

		if (i < 0)
			continue;
		s->board->worker[i].pid = 0;
		s->board->worker[i].since_us = 0;
		crashed[i] = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		if (WIFSIGNALED(status))
			log_msg(LOG_ERROR, "worker %d of %s died of signal %d",
			    (int)pid, s->name, WTERMSIG(status));
		else if (WEXITSTATUS(status) != 0)
			log_msg(LOG_ERROR, "worker %d of %s exited with %d",
			    (int)pid, s->name, WEXITSTATUS(status));
		if (!super_stop)
			s->board->worker[i].restarts++;
	}
}

/* Start what is missing; one that crashed young waits for a second. */
static void
refill(struct super *s)
{
	int64_t now = clock_tick_us();

	for (int i = 0; i < s->workers && !super_stop; i++)
		if (s->board->worker[i].pid == 0 &&
		    (!crashed[i] || now - born_us[i] > 1000000))
			spawn(s, i);
}

static void
slow_log(const struct super *s, const struct board_worker *w, int64_t ms,
    const char *what)
{
	const struct resource *res;
	const struct route *t = w->route >= 0 ? route_at(w->route, &res) : NULL;
	const char *sql = w->sql;
	struct log_line l;

	log_begin(&l, LOG_WARN, what);
	log_str(&l, "pool", s->name);
	log_int(&l, "worker", w->pid);
	log_str(&l, "request_id", w->id);
	log_str(&l, "route", t != NULL ? t->path : NULL);
	log_int(&l, "ms", ms);
	log_str(&l, "sql", sql);
	log_end(&l);
}

/* The watchdog: tell of slow requests, end stuck ones. */
static void
watch(struct super *s)
{
	int64_t now = clock_tick_us();

	for (int i = 0; i < s->workers; i++) {
		struct board_worker *w = &s->board->worker[i];
		int64_t since = w->since_us;
		int64_t ms = (now - since) / 1000;

		if (since == 0 || w->pid == 0)
			continue;
		if (ms >= conf->slow_ms && !w->slow_told) {
			w->slow_told = 1;
			slow_log(s, w, ms, "slow request");
		}
		if (ms > conf->hard_ms) {
			slow_log(s, w, ms, "stuck request; worker killed");
			kill(w->pid, SIGKILL);
		}
	}
}

static void
tell_all(const struct super *s, int sig)
{
	for (int i = 0; i < s->workers; i++)
		if (s->board->worker[i].pid > 0)
			kill(s->board->worker[i].pid, sig);
}

static bool
any_left(const struct super *s)
{
	for (int i = 0; i < s->workers; i++)
		if (s->board->worker[i].pid > 0)
			return true;
	return false;
}

/* A moment of waiting, which a signal ends, and what is to do afterwards. */
static void
tick(struct super *s)
{
	struct timespec wait = { .tv_nsec = TICK_MS * 1000000L };

	(void)ppoll(NULL, 0, &wait, &super_mask);
	reap(s);
	refill(s);
	watch(s);
}

static void
drain(struct super *s)
{
	int64_t until = clock_tick_us() + DRAIN_MS * 1000L;

	s->board->stopping = 1;
	tell_all(s, SIGTERM);
	while (any_left(s)) {
		if (clock_tick_us() > until)
			tell_all(s, SIGKILL);
		tick(s);
	}
}

/* Replace the children one at a time, so that the pool never stands still. */
static void
roll(struct super *s)
{
	hup = 0;
	log_msg(LOG_INFO, "replacing the workers of %s", s->name);
	for (int i = 0; i < s->workers && !super_stop; i++) {
		pid_t old = s->board->worker[i].pid;

		if (old == 0)
			continue;
		kill(old, SIGTERM);
		while (s->board->worker[i].pid == old && !super_stop)
			tick(s);
	}
}

int
super_run(struct super *s)
{
	signals_set();
	s->board->workers = s->workers;
	log_msg(LOG_INFO, "%s: %d workers", s->name, s->workers);
	if (getenv("FRONTDESK_CLOCK") != NULL)
		log_msg(LOG_WARN, "FRONTDESK_CLOCK stops the clock");
	refill(s);
	while (!super_stop) {
		tick(s);
		if (hup)
			roll(s);
	}
	drain(s);
	log_msg(LOG_INFO, "%s: stopped", s->name);
	return 0;
}
