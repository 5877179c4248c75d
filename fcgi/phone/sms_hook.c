/*
 * sms_hook.c - texts that come in, with the words that end, allow or explain
 * our messages, and what became of those that went out.
 */
#include <ctype.h>
#include <string.h>

#include "phone/phone.h"
#include "phone/sms.h"
#include "phone/sms_state.h"
#include "staff/task.h"

#define BODY_MAX 1600 /* characters, Twilio's limit */

SQL tell_sql[] =
    "UPDATE sms_message SET sid = coalesce(sid, :news_sid),"
    " status = CASE WHEN :news_rank > rank THEN CAST(:news_status AS TEXT)"
    " ELSE status END,"
    " error = CASE WHEN :news_rank > rank THEN CAST(:news_error AS TEXT)"
    " ELSE error END,"
    " rank = CASE WHEN :news_rank > rank THEN CAST(:news_rank AS BIGINT)"
    " ELSE rank END, updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :news_id";
SQL by_sid_sql[] = "SELECT id, direction, rank, to_number FROM my_sms_message"
		   " WHERE sid = :news_sid ORDER BY id LIMIT 1";
SQL in_sql[] =
    "INSERT INTO sms_message (id, account_id, direction, kind, ref,"
    " from_number, to_number, body, sid, status, rank, account_sid,"
    " created_at, updated_at) VALUES (:sms_new, app_account(), 'in',"
    " 'inbound', :in_sid, :in_from, :in_to, :in_body, :in_sid, 'received', 4,"
    " :in_account, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, kind, ref) DO NOTHING RETURNING id";
SQL stopped_sql[] = "SELECT id FROM my_sms_consent WHERE phone = :in_from"
		    " AND status = 'stopped'";

/* --- what became of ours
 * ------------------------------------------------------ */

static int
rank_of(const char *status)
{
	static const char *const ranks[] = { "", "accepted|scheduled|queued",
		"sending", "sent|partially_delivered",
		"delivered|undelivered|failed|canceled|dropped", "read" };

	for (size_t i = 1; status != NULL && i < COUNT(ranks); i++)
		if (str_in(ranks[i], status))
			return (int)i;
	return 0;
}

enum rc
sms_tell(struct req *r, const struct sms_news *news)
{
	const char *id = news->id;
	struct row row;

	req_set(r, "news_sid", val_text(news->sid));
	if (id == NULL || !id_valid(id)) {
		if (sql_find(r, by_sid_sql, &row) || row.count == 0)
			return r->rc;
		id = row_text(&row, "id");
	}
	req_set(r, "news_id", val_text(id));
	req_set(r, "news_status", val_text(news->status));
	req_set(r, "news_error", val_text(news->error));
	req_set(r, "news_rank", val_int(rank_of(news->status)));
	return sql_do(r, tell_sql);
}

static enum rc
status_told(struct req *r)
{
	const char *code = phone_value(r, "ErrorCode");
	const struct sms_news news = { .id = http_pair(&r->queries, "id"),
		.sid = phone_value(r, "MessageSid"),
		.status = phone_value(r, "MessageStatus"),
		.error = code != NULL ?
		    arena_printf(r->arena, "Twilio's error %.10s", code) :
		    NULL };
	const char *to = phone_value(r, "To");
	bool done;

	if (news.sid == NULL)
		return fail_field(r, "MessageSid", "is missing");
	if (str_eq(code, "21610") && to != NULL && str_phone(to) &&
	    sms_agree(r, to, SMS_STOPPED, "sms", &done))
		return r->rc;
	return sms_tell(r, &news);
}

/* --- words
 * ---------------------------------------------------------------------- */

enum word { WORD_NONE, WORD_STOP, WORD_START, WORD_YES, WORD_HELP };

/* Twilio answers its own words itself; the others are ours to answer. */
static const struct {
	enum word word;
	bool theirs;
	const char *set;
} words[] = {
	{ WORD_STOP, true,
	    "stop|stopall|unsubscribe|cancel|end|quit|revoke|optout" },
	{ WORD_STOP, false,
	    "arret|arrêt|arrÊt|desabonner|désabonner|dÉsabonner|הסר|הסרה|"
	    "עצור|הפסק" },
	{ WORD_START, true, "start|unstop" },
	{ WORD_START, false, "reprendre|התחל|חידוש" },
	{ WORD_YES, true, "yes" },
	{ WORD_HELP, true, "help|info" },
	{ WORD_HELP, false, "aide|עזרה" },
};

