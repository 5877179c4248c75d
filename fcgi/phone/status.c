/* status.c - what Twilio tells of a call while it goes on and afterwards. */
#include <string.h>

#include "book/call.h"
#include "phone/phone.h"
#include "phone/voicemail.h"

#define SECONDS_MAX (INT64_C(7) * 24 * 3600)

SQL keep_sql[] =
    "UPDATE call SET recording_url = :recording_url, updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :call_id AND (recording_url IS NULL"
    " OR recording_url <> :recording_url) RETURNING id, from_number";

/* A whole number of the form, -1 when it is none. */
static int64_t
number(const struct req *r, const char *name)
{
	const char *s = phone_value(r, name);
	int64_t n;

	return s != NULL && str_int(s, 0, SECONDS_MAX, &n) ? n : -1;
}

/* The row of the call; events may come before the call itself. */
static enum rc
call_find(struct req *r, const char *status, const char **id)
{
	struct call_leg leg = { .sid = phone_value(r, "CallSid"),
		.status = status,
		.from = phone_caller(r),
		.to = phone_value(r, "To"),
		.direction = phone_value(r, "Direction"),
		.sequence = number(r, "SequenceNumber"),
		.duration_s = number(r, "CallDuration") };

	if (leg.sid == NULL)
		return fail_field(r, "CallSid", "is missing");
	return call_meet(r, &leg, id);
}

/* A leg that we had dialled ourselves tells nothing about the call. */
enum rc
phone_status(struct req *r)
{
	const char *id, *status = phone_value(r, "CallStatus");

	if (phone_value(r, "ParentCallSid") != NULL)
		return OK;
	return call_find(r, status, &id);
}

static enum rc
note(struct req *r, const struct row *call)
{
	struct buf b;
	struct jout j;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "from_number", row_text(call, "from_number"));
	jout_put_str(&j, "recording_url", req_text(r, "recording_url"));
	if (number(r, "RecordingDuration") >= 0)
		jout_put_int(&j, "duration_s", number(r, "RecordingDuration"));
	jout_close(&j, '}');
	return event_put(r, "voicemail.received", row_text(call, "id"),
	    buf_text(&b));
}

enum rc
phone_keep(struct req *r, const char **call)
{
	struct row row = { 0 };
	enum rc rc = call_find(r, phone_value(r, "CallStatus"), call);

	if (rc != OK)
		return rc;
	req_set(r, "call_id", val_text(*call));
	req_set(r, "recording_url", val_text(phone_value(r, "RecordingUrl")));
	rc = sql_find(r, keep_sql, &row);
	if (rc == OK && row.count > 0)
		rc = note(r, &row);
	return rc == OK ? voicemail_put(r, *call) : rc;
}

/*
 * Twice the same: as the action of <Record>, where the caller waits for a
 * document, and as its callback, with a RecordingStatus, where nobody does.
 */
enum rc
phone_recording(struct req *r)
{
	const char *status = phone_value(r, "RecordingStatus"), *call = NULL;
	struct line line = { 0 };
	enum rc rc = OK;

	if (phone_value(r, "RecordingUrl") != NULL &&
	    (status == NULL || str_eq(status, "completed")))
		rc = phone_keep(r, &call);
	if (rc != OK || status != NULL)
		return rc;
	rc = line_read(r, &line);
	if (rc == OK)
		say_thanks(r, line.lang);
	return rc;
}
