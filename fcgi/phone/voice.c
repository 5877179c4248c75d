/* voice.c - a number is called: who answers, and what if nobody does. */
#include <string.h>

#include "book/call.h"
#include "phone/phone.h"
#include "phone/transfer.h"

/*
 * A change comes after all that are stored, even where the clocks of hosts
 * differ: whoever has seen those looks only for later ones.
 */
SQL changed_sql[] =
    "INSERT INTO voice_change (account_id, changed_at) VALUES (:account,"
    " coalesce((SELECT max(changed_at) + 1 FROM voice_change"
    " WHERE changed_at >= :now_ms), :now_ms))"
    " ON CONFLICT (account_id) DO UPDATE SET changed_at = excluded.changed_at";

/* The row of the call, and of the caller unless the number is withheld. */
static enum rc
call_note(struct req *r, const struct line *line, const char **id)
{
	struct call_leg leg = { .sid = phone_value(r, "CallSid"),
		.status = phone_value(r, "CallStatus"),
		.from = phone_caller(r),
		.to = phone_value(r, "To"),
		.direction = phone_value(r, "Direction"),
		.assistant = line->assistant,
		.sequence = -1,
		.duration_s = -1 };
	enum rc rc = OK;

	if (leg.sid == NULL)
		return fail_field(r, "CallSid", "is missing");
	if (leg.from != NULL)
		rc = contact_meet(r, leg.from, NULL, &leg.contact);
	return rc == OK ? call_meet(r, &leg, id) : rc;
}

/* Without hours of its own a business is always there for a call. */
enum rc
phone_open(struct req *r, bool *open)
{
	struct span now = { r->now_ms, r->now_ms + 1 };
	struct book book;
	enum rc rc = book_open(r, &book);

	*open = rc == OK && book.assumed;
	return rc == OK && !*open ? book_covers(r, &book, now, open) : rc;
}

/* A message that was left while we were down comes here. */
static enum rc
message_left(struct req *r, const struct line *line)
{
	const char *call;
	enum rc rc = phone_keep(r, &call);

	if (rc == OK)
		say_thanks(r, line->lang);
	return rc;
}

static enum rc
voice(struct req *r)
{
	struct line line;
	const char *call = NULL;
	bool open = false;

	if (line_read(r, &line))
		return r->rc;
	if (phone_value(r, "RecordingUrl") != NULL)
		return message_left(r, &line);
	if (!line.terms)
		line.assistant = NULL;
	if (phone_open(r, &open))
		return r->rc;
	if (!open && !line.night)
		line.assistant = NULL;
	if (call_note(r, &line, &call))
		return r->rc;
	if (!line.terms)
		say_record(r, &line, PHRASE_NOT_LIVE);
	else if (line.assistant != NULL)
		say_assistant(r, &line, call);
	else
		say_record(r, &line, open ? PHRASE_VOICEMAIL : PHRASE_CLOSED);
	return OK;
}

/* Is there someone to ring when the assistant cannot be reached? */
static enum rc
ring(struct req *r, const struct line *line, bool *rung)
{
	struct oncall o;

	*rung = false;
	if (!line->terms || oncall_now(r, &o))
		return r->rc;
	*rung = o.count > 0;
	if (*rung)
		say_list(r, line->lang, &o, NULL);
	return OK;
}

/* The leg that we dialled has ended; has the caller reached anybody? */
static enum rc
leg_ended(struct req *r, const struct line *line, const char *call)
{
	bool reached =
	    str_in("completed|answered", phone_value(r, "DialCallStatus"));
	bool lost;

	if (transfer_dialed(r, call, reached) || transfer_lost(r, call, &lost))
		return r->rc;
	if (reached && !lost)
		say_nothing(r);
	else
		say_record(r, line, PHRASE_VOICEMAIL);
	return OK;
}

/*
 * A call that was handed over has ended (DialCallStatus), or Twilio could
 * not get its document from us (ErrorCode).
 */
static enum rc
fallback(struct req *r)
{
	const char *end = phone_value(r, "DialCallStatus"), *call = NULL;
	bool rung = false;
	struct line line;

	if (line_read(r, &line))
		return r->rc;
	if (phone_value(r, "RecordingUrl") != NULL)
		return message_left(r, &line);
	line.assistant = NULL;
	if (call_note(r, &line, &call))
		return r->rc;
	if (end != NULL)
		return leg_ended(r, &line, call);
	if (phone_value(r, "ErrorCode") != NULL && ring(r, &line, &rung))
		return r->rc;
	if (!rung)
		say_record(r, &line, PHRASE_VOICEMAIL);
	return OK;
}

static const struct route routes[] = {
	{ "POST", "/twilio/voice", .who = TWILIO, .pool = HOOK, .flags = FORM,
	    .type = "text/xml", .run = voice,
	    .about = "A number is called; the answer is TwiML." },
	{ "POST", "/twilio/voice/fallback", .who = TWILIO, .pool = HOOK,
	    .flags = FORM, .type = "text/xml", .run = fallback,
	    .about = "The assistant's leg has ended, or /twilio/voice could "
		     "not be reached; the answer is TwiML." },
	{ "POST", "/twilio/status", .status = 204, .who = TWILIO, .pool = HOOK,
	    .flags = FORM, .run = phone_status,
	    .about = "Progress of a call, in any order." },
	{ "POST", "/twilio/recording", .who = TWILIO, .pool = HOOK,
	    .flags = FORM, .type = "text/xml", .also = 204,
	    .run = phone_recording, .about = "A caller has left a message." },
	{ "POST", "/twilio/voice/transfer", .who = TWILIO, .pool = HOOK,
	    .flags = FORM, .type = "text/xml", .run = transfer_ring,
	    .about = "A call that is taken back from the assistant: ring those "
		     "who are on call" },
	{ "POST", "/twilio/voice/whisper", .who = TWILIO, .pool = HOOK,
	    .flags = FORM, .type = "text/xml", .run = transfer_whisper,
	    .about = "What the human hears before the caller: who, and why" },
	{ "JOB", "/job/phone/render", changed_sql, .who = RUNNER,
	    .about = "Tell every host that its voice files are outdated." },
	{ "JOB", "/job/phone/files", .who = RUNNER, .tx = TX_READ,
	    .run = phone_files,
	    .about = "Write what nginx says while the workers are down." },
	{ "JOB", "/job/phone/sweep", .who = RUNNER, .tx = TX_READ,
	    .run = phone_sweep,
	    .about = "Remove files of numbers that nobody has any more." },
	{ 0 },
};

const struct resource phone_voice = { "phone_voice",
	"Telephone calls at Twilio", routes };
