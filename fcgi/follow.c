/* follow.c - this host's voice files follow what accounts have changed. */
#include <stdio.h>
#include <string.h>

#include "dispatch.h"
#include "follow.h"

#define LOOK_US	   1000000
#define TROUBLE_US 5000000
#define LATE_US	   30000000 /* longer than a transaction with changed_sql */
#define PAGE	   50

SQL page_sql[] =
    "SELECT account_id, changed_at AS \"changed_at:int\" FROM voice_change"
    " WHERE (changed_at, account_id) > (:at, :after)"
    " ORDER BY changed_at, account_id LIMIT :limit";

static void
req_make(struct req *r, struct db *db, struct arena *arena)
{
	memset(r, 0, sizeof(*r));
	r->arena = arena;
	r->db = db;
	r->pool = WAIT;
	r->via = VIA_RUNNER;
	r->method = "JOB";
	dispatch_begin(r);
}

/* Do what a job's route does, here and now; the first failure is told. */
static void
do_here(struct follow *f, struct req *r, const char *path)
{
	r->target = path;
	r->body = "";
	dispatch(r);
	if (r->rc == OK)
		return;
	if (!f->failed)
		log_msg(LOG_ERROR, "voice files of this host: %s",
		    r->reason != NULL ? r->reason : rc_slug(r->rc));
	f->failed = true;
}

static void
account_do(struct follow *f, struct db *db, struct arena *arena,
    const struct row *change)
{
	struct req r;

	f->found = true;
	f->at = row_int(change, "changed_at");
	snprintf(f->account, sizeof(f->account), "%s",
	    row_text(change, "account_id"));
	req_make(&r, db, arena);
	r.account = f->account;
	do_here(f, &r, "/job/phone/files");
	arena_reset(arena);
}

/*
 * A pass is over; the next one begins where it ended. But of changes made at
 * the same time an earlier one may be committed later. So every LATE_US a
 * pass begins where things stood two such times ago; and stays there until
 * all files could be written.
 */
static void
pass_end(struct follow *f, struct db *db, struct arena *arena)
{
	int64_t now = clock_tick_us(), at = f->at;
	struct req r;

	if (f->found) {
		req_make(&r, db, arena);
		do_here(f, &r, "/job/phone/sweep");
		arena_reset(arena);
		f->found = false;
	}
	if (now < f->late_us)
		return;
	f->late_us = now + LATE_US;
	f->at = f->mark[0];
	f->account[0] = '\0';
	if (!f->failed) {
		f->mark[0] = f->mark[1];
		f->mark[1] = at;
	}
	f->failed = false;
}

void
follow_look(struct follow *f, struct db *db, struct arena *list,
    struct arena *each)
{
	int64_t now = clock_tick_us();
	struct row *change;
	struct req r;
	int count = 0;

	if (now < f->next_us)
		return;
	f->next_us = now + LOOK_US;
	if (f->late_us == 0)
		f->late_us = now + LATE_US;
	req_make(&r, db, list);
	req_set(&r, "at", val_int(f->at));
	req_set(&r, "after", val_text(f->account));
	req_set(&r, "limit", val_int(PAGE));
	if (sql_rows(&r, page_sql, &change) != OK)
		f->next_us = now + TROUBLE_US;
	else {
		for (; change != NULL; change = change->next, count++)
			account_do(f, db, each, change);
		if (count < PAGE)
			pass_end(f, db, each);
		else
			f->next_us = now; /* there is more */
	}
	arena_reset(list);
}
