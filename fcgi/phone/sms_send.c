/* sms_send.c - a job: one text goes out, once. */
#include "base/conf.h"
#include "peer/twilio.h"
#include "phone/sms.h"
#include "phone/sms_state.h"
#include "vault/vault.h"

#define HELD_MS	  (conf->peer_timeout_ms + 2000) /* a call may be under way */
#define OPTED_OUT 21610

/* The sender: the one chosen, else a number of ours that can text. */
SQL load_sql[] =
    "SELECT m.id, m.kind, m.to_number, m.body, m.status, m.until,"
    " m.tried_at, m.from_number, m.account_sid, c.status AS consent,"
    " a.id AS live, coalesce(m.from_number, s.sms_from,"
    " (SELECT n.number FROM my_phone_line n WHERE n.status = 'active'"
    " AND n.sms = 1 ORDER BY n.number LIMIT 1), (SELECT k.phone_number"
    " FROM my_credential k WHERE k.kind = 'twilio'), t.number) AS sender"
    " FROM my_sms_message m"
    " LEFT JOIN my_sms_consent c ON c.phone = m.to_number"
    " LEFT JOIN my_phone_setting s ON s.account_id = m.account_id"
    " LEFT JOIN my_studio t ON t.account_id = m.account_id"
    " LEFT JOIN my_appointment a ON m.ref = a.id || ':' ||"
    " CAST(a.starts_at AS TEXT) AND a.status = 'scheduled'"
    " WHERE m.id = :ref AND m.direction = 'out'";
SQL sid_sql[] = "SELECT account_sid FROM my_phone_line"
		" WHERE number = :sender";
SQL claim_sql[] =
    "UPDATE sms_message SET status = 'sending', tried_at = :tried_at,"
    " from_number = :sender, account_sid = :sender_sid"
    " WHERE account_id = app_account() AND id = :ref AND (status = 'queued'"
    " OR (status = 'sending' AND tried_at = :tried_before)) AND rank = 0"
    " RETURNING id";
SQL back_sql[] = "UPDATE sms_message SET status = 'queued', error = :sms_error"
		 " WHERE account_id = app_account() AND id = :ref AND rank = 0";
SQL known_sql[] = "SELECT id FROM my_sms_message WHERE sid = :sid";

/* One message on its way. */
struct way {
	struct req *r;
	struct row row;
	struct twilio at;
	struct twilio_reply reply;
	const char *sender;
};

/* What is told of the message, in a transaction of its own. */
static enum rc
settle(struct way *w, const char *status, const char *sid, const char *error)
{
	const struct sms_news news = { .id = row_text(&w->row, "id"),
		.sid = sid,
		.status = status,
		.error = error };
	struct req *r = w->r;
	bool done;

	if (req_begin(r, DB_WRITE) || sms_tell(r, &news))
		return r->rc;
	if (w->reply.code == OPTED_OUT &&
	    sms_agree(r, row_text(&w->row, "to_number"), SMS_STOPPED, "sms",
		&done))
		return r->rc;
	return req_commit(r);
}

/* Why it shall not go out any more; NULL: it shall. */
static const char *
too_late(const struct way *w)
{
	const struct row *m = &w->row;

	if (!str_eq(row_text(m, "consent"), "granted"))
		return "there is no consent any more";
	if (row_int(m, "until") < clock_now_ms())
		return "it came too late";
	if (str_in("confirmation|reminder", row_text(m, "kind")) &&
	    row_text(m, "live") == NULL)
		return "the appointment is not what it was";
	if (w->sender == NULL)
		return "there is no number to send it from";
	return NULL;
}

static enum rc
key_find(struct way *w)
{
	struct req *r = w->r;
	struct vault_key key;
	struct row row;

	req_set(r, "sender", val_text(w->sender));
	if (sql_find(r, sid_sql, &row) ||
	    vault_key(r, row_text(&row, "account_sid"), &key))
		return r->rc;
	if (key.sid == NULL)
		return fail(r, E_CONFLICT,
		    "there is no Twilio token to send texts with");
	req_set(r, "sender_sid", val_text(key.sid));
	twilio_init(&w->at, r->arena, key.sid, key.token,
	    conf->peer_timeout_ms);
	return OK;
}

static enum rc
not_now(struct way *w)
{
	return fail(w->r, E_PEER, "Twilio did not send the text: %s",
	    w->reply.message);
}

/* --- what an earlier try has become ----------------------------------------
 */

