/* say.c - the documents that a caller hears. */
#include "base/conf.h"
#include "phone/phone.h"

#define RING_S	  "20"	/* how long a human's telephone rings */
#define MESSAGE_S "120" /* longest message */

static const char *
url_of(struct arena *a, const char *path)
{
	return arena_printf(a, "%s%s", conf->public_url, path);
}

/* Begin the answer with a document. */
static struct twiml
answer(struct req *r)
{
	struct twiml t;

	r->type = "text/xml";
	twiml_begin(&t, &r->out);
	return t;
}

static void
say_text(struct twiml *t, enum lang lang, const char *text)
{
	static const char *const tags[LANG_COUNT] = { "en-US", "fr-FR",
		"he-IL" };

	twiml_verb(t, "Say");
	twiml_attr(t, "language", tags[lang]);
	twiml_text(t, text);
	twiml_end(t);
}

static void
say(struct twiml *t, enum lang lang, enum phrase id)
{
	say_text(t, lang, phrase(t->buf->arena, lang, id));
}

/*
 * Record a message; back is where it is told, NULL: here; written: where what
 * was said is told, NULL: nobody wants to know.
 */
static void
record(struct twiml *t, const char *back, const char *written)
{
	twiml_verb(t, "Record");
	twiml_attr(t, "maxLength", MESSAGE_S);
	twiml_attr(t, "playBeep", "true");
	twiml_attr(t, "action", back);
	twiml_attr(t, "recordingStatusCallback", back);
	if (written != NULL)
		twiml_attr(t, "transcribe", "true");
	twiml_attr(t, "transcribeCallback", written);
	twiml_end(t);
}

/*
 * The SIP address takes headers as a query. Ours come back as variables of
 * Vapi's call: which row it is, and who calls.
 */
static const char *
sip_address(struct req *r, const struct line *line, const char *call)
{
	const char *caller = phone_caller(r);

	if (caller == NULL)
		return arena_printf(r->arena, "%s?X-Frontdesk-Call=%s",
		    line->uri, call);
	return arena_printf(r->arena, "%s?X-Frontdesk-Call=%s&X-Caller=%s",
	    line->uri, call, http_escape(r->arena, caller));
}

void
say_assistant(struct req *r, const struct line *line, const char *call)
{
	struct twiml t = answer(r);

	twiml_verb(&t, "Dial");
	twiml_attr(&t, "action", url_of(r->arena, "/twilio/voice/fallback"));
	twiml_attr(&t, "answerOnBridge", "true");
	twiml_attr(&t, "timeout", RING_S);
	twiml_verb(&t, "Sip");
	twiml_text(&t, sip_address(r, line, call));
	twiml_finish(&t);
}

void
say_record(struct req *r, const struct line *line, enum phrase id)
{
	struct twiml t = answer(r);

	say(&t, line->lang, id);
	record(&t, url_of(r->arena, "/twilio/recording"),
	    line_transcribes(line) ? url_of(r->arena, "/twilio/transcription") :
				     NULL);
	twiml_finish(&t);
}

void
say_list(struct req *r, enum lang lang, const struct oncall *o,
    const char *transfer)
{
	const char *whisper = transfer == NULL ?
	    NULL :
	    arena_printf(r->arena, "%s/twilio/voice/whisper?id=%s",
		conf->public_url, transfer);
	struct twiml t = answer(r);

	if (transfer != NULL)
		say(&t, lang, PHRASE_TRANSFER);
	twiml_verb(&t, "Dial");
	twiml_attr(&t, "action", url_of(r->arena, "/twilio/voice/fallback"));
	if (o->count > 1)
		twiml_attr(&t, "sequential", "true");
	twiml_attr(&t, "timeout", RING_S);
	for (int i = 0; i < o->count; i++) {
		twiml_verb(&t, "Number");
		twiml_attr(&t, "url", whisper);
		twiml_text(&t, o->phone[i]);
		twiml_end(&t);
	}
	twiml_finish(&t);
}

void
say_words(struct req *r, enum lang lang, const char *text)
{
	struct twiml t = answer(r);

	say_text(&t, lang, text);
	twiml_finish(&t);
}

void
say_thanks(struct req *r, enum lang lang)
{
	struct twiml t = answer(r);

	say(&t, lang, PHRASE_THANKS);
	twiml_verb(&t, "Hangup");
	twiml_finish(&t);
}

void
say_nothing(struct req *r)
{
	struct twiml t = answer(r);

	twiml_verb(&t, "Hangup");
	twiml_finish(&t);
}

void
say_down(struct arena *a, const struct line *line, struct buf *out)
{
	struct twiml t;

	buf_init(out, a);
	twiml_begin(&t, out);
	if (line->transfer != NULL) {
		twiml_verb(&t, "Dial");
		twiml_attr(&t, "timeout", RING_S);
		twiml_verb(&t, "Number");
		twiml_text(&t, line->transfer);
		twiml_end(&t);
		twiml_end(&t);
	}
	say(&t, line->lang, PHRASE_VOICEMAIL);
	record(&t, NULL, NULL);
	twiml_finish(&t);
}
