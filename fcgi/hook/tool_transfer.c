/* tool_transfer.c - transfer-to-human: move the call, or promise a call. */
#include "hook/control.h"
#include "hook/tool.h"
#include "phone/oncall.h"
#include "phone/transfer.h"

#define IN_TIME_MS INT64_C(60000) /* later nobody waits any more */

SQL twilio_sql[] =
    "SELECT c.id FROM my_call c JOIN my_credential k ON k.kind = 'twilio'"
    " WHERE c.id = :call_row AND c.twilio_sid IS NOT NULL";

/* The runner does it: nothing is called while the caller waits for words. */
static enum rc
leave_job(struct req *r, const struct ask *ask, const struct transfer *t,
    const char *said)
{
	const char *id;
	struct buf b;
	struct jout j;

	if (transfer_put(r, t, &id))
		return r->rc;
	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "url",
	    ask->env->control_url != NULL ? ask->env->control_url : "-");
	jout_put_str(&j, "number", t->tried);
	jout_put_str(&j, "text", said);
	jout_put_str(&j, "caller", t->caller);
	jout_put_str(&j, "transfer", id);
	if (envelope_warm(ask->env))
		jout_put_str(&j, "words",
		    transfer_words(r, ask->book->lang, t->caller, t->reason));
	jout_put_int(&j, "until", r->now_ms + IN_TIME_MS);
	jout_close(&j, '}');
	return job_put(r, "/job/hook/transfer", ask->row, buf_text(&b),
	    r->now_ms);
}

/* Can the call be moved: by Vapi's control, or by Twilio whose call it is? */
static enum rc
can_move(struct req *r, const struct ask *ask, bool *can)
{
	struct row row;

	*can = ask->row != NULL && control_allowed(ask->env->control_url);
	if (*can || ask->row == NULL)
		return OK;
	req_set(r, "call_row", val_text(ask->row));
	*can = sql_find(r, twilio_sql, &row) == OK && row.count > 0;
	return r->rc;
}

enum rc
tool_transfer(struct req *r, const struct ask *ask, const char **said)
{
	struct transfer t = { .call = ask->row,
		.way = "control",
		.caller = ask->env->link.caller,
		.reason = args_text(r->arena, ask->call->args, "reason", 500) };
	enum lang lang = ask->book->lang;
	struct oncall o;
	bool can;

	if (oncall_now(r, &o) || can_move(r, ask, &can))
		return r->rc;
	if (o.count > 0 && can) {
		t.tried = o.phone[0];
		*said = phrase(r->arena, lang, PHRASE_TRANSFER);
		return leave_job(r, ask, &t, *said);
	}
	*said = phrase(r->arena, lang, PHRASE_TRANSFER_NONE);
	return callback_put(r, t.call, t.caller, t.reason);
}