/* The whole text is a word, apart from blanks and marks around it. */
static enum word
word_of(struct req *r, const char *body, bool *theirs)
{
	const char *type = phone_value(r, "OptOutType");
	char *s = str_lower(r->arena, body);
	size_t n;

	*theirs = true;
	if (type != NULL)
		return str_eq(type, "STOP") ? WORD_STOP :
		    str_eq(type, "START")   ? WORD_START :
		    str_eq(type, "HELP")    ? WORD_HELP :
					      WORD_NONE;
	if (s == NULL || strlen(s) > 60)
		return WORD_NONE;
	s += strspn(s, " \t\r\n\"'.!");
	for (n = strlen(s); n > 0 && strchr(" \t\r\n\"'.!", s[n - 1]) != NULL;)
		s[--n] = '\0';
	for (size_t i = 0; n > 0 && i < COUNT(words); i++)
		if (str_in(words[i].set, s)) {
			*theirs = words[i].theirs;
			return words[i].word;
		}
	return WORD_NONE;
}

static enum rc
reply(struct req *r, const char *text)
{
	struct twiml t;

	r->type = "text/xml";
	twiml_begin(&t, &r->out);
	if (text != NULL) {
		twiml_verb(&t, "Message");
		twiml_text(&t, text);
	}
	twiml_finish(&t);
	return OK;
}

static enum rc
answer(struct req *r, enum phrase id)
{
	struct sms_voice v;

	if (sms_voice(r, &v))
		return r->rc;
	return reply(r, phrase(r->arena, v.lang, id, v.name));
}

/* --- texts that come in
 * ----------------------------------------------------------- */

static enum rc
keep(struct req *r, const char *from, const char *body, bool *first)
{
	const char *sid = phone_value(r, "MessageSid");
	struct row row;

	if (sid == NULL)
		sid = phone_value(r, "SmsSid");
	if (sid == NULL)
		return fail_field(r, "MessageSid", "is missing");
	(void)req_new_id(r, "sms_new");
	req_set(r, "in_sid", val_text(sid));
	req_set(r, "in_from", val_text(from));
	req_set(r, "in_to", val_text(phone_value(r, "To")));
	req_set(r, "in_body", val_text(body));
	req_set(r, "in_account", val_text(phone_value(r, "AccountSid")));
	*first = sql_find(r, in_sql, &row) == OK && row.count > 0;
	return r->rc;
}

/* Someone has to read it. */
static enum rc
hand_on(struct req *r, const char *from, const char *body)
{
	struct jout j;
	struct buf b;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "from_number", from);
	jout_close(&j, '}');
	if (event_put(r, "sms.received", req_text(r, "sms_new"), buf_text(&b)))
		return r->rc;
	return staff_task_put(r, "sms", from,
	    arena_printf(r->arena, "Text from %s: %s", from, body));
}

/* YES is a word only for someone who has stopped us before. */
static enum rc
yes_counts(struct req *r, enum word *word)
{
	struct row row;

	if (*word != WORD_YES || sql_find(r, stopped_sql, &row))
		return r->rc;
	*word = row.count > 0 ? WORD_START : WORD_NONE;
	return OK;
}

static enum rc
come_in(struct req *r, const char *from, const char *body)
{
	bool theirs, first = false, done = false;
	enum word word = word_of(r, body, &theirs);

	if (keep(r, from, body, &first) || yes_counts(r, &word))
		return r->rc;
	if (word == WORD_NONE) {
		if (first && hand_on(r, from, body))
			return r->rc;
		return reply(r, NULL);
	}
	if (word != WORD_HELP && first &&
	    sms_agree(r, from, word == WORD_START ? SMS_GRANTED : SMS_STOPPED,
		"sms", &done))
		return r->rc;
	if (theirs)
		return reply(r, NULL);
	return answer(r,
	    word == WORD_STOP	   ? PHRASE_SMS_STOPPED :
		word == WORD_START ? PHRASE_SMS_STARTED :
				     PHRASE_SMS_HELP);
}

enum rc
sms_hook(struct req *r)
{
	const char *from = phone_caller(r);
	const char *body = http_pair(&r->form, "Body");

	if (phone_value(r, "MessageStatus") != NULL)
		return status_told(r);
	if (body == NULL || str_chars(body) > BODY_MAX)
		body = "";
	if (from == NULL) /* a short code, or nobody: not to be answered */
		return reply(r, NULL);
	return come_in(r, from, body);
}
