/* dispatch.c - the nine steps of a request, in order. */
#include <string.h>

#include "dispatch.h"

static enum tx
tx_of(const struct req *r)
{
	enum tx tx = r->route->tx;

	if (tx != TX_METHOD)
		return tx;
	return str_eq(r->route->method, "GET") ? TX_READ : TX_WRITE;
}

/* The values that every statement may name; only writes need a new id. */
static void
reserve(struct req *r)
{
	req_set(r, "now_ms", val_int(r->now_ms));
	req_set(r, "me", val_text(r->user));
	if (tx_of(r) != TX_READ)
		(void)req_new_id(r, "new_id");
}

/* 5 run: the row's function, or its SQL alone. */
static enum rc
run(struct req *r)
{
	const struct route *t = r->route;

	if (t->run != NULL)
		return t->run(r);
	if (t->shape == ONE)
		return sql_one(r, t->sql);
	if (t->shape == MANY)
		return sql_many(r, t->sql);
	return sql_do(r, t->sql);
}

/* 6 end: commit what went well; dispatch undoes the rest. */
static enum rc
end(struct req *r, enum rc rc)
{
	if (rc == OK)
		rc = r->rc;
	if (rc == OK && (arena_full(r->arena) || r->out.bad))
		rc = fail(r, E_INTERNAL, "the answer is too large");
	if (rc == OK && r->route->tx != TX_OWN)
		rc = req_commit(r);
	if (rc == OK && r->said != NULL)
		log_msg(LOG_INFO, "%s", r->said);
	return rc;
}

/*
 * Step 4, begin, comes before admission where the route only reads: then all
 * of the request sees one state of the database, and takes its locks once.
 */
static enum rc
steps(struct req *r)
{
	enum rc rc = match_route(r);

	if (rc == OK && tx_of(r) == TX_READ)
		rc = req_begin(r, DB_READ);
	if (rc == OK)
		rc = admit(r);
	if (rc == OK)
		rc = check_input(r);
	if (rc != OK)
		return rc;
	reserve(r);
	if (tx_of(r) == TX_WRITE)
		rc = req_begin(r, DB_WRITE);
	return rc == OK ? end(r, run(r)) : rc;
}

void
dispatch_begin(struct req *r)
{
	buf_init(&r->out, r->arena);
	buf_init(&r->headers, r->arena);
	jout_init(&r->json_out, &r->out);
	r->route_no = -1;
	if (r->now_ms == 0)
		r->now_ms = clock_now_ms();
	if (r->env == NULL)
		return;
	r->id = req_env(r, "REQUEST_ID");
	r->method = req_env(r, "REQUEST_METHOD");
	r->target = req_env(r, "REQUEST_URI");
	r->remote = req_env(r, "REMOTE_ADDR");
	r->body = "";
}

/* What a request is before its first step. */
struct start {
	const char *account;
	enum via via;
	int var_count;
};

/*
 * May the steps be taken again? Not when something was committed or a
 * provider was called meanwhile; and the runner has its own way to repeat.
 */
static bool
over_again(struct req *r, const struct start *s)
{
	if (r->written || r->peer_us > 0 || r->via == VIA_RUNNER ||
	    !req_again(r))
		return false;
	r->via = s->via;
	r->account = s->account;
	r->user = r->role = r->session = NULL;
	r->var_count = s->var_count;
	r->status = 0;
	r->code = r->type = r->said = NULL;
	r->mistake_count = 0;
	r->json = NULL;
	memset(&r->form, 0, sizeof(r->form));
	memset(&r->queries, 0, sizeof(r->queries));
	buf_clear(&r->out);
	buf_clear(&r->headers);
	jout_init(&r->json_out, &r->out);
	db_scope(r->db, NULL);
	return true;
}

void
dispatch(struct req *r)
{
	const struct start start = { r->account, r->via, r->var_count };
	enum rc rc = r->rc;

	json_arena(r->arena);
	db_scope(r->db, NULL);
	if (r->method == NULL || r->target == NULL)
		rc = fail(r, E_INPUT, "no method or no address");
	if (rc == OK)
		do
			rc = steps(r);
		while (rc != OK && over_again(r, &start));
	if (rc != OK && r->rc == OK)
		(void)fail(r, rc, "something went wrong on our side");
	req_rollback(r);
	reply_finish(r);
	db_scope(r->db, NULL);
	json_arena(NULL);
}
