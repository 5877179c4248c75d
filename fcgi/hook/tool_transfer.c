/* tool_transfer.c - transfer-to-human: move the call, or promise a call. */
#include "hook/control.h"
#include "hook/tool.h"

#define IN_TIME_MS INT64_C(60000) /* later nobody waits any more */

SQL human_sql[] =
    "SELECT transfer_number FROM my_studio WHERE transfer_number IS NOT NULL";

/* The runner does it: nothing is called while the caller waits for words. */
static enum rc
leave_job(struct req *r, const struct ask *ask, const char *number,
    const char *said)
{
	struct buf b;
	struct jout j;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "url", ask->env->control_url);
	jout_put_str(&j, "number", number);
	jout_put_str(&j, "text", said);
	jout_put_str(&j, "caller", ask->env->link.caller);
	jout_put_int(&j, "until", r->now_ms + IN_TIME_MS);
	jout_close(&j, '}');
	return job_put(r, "/job/hook/transfer", ask->row, buf_text(&b),
	    r->now_ms);
}

enum rc
tool_transfer(struct req *r, const struct ask *ask, const char **said)
{
	const char *reason =
	    args_text(r->arena, ask->call->args, "reason", 500);
	enum lang lang = ask->book->lang;
	struct row row;
	enum rc rc = sql_find(r, human_sql, &row);

	if (rc != OK)
		return rc;
	if (row.count > 0 && ask->row != NULL &&
	    control_allowed(ask->env->control_url)) {
		*said = phrase(r->arena, lang, PHRASE_TRANSFER);
		return leave_job(r, ask, row_text(&row, "transfer_number"),
		    *said);
	}
	*said = phrase(r->arena, lang, PHRASE_TRANSFER_NONE);
	return control_ask(r, ask->row, ask->env->link.caller, reason);
}
