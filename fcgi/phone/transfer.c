/* transfer.c - attempts to hand a call to a human. */
#include <string.h>

#include "base/conf.h"
#include "peer/twilio.h"
#include "phone/oncall.h"
#include "phone/phone.h"
#include "phone/sms.h"
#include "phone/transfer.h"
#include "phone/voicemail.h"
#include "staff/task.h"
#include "vault/vault.h"

SQL put_sql[] =
    "INSERT INTO transfer (id, account_id, call_id, way, caller, tried,"
    " reason, status, created_at, updated_at) VALUES (:tr_id, app_account(),"
    " :tr_call, :tr_way, :tr_caller, :tr_tried, :tr_reason, 'asked',"
    " :now_ms, :now_ms)";
SQL sent_sql[] = "UPDATE transfer SET status = 'sent', way = :tr_way"
		 " WHERE account_id = app_account() AND id = :tr_id"
		 " AND status = 'asked'";
SQL end_sql[] = "UPDATE transfer SET status = :tr_status, updated_at = :now_ms"
		" WHERE account_id = app_account() AND id = :tr_id"
		" AND status IN ('asked', 'sent') RETURNING caller, reason";
/* An attempt that is older than an hour is forgotten. */
SQL last_sql[] = "SELECT id, way, caller, reason, status FROM my_transfer"
		 " WHERE call_id = :tr_call AND created_at > :now_ms - 3600000"
		 " ORDER BY id DESC LIMIT 1";
SQL tried_sql[] = "SELECT id FROM my_transfer WHERE call_id = :tr_call"
		  " AND tried = :tr_tried LIMIT 1";
SQL get_sql[] =
    "SELECT t.id, t.call_id, t.caller, t.reason, c.twilio_sid, p.name,"
    " n.account_sid FROM my_transfer t JOIN my_call c ON c.id = t.call_id"
    " LEFT JOIN my_contact p ON p.id = c.contact_id"
    " LEFT JOIN my_phone_line n ON n.number = c.to_number"
    " WHERE t.id = :tr_id";
SQL task_sql[] = "SELECT id FROM my_staff_task WHERE kind = 'callback'"
		 " AND ref = :cb_ref";

enum rc
transfer_put(struct req *r, const struct transfer *t, const char **id)
{
	*id = req_new_id(r, "tr_id");
	req_set(r, "tr_call", val_text(t->call));
	req_set(r, "tr_way", val_text(t->way));
	req_set(r, "tr_caller", val_text(t->caller));
	req_set(r, "tr_tried", val_text(t->tried));
	req_set(r, "tr_reason", val_text(t->reason));
	return sql_do(r, put_sql);
}

enum rc
transfer_sent(struct req *r, const char *id, const char *way)
{
	req_set(r, "tr_id", val_text(id));
	req_set(r, "tr_way", val_text(way));
	return sql_do(r, sent_sql);
}

static enum rc
last(struct req *r, const char *call, struct row *row)
{
	req_set(r, "tr_call", val_text(call));
	return sql_find(r, last_sql, row);
}

enum rc
transfer_lost(struct req *r, const char *call, bool *lost)
{
	struct row row;

	*lost = last(r, call, &row) == OK &&
	    str_eq(row_text(&row, "status"), "failed");
	return r->rc;
}

enum rc
transfer_tried(struct req *r, const char *call, const char *number, bool *tried)
{
	struct row row;

	req_set(r, "tr_call", val_text(call));
	req_set(r, "tr_tried", val_text(number));
	*tried = sql_find(r, tried_sql, &row) == OK && row.count > 0;
	return r->rc;
}

enum rc
transfer_end(struct req *r, const char *call, bool answered, bool *open)
{
	struct row row, done;

	*open = false;
	if (last(r, call, &row) || row.count == 0)
		return r->rc;
	req_set(r, "tr_id", row_val(&row, "id"));
	req_set(r, "tr_status", val_text(answered ? "answered" : "failed"));
	if (sql_find(r, end_sql, &done) || done.count == 0)
		return r->rc;
	*open = true;
	if (answered)
		return OK;
	return callback_put(r, call, row_text(&done, "caller"),
	    row_text(&done, "reason"));
}

enum rc
transfer_dialed(struct req *r, const char *call, bool answered)
{
	struct row row;
	bool open;

	if (last(r, call, &row) || !str_eq(row_text(&row, "way"), "dial"))
		return r->rc;
	return transfer_end(r, call, answered, &open);
}

/* --- somebody has to call back
 * -------------------------------------------------- */