/* Is it the message of an earlier try: the same words, and no other's? */
static enum rc
is_ours(struct way *w, const cJSON *item, bool *ours)
{
	const char *sid = json_path_text(item, "sid");
	struct row row;

	*ours = false;
	if (sid == NULL ||
	    !str_eq(json_path_text(item, "to"),
		row_text(&w->row, "to_number")) ||
	    !str_eq(json_path_text(item, "body"), row_text(&w->row, "body")))
		return OK;
	req_set(w->r, "sid", val_text(sid));
	if (sql_find(w->r, known_sql, &row))
		return w->r->rc;
	*ours = row.count == 0;
	return OK;
}

static enum rc
look(struct way *w, bool *found)
{
	struct twilio_form q;
	const cJSON *item;

	*found = false;
	twilio_form(&w->at, &q);
	twilio_add(&q, "To", row_text(&w->row, "to_number"));
	twilio_add(&q, "From", w->sender);
	twilio_add(&q, "PageSize", "100");
	twilio_get(&w->at, "/Messages.json", &q, &w->reply);
	if (w->reply.end != TWILIO_OK)
		return not_now(w);
	cJSON_ArrayForEach(item, json_get(w->reply.json, "messages"))
	{
		if (is_ours(w, item, found))
			return w->r->rc;
		if (*found)
			return settle(w, json_path_text(item, "status"),
			    json_path_text(item, "sid"), NULL);
	}
	if (clock_now_ms() <
	    row_int(&w->row, "tried_at") + HELD_MS + conf->repair_after_ms)
		return fail(w->r, E_BUSY,
		    "whether the text went out is not known yet");
	return OK;
}

/* --- sending
 * ------------------------------------------------------------------ */

static enum rc
claim(struct way *w)
{
	struct req *r = w->r;
	struct row row;

	req_set(r, "tried_at", val_int(clock_now_ms()));
	req_set(r, "tried_before", row_val(&w->row, "tried_at"));
	if (req_begin(r, DB_WRITE) || sql_find(r, claim_sql, &row) ||
	    req_commit(r))
		return r->rc;
	return row.count > 0 ? OK : fail(r, E_BUSY, "another try is under way");
}

/* Nothing was sent: it waits as before. */
static enum rc
back(struct way *w)
{
	struct req *r = w->r;

	req_set(r, "sms_error", val_text(w->reply.message));
	if (req_begin(r, DB_WRITE) || sql_do(r, back_sql) || req_commit(r))
		return r->rc;
	return not_now(w);
}

static enum rc
post(struct way *w)
{
	const char *id = row_text(&w->row, "id");
	struct twilio_form f;

	twilio_form(&w->at, &f);
	twilio_add(&f, "To", row_text(&w->row, "to_number"));
	twilio_add(&f, "From", w->sender);
	twilio_add(&f, "Body", row_text(&w->row, "body"));
	twilio_add(&f, "StatusCallback",
	    arena_printf(w->r->arena, "%s/twilio/messages?id=%s",
		conf->public_url, id));
	twilio_post(&w->at, "/Messages.json", &f, &w->reply);
	w->r->peer_us += w->at.spent_us;
	switch (w->reply.end) {
	case TWILIO_OK:
		return settle(w, json_path_text(w->reply.json, "status"),
		    json_path_text(w->reply.json, "sid"), NULL);
	case TWILIO_LATER:
		return back(w);
	case TWILIO_UNKNOWN:
		return not_now(w);
	default:
		return settle(w, "failed", NULL,
		    arena_printf(w->r->arena, "Twilio's error %lld: %s",
			(long long)w->reply.code, w->reply.message));
	}
}

enum rc
sms_send(struct req *r)
{
	struct way w = { .r = r };
	const char *why;
	bool found = false;

	if (sql_find(r, load_sql, &w.row) || w.row.count == 0 ||
	    !str_in("queued|sending", row_text(&w.row, "status")))
		return r->rc;
	w.sender = row_text(&w.row, "sender");
	why = too_late(&w);
	if (row_val(&w.row, "tried_at").type == VAL_INT &&
	    str_eq(row_text(&w.row, "status"), "sending")) {
		if (key_find(&w) || look(&w, &found) || found)
			return r->rc;
	}
	if (why != NULL)
		return settle(&w, "dropped", NULL, why);
	if (key_find(&w) || claim(&w))
		return r->rc;
	return post(&w);
}
