/* voicemail.c - messages that callers have left, as staff see them. */
#include <string.h>

#include "base/conf.h"
#include "book/call.h"
#include "peer/twilio.h"
#include "phone/phone.h"
#include "phone/sms.h"
#include "phone/voicemail.h"
#include "staff/task.h"
#include "vault/vault.h"

#define TRANSCRIPT_MAX 20000 /* bytes that are kept */
#define SECONDS_MAX    86400

#define COLUMNS_SQL \
	"v.id, v.call_id, v.from_number, p.name AS contact_name," \
	" v.duration_s AS \"duration_s:int\", v.transcript," \
	" v.transcript_status, v.status, v.recording_sid," \
	" v.mailed_at AS \"mailed_at:time\"," \
	" v.created_at AS \"created_at:time\"," \
	" v.updated_at AS \"updated_at:time\" FROM my_voice_message v" \
	" LEFT JOIN my_call c ON c.id = v.call_id" \
	" LEFT JOIN my_contact p ON p.id = c.contact_id"

static const struct field list_query[] = {
	{ "status", F_ENUM, .set = "new|done" },
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

static const struct field change_in[] = {
	{ "status", F_ENUM, .need = true, .set = "new|done" },
	{ 0 },
};

SQL list_sql[] =
    "SELECT " COLUMNS_SQL " WHERE v.id < COALESCE(CAST(:cursor AS TEXT), 'g')"
    " AND (CAST(:status AS TEXT) IS NULL OR v.status = :status)"
    " ORDER BY v.id DESC LIMIT :limit";
SQL get_sql[] = "SELECT " COLUMNS_SQL " WHERE v.id = :id";
SQL change_sql[] = "UPDATE voice_message SET status = :status,"
		   " updated_at = :now_ms"
		   " WHERE account_id = app_account() AND id = :id";
SQL sound_sql[] = "SELECT recording_sid, account_sid FROM my_voice_message"
		  " WHERE id = :id";
SQL add_sql[] =
    "INSERT INTO voice_message (id, account_id, call_id, account_sid,"
    " recording_sid, recording_url, duration_s, from_number, created_at,"
    " updated_at) SELECT CAST(:vm_new AS TEXT), app_account(), c.id,"
    " CAST(:vm_account AS TEXT), CAST(:vm_sid AS TEXT),"
    " CAST(:vm_url AS TEXT), CAST(:vm_seconds AS BIGINT), c.from_number,"
    " CAST(:now_ms AS BIGINT), CAST(:now_ms AS BIGINT) FROM my_call c"
    " WHERE c.id = :vm_call ON CONFLICT (account_id, recording_sid)"
    " DO NOTHING RETURNING id, from_number";
SQL again_sql[] =
    "UPDATE voice_message SET duration_s = coalesce(:vm_seconds, duration_s)"
    " WHERE account_id = app_account() AND recording_sid = :vm_sid"
    " AND duration_s IS NULL";
SQL written_sql[] =
    "UPDATE voice_message SET transcript = :vm_text,"
    " transcript_status = :vm_status, updated_at = :now_ms"
    " WHERE account_id = app_account() AND recording_sid = :vm_sid"
    " AND coalesce(transcript_status, '') <> 'completed'"
    " RETURNING id, CASE WHEN mailed_at IS NULL THEN 0 ELSE 1 END"
    " AS \"mailed:bool\"";

/* --- keeping
 * ------------------------------------------------------------------- */

/* Bind what the form says of the recording; false: it says nothing. */
static bool
recording_read(struct req *r)
{
	const char *sid = phone_value(r, "RecordingSid");
	const char *url = phone_value(r, "RecordingUrl");
	const char *source = phone_value(r, "RecordingSource");
	const char *seconds = phone_value(r, "RecordingDuration");
	int64_t n;

	if (url == NULL || (source != NULL && !str_eq(source, "RecordVerb")))
		return false;
	req_set(r, "vm_sid", val_text(sid != NULL ? sid : url));
	req_set(r, "vm_url", val_text(url));
	req_set(r, "vm_account", val_text(phone_value(r, "AccountSid")));
	req_set(r, "vm_seconds",
	    seconds != NULL && str_int(seconds, 0, SECONDS_MAX, &n) ?
		val_int(n) :
		val_null());
	return true;
}

/* Until when the mail may wait for what was said. */
static enum rc
mail_later(struct req *r, const char *id)
{
	struct line line;

	if (line_read(r, &line))
		return r->rc;
	return job_put(r, VOICEMAIL_JOB, id, NULL,
	    line_transcribes(&line) ? r->now_ms + conf->transcript_wait_ms :
				      r->now_ms);
}

static enum rc
task_put(struct req *r, const struct row *row)
{
	const char *from = row_text(row, "from_number");
	struct sms_voice v;

	if (sms_voice(r, &v))
		return r->rc;
	if (from == NULL)
		from = phrase(r->arena, v.lang, PHRASE_HIDDEN);
	return staff_task_put(r, "voicemail", row_text(row, "id"),
	    phrase(r->arena, v.lang, PHRASE_MAIL_VOICEMAIL, from));
}

enum rc
voicemail_put(struct req *r, const char *call)
{
	struct row row;

	if (!recording_read(r))
		return OK;
	(void)req_new_id(r, "vm_new");
	req_set(r, "vm_call", val_text(call));
	if (sql_find(r, add_sql, &row))
		return r->rc;
	if (row.count == 0)
		return sql_do(r, again_sql);
	return task_put(r, &row) ? r->rc : mail_later(r, row_text(&row, "id"));
}

static const char *
cut(struct req *r, const char *text)
{
	size_t n = 0, step, len = strlen(text);

	if (len <= TRANSCRIPT_MAX)
		return text;
	while ((step = str_step(text + n, len - n)) > 0 &&
	    n + step <= TRANSCRIPT_MAX)
		n += step;
	return arena_copy(r->arena, text, n);
}

/* What was said, or that it could not be understood. */
enum rc
voicemail_transcript(struct req *r)
{
	const char *text = http_pair(&r->form, "TranscriptionText");
	const char *status = phone_value(r, "TranscriptionStatus"), *call;
	bool good = str_eq(status, "completed") && text != NULL;
	struct row row;

	if (phone_value(r, "RecordingSid") == NULL)
		return fail_field(r, "RecordingSid", "is missing");
	if (phone_keep(r, &call) || !recording_read(r))
		return r->rc;
	req_set(r, "vm_text", val_text(good ? cut(r, text) : NULL));
	req_set(r, "vm_status", val_text(good ? "completed" : "failed"));
	if (sql_find(r, written_sql, &row) || row.count == 0 ||
	    row_int(&row, "mailed") == 1)
		return r->rc;
	return job_put(r, VOICEMAIL_JOB, row_text(&row, "id"), NULL, r->now_ms);
}

/* --- routes
 * --------------------------------------------------------------------- */

static enum rc
voicemail_change(struct req *r)
{
	return sql_must(r, change_sql) ? r->rc : sql_one(r, get_sql);
}

/* Twilio asks for the account's token, which staff do not have. */
static enum rc
voicemail_sound(struct req *r)
{
	struct twilio_sound sound;
	struct vault_key key;
	struct twilio t;
	struct row row;

	if (sql_row(r, sound_sql, &row))
		return r->rc;
	if (!twilio_sid(row_text(&row, "recording_sid"), "RE"))
		return fail(r, E_MISSING, "there is no recording to play");
	if (vault_key(r, row_text(&row, "account_sid"), &key))
		return r->rc;
	if (key.sid == NULL)
		return fail(r, E_CONFLICT,
		    "there is no token for the recording's Twilio account");
	twilio_init(&t, r->arena, key.sid, key.token, conf->peer_timeout_ms);
	twilio_recording(&t, row_text(&row, "recording_sid"), &sound);
	r->peer_us += t.spent_us;
	if (sound.end == TWILIO_GONE)
		return fail(r, E_MISSING, "Twilio has no such recording");
	if (sound.end == TWILIO_KEY)
		return fail(r, E_CONFLICT,
		    "Twilio refuses the stored token; save a valid one");
	if (sound.end != TWILIO_OK || !str_starts(sound.type, "audio/"))
		return fail(r, E_PEER, "Twilio does not give the recording");
	r->type = "audio/mpeg";
	buf_add(&r->out, sound.data, sound.len);
	return OK;
}

static const struct route routes[] = {
	{ "GET", "/voicemails", list_sql, MANY, .query = list_query,
	    .about = "Messages that callers have left, the latest first" },
	{ "GET", "/voicemails/:id", get_sql, ONE, .about = "One message" },
	{ "PATCH", "/voicemails/:id", get_sql, ONE, .in = change_in,
	    .run = voicemail_change, .about = "It was dealt with" },
	{ "GET", "/voicemails/:id/recording", .pool = WAIT, .tx = TX_OWN,
	    .type = "audio/mpeg", .run = voicemail_sound,
	    .about = "What was recorded" },
	{ "POST", "/twilio/transcription", .status = 204, .who = TWILIO,
	    .pool = HOOK, .flags = FORM, .run = voicemail_transcript,
	    .about = "What was said in a recording" },
	{ "JOB", VOICEMAIL_JOB, .who = RUNNER, .tx = TX_OWN,
	    .run = voicemail_mail, .about = "Mail a message to the staff." },
	{ "JOB", CALLBACK_JOB, .who = RUNNER, .tx = TX_OWN,
	    .run = callback_mail, .about = "Mail whom to call back." },
	{ 0 },
};

const struct resource phone_voicemail = { "phone_voicemail",
	"Messages that callers have left", routes };
