/* status.c - what operators see of the pools: status page and metrics. */
#include <stdio.h>

#include "board.h"
#include "dispatch.h"

static const char *const boards[] = { "web", "hook", "wait", "auth", "runner" };
static const struct field status_out[] = {
	{ "pools", F_LIST },
	{ 0 },
};

SQL_WHOLE jobs_sql[] =
    "SELECT state, count(*) AS \"n:int\" FROM job GROUP BY state"
    " ORDER BY state";

static void
worker_tell(struct jout *j, const struct board_worker *w, int64_t now_us)
{
	const struct resource *res;
	int64_t since = w->since_us;
	const struct route *t =
	    since != 0 && w->route >= 0 ? route_at(w->route, &res) : NULL;

	jout_open(j, '{');
	jout_put_int(j, "pid", w->pid);
	jout_put_str(j, "state",
	    w->pid == 0	   ? "down" :
		since != 0 ? "busy" :
			     "idle");
	jout_put_str(j, "route", t != NULL ? t->path : NULL);
	jout_put_int(j, "busy_ms", since != 0 ? (now_us - since) / 1000 : 0);
	jout_put_int(j, "requests", (int64_t)w->requests);
	jout_put_int(j, "restarts", w->restarts);
	jout_close(j, '}');
}

static void
pool_tell(struct jout *j, const struct board *b)
{
	int64_t now = clock_tick_us();

	jout_open(j, '{');
	jout_put_str(j, "pool", b->pool);
	jout_put_int(j, "master", b->master);
	jout_put_int(j, "uptime_s", (now - b->started_us) / 1000000);
	jout_name(j, "workers");
	jout_open(j, '[');
	for (int i = 0; i < b->workers && i < BOARD_WORKERS; i++)
		worker_tell(j, &b->worker[i], now);
	jout_close(j, ']');
	jout_close(j, '}');
}

static enum rc
status(struct req *r)
{
	struct jout *j = &r->json_out;

	jout_open(j, '{');
	jout_name(j, "pools");
	jout_open(j, '[');
	for (size_t i = 0; i < COUNT(boards); i++) {
		const struct board *b = board_read(boards[i]);

		if (b != NULL)
			pool_tell(j, b);
		board_unmap(b);
	}
	jout_close(j, ']');
	jout_close(j, '}');
	return OK;
}

/* --- Prometheus, text format 0.0.4 ---------------------------------------- */

static void
label(struct buf *b, const char *name, const char *pool, int route)
{
	const struct resource *res;
	const struct route *t = route_at(route, &res);

	buf_printf(b, "%s{pool=\"%s\",method=\"%s\",route=\"%s\"", name, pool,
	    t != NULL ? t->method : "", t != NULL ? t->path : "none");
}

static void
route_metrics(struct buf *b, const char *pool, const struct board_route *t,
    int no)
{
	unsigned long long sum = 0;

	for (int c = 1; c < 6; c++) {
		if (t->by_class[c] == 0)
			continue;
		label(b, "frontdesk_requests_total", pool, no);
		buf_printf(b, ",status=\"%dxx\"} %llu\n", c,
		    (unsigned long long)t->by_class[c]);
	}
	for (int i = 0; i < BOARD_BUCKETS; i++) {
		sum += t->bucket[i];
		label(b, "frontdesk_request_seconds_bucket", pool, no);
		if (i == BOARD_BUCKETS - 1)
			buf_str(b, ",le=\"+Inf\"}");
		else
			buf_printf(b, ",le=\"%g\"}",
			    (double)board_bounds_us[i] / 1e6);
		buf_printf(b, " %llu\n", sum);
	}
	label(b, "frontdesk_request_seconds_sum", pool, no);
	buf_printf(b, "} %g\n", (double)t->us / 1e6);
	label(b, "frontdesk_request_seconds_count", pool, no);
	buf_printf(b, "} %llu\n", sum);
}

static void
pool_metrics(struct buf *b, const struct board *p)
{
	int busy = 0, up = 0;

	for (int i = 0; i < p->workers && i < BOARD_WORKERS; i++) {
		up += p->worker[i].pid != 0;
		busy += p->worker[i].since_us != 0;
	}
	buf_printf(b,
	    "frontdesk_workers{pool=\"%s\",state=\"busy\"} %d\n"
	    "frontdesk_workers{pool=\"%s\",state=\"idle\"} %d\n",
	    p->pool, busy, p->pool, up - busy);
	for (int i = 0; i < BOARD_ROUTES; i++)
		for (int c = 1; c < 6; c++)
			if (p->route[i].by_class[c] != 0) {
				route_metrics(b, p->pool, &p->route[i], i);
				break;
			}
}

static enum rc
metrics(struct req *r)
{
	struct row *job;
	enum rc rc;

	buf_str(&r->out,
	    "# TYPE frontdesk_workers gauge\n"
	    "# TYPE frontdesk_requests_total counter\n"
	    "# TYPE frontdesk_request_seconds histogram\n"
	    "# TYPE frontdesk_jobs gauge\n");
	for (size_t i = 0; i < COUNT(boards); i++) {
		const struct board *b = board_read(boards[i]);

		if (b != NULL)
			pool_metrics(&r->out, b);
		board_unmap(b);
	}
	rc = sql_rows(r, jobs_sql, &job);
	for (; rc == OK && job != NULL; job = job->next)
		buf_printf(&r->out, "frontdesk_jobs{state=\"%s\"} %lld\n",
		    row_text(job, "state"), (long long)row_int(job, "n"));
	return rc;
}

static const struct route routes[] = {
	{ "GET", "/status", .who = ANYONE, .tx = TX_OWN, .flags = NAKED,
	    .out = status_out, .run = status,
	    .about = "Pools and workers; nginx lets only this host ask" },
	{ "GET", "/metrics", .who = ANYONE, .flags = NAKED,
	    .type = "text/plain; version=0.0.4", .run = metrics,
	    .about = "Prometheus metrics; nginx lets only this host ask" },
	{ 0 },
};
const struct resource ops_status = { "ops_status",
	"What operators see of the pools", routes };