static enum rc
callback_event(struct req *r, const char *call, const char *number,
    const char *reason)
{
	struct buf b;
	struct jout j;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "from_number", number);
	jout_put_str(&j, "reason", reason);
	jout_close(&j, '}');
	return event_put(r, "handoff.requested", call, buf_text(&b));
}

enum rc
callback_put(struct req *r, const char *call, const char *number,
    const char *reason)
{
	const char *ref = call != NULL ? call : number;
	struct sms_voice v;
	const char *text;
	struct row task;

	if (callback_event(r, call, number, reason) || sms_voice(r, &v))
		return r->rc;
	if (ref == NULL)
		return OK; /* nobody to call, and no call to look at */
	text = phrase(r->arena, v.lang, PHRASE_MAIL_CALLBACK,
	    number != NULL ? number : phrase(r->arena, v.lang, PHRASE_HIDDEN));
	if (reason != NULL)
		text = arena_printf(r->arena, "%s. %s", text,
		    phrase(r->arena, v.lang, PHRASE_MAIL_REASON, reason));
	req_set(r, "cb_ref", val_text(ref));
	if (staff_task_put(r, "callback", ref, text) ||
	    sql_row(r, task_sql, &task))
		return r->rc;
	return job_put(r, CALLBACK_JOB, row_text(&task, "id"), NULL, r->now_ms);
}

const char *
transfer_words(struct req *r, enum lang lang, const char *caller,
    const char *reason)
{
	if (caller == NULL)
		caller = phrase(r->arena, lang, PHRASE_HIDDEN);
	return reason != NULL ?
	    phrase(r->arena, lang, PHRASE_WHISPER, caller, reason) :
	    phrase(r->arena, lang, PHRASE_WHISPER_SHORT, caller);
}

/* --- by Twilio
 * ------------------------------------------------------------------- */

enum rc
transfer_dial(struct req *r, const char *id, bool *done)
{
	struct twilio_reply reply;
	struct twilio_form f;
	struct vault_key key;
	struct twilio t;
	struct row row;
	const char *sid;

	*done = false;
	req_set(r, "tr_id", val_text(id));
	if (sql_find(r, get_sql, &row) ||
	    vault_key(r, row_text(&row, "account_sid"), &key))
		return r->rc;
	sid = row_text(&row, "twilio_sid");
	if (key.sid == NULL || !twilio_sid(sid, "CA"))
		return OK;
	twilio_init(&t, r->arena, key.sid, key.token, conf->peer_timeout_ms);
	twilio_form(&t, &f);
	twilio_add(&f, "Url",
	    arena_printf(r->arena, "%s/twilio/voice/transfer?id=%s",
		conf->public_url, id));
	twilio_add(&f, "Method", "POST");
	twilio_post(&t, arena_printf(r->arena, "/Calls/%s.json", sid), &f,
	    &reply);
	r->peer_us += t.spent_us;
	*done = reply.end == TWILIO_OK;
	if (reply.end == TWILIO_LATER || reply.end == TWILIO_UNKNOWN)
		return fail(r, E_PEER, "Twilio did not move the call yet: %s",
		    reply.message);
	return OK;
}

/* The attempt that the address names, if it is this call's. */
static enum rc
named(struct req *r, struct row *row)
{
	const char *id = http_pair(&r->queries, "id");

	memset(row, 0, sizeof(*row));
	if (id == NULL || !id_valid(id))
		return OK;
	req_set(r, "tr_id", val_text(id));
	return sql_find(r, get_sql, row);
}

/* The caller is ours again: ring the list. */
enum rc
transfer_ring(struct req *r)
{
	struct oncall o;
	struct line line;
	struct row row;
	bool open;

	if (line_read(r, &line) || named(r, &row) || oncall_now(r, &o))
		return r->rc;
	if (row.count > 0 && o.count > 0) {
		say_list(r, line.lang, &o, row_text(&row, "id"));
		return OK;
	}
	if (row.count > 0 &&
	    transfer_end(r, row_text(&row, "call_id"), false, &open))
		return r->rc;
	say_record(r, &line, PHRASE_VOICEMAIL);
	return OK;
}

/* Only the human hears this, before the caller is put through. */
enum rc
transfer_whisper(struct req *r)
{
	const char *caller;
	struct line line;
	struct row row;

	if (line_read(r, &line) || named(r, &row))
		return r->rc;
	caller = row_text(&row, "name");
	if (caller == NULL)
		caller = row_text(&row, "caller");
	say_words(r, line.lang,
	    transfer_words(r, line.lang, caller, row_text(&row, "reason")));
	return OK;
}
