/*
 * webhook.c - what Vapi tells of a call, and asks before and after it. Types
 * that we do not know are answered 200: they come without notice.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "hook/control.h"
#include "hook/tool.h"
#include "phone/oncall.h"
#include "phone/transfer.h"

/* Who answers a call that reached Vapi without an assistant. */
/* Characters that are kept of what a message says of a call. */
#define REASON_MAX   200
#define URL_MAX	     2000
#define SUMMARY_MAX  20000
#define ENDED_REASON "endedReason|call.endedReason"

SQL answer_sql[] =
    "SELECT s.languages, s.terms_accepted_at,"
    " (SELECT p.locale FROM my_profile p WHERE p.locale IS NOT NULL"
    " ORDER BY p.user_id LIMIT 1) AS locale,"
    " (SELECT a.vapi_id FROM my_assistant a WHERE a.status = 'active'"
    " AND a.vapi_id IS NOT NULL ORDER BY a.created_at DESC, a.id DESC"
    " LIMIT 1) AS vapi_id FROM my_studio s";

static void
say_empty(struct req *r)
{
	jout_open(&r->json_out, '{');
	jout_close(&r->json_out, '}');
}

/* A value by the first of the paths, parted by '|', that is there. */
static const cJSON *
look(const cJSON *m, const char *paths)
{
	char path[60];

	while (*paths != '\0') {
		size_t n = strcspn(paths, "|");
		const cJSON *v;

		if (n >= sizeof(path))
			return NULL;
		memcpy(path, paths, n);
		path[n] = '\0';
		v = json_path(m, path);
		if (v != NULL && !cJSON_IsNull(v))
			return v;
		paths += n + (paths[n] == '|');
	}
	return NULL;
}

/* Epoch milliseconds, or ISO 8601; -1 when it is neither. */
static int64_t
time_of(const cJSON *v)
{
	int64_t t;

	if (cJSON_IsNumber(v) && v->valuedouble > 0 && v->valuedouble < 9e15)
		return (int64_t)v->valuedouble;
	if (json_text(v) != NULL && clock_parse(json_text(v), &t))
		return t;
	return -1;
}

static int64_t
duration_of(const cJSON *m, const struct call_news *news)
{
	const cJSON *v = look(m,
	    "durationSeconds|artifact.durationSeconds|"
	    "call.durationSeconds");

	if (cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble < 1e9)
		return (int64_t)floor(v->valuedouble + 0.5);
	if (news->started_ms >= 0 && news->ended_ms >= news->started_ms)
		return (news->ended_ms - news->started_ms + 500) / 1000;
	return -1;
}

static struct call_news
status_news(struct req *r, const struct envelope *e)
{
	const cJSON *m = e->message;
	struct call_news news = { .cost = -1,
		.started_ms = -1,
		.ended_ms = -1,
		.duration_s = -1 };

	news.status =
	    envelope_text(r->arena, json_get(m, "status"), REASON_MAX);
	if (str_eq(news.status, "ended")) {
		news.ended_reason =
		    envelope_text(r->arena, look(m, ENDED_REASON), REASON_MAX);
		news.ended_ms = time_of(json_get(m, "timestamp"));
		if (news.ended_ms < 0)
			news.ended_ms = r->now_ms;
	}
	return news;
}

static struct call_news
report_news(struct req *r, const struct envelope *e)
{
	const cJSON *m = e->message;
	const cJSON *cost = look(m, "cost|call.cost");
	struct call_news news = { .status = "ended",
		.ended_reason =
		    envelope_text(r->arena, look(m, ENDED_REASON), REASON_MAX),
		.summary = envelope_text(r->arena,
		    look(m, "analysis.summary|summary|call.analysis.summary"),
		    SUMMARY_MAX),
		.recording_url = envelope_text(r->arena,
		    look(m,
			"artifact.recordingUrl|"
			"artifact.recording.mono.combinedUrl|recordingUrl|"
			"call.recordingUrl"),
		    URL_MAX),
		.cost = cJSON_IsNumber(cost) ? cost->valuedouble : -1,
		.started_ms = time_of(look(m, "startedAt|call.startedAt")),
		.ended_ms = time_of(look(m, "endedAt|call.endedAt")) };

	news.duration_s = duration_of(m, &news);
	if (news.ended_ms < 0)
		news.ended_ms = r->now_ms;
	return news;
}

/*
 * Has the call ended because no human took it? assistant-forwarded-call only
 * says that a transfer was begun.
 */
static bool
is_unanswered(const char *reason)
{
	return reason != NULL &&
	    (strstr(reason, "transfer-failed") != NULL ||
		str_starts(reason, "call.forwarding."));
}

/* Write news of a call into its row. */
static enum rc
tell(struct req *r, const struct envelope *e, const struct call_news *news)
{
	const char *id;
	bool open;
	enum rc rc;

	say_empty(r);
	if (e->link.vapi_id == NULL)
		return OK;
	rc = req_begin(r, DB_WRITE);
	if (rc == OK)
		rc = call_join(r, &e->link, &id);
	if (rc == OK)
		rc = call_tell(r, id, news);
	if (rc == OK && is_unanswered(news->ended_reason))
		rc = transfer_end(r, id, false, &open);
	return rc == OK ? req_commit(r) : rc;
}

static enum rc
on_status(struct req *r, const struct envelope *e)
{
	struct call_news news = status_news(r, e);

	return tell(r, e, &news);
}

static enum rc
on_report(struct req *r, const struct envelope *e)
{
	struct call_news news = report_news(r, e);

	return tell(r, e, &news);
}

static enum rc
on_tools(struct req *r, const struct envelope *e)
{
	return tool_serve(r, e, NULL);
}

static void
say_destination(struct req *r, const char *number, const char *said, bool warm)
{
	struct jout *j = &r->json_out;

	jout_name(j, "destination");
	jout_open(j, '{');
	jout_put_str(j, "type", "number");
	jout_put_str(j, "number", number);
	jout_put_str(j, "message", said);
	if (warm)
		control_plan(j, NULL);
	jout_close(j, '}');
}

static enum rc
settings(struct req *r, struct row *row, enum lang *lang)
{
	enum rc rc = req_begin(r, DB_READ);

	if (rc == OK)
		rc = sql_find(r, answer_sql, row);
	*lang = rc == OK ? book_lang(r, row) : LANG_EN;
	req_rollback(r);
	return rc;
}

/* A number of Vapi's without an assistant: ours, a human, or a sentence. */
static enum rc
on_assistant(struct req *r, const struct envelope *e)
{
	const char *human, *vapi_id;
	enum lang lang;
	struct oncall o;
	struct row row;
	bool live;
	enum rc rc = settings(r, &row, &lang);

	(void)e;
	if (rc != OK)
		return rc;
	live = row_val(&row, "terms_accepted_at").type == VAL_INT;
	if (live && oncall_now(r, &o))
		return r->rc;
	human = live && o.count > 0 ? o.phone[0] : NULL;
	vapi_id = row_text(&row, "vapi_id");
	jout_open(&r->json_out, '{');
	if (live && vapi_id != NULL)
		jout_put_str(&r->json_out, "assistantId", vapi_id);
	else if (live && human != NULL)
		say_destination(r, human,
		    phrase(r->arena, lang, PHRASE_TRANSFER), false);
	else
		jout_put_str(&r->json_out, "error",
		    phrase(r->arena, lang, PHRASE_NOT_LIVE));
	jout_close(&r->json_out, '}');
	return OK;
}

/* The first of those on call who was not named for this call before. */
static enum rc
choose(struct req *r, const char *call, const char **human)
{
	struct oncall o;
	bool tried;

	*human = NULL;
	if (oncall_now(r, &o))
		return r->rc;
	for (int i = 0; i < o.count && *human == NULL; i++) {
		if (call == NULL)
			tried = false;
		else if (transfer_tried(r, call, o.phone[i], &tried))
			return r->rc;
		if (!tried)
			*human = o.phone[i];
	}
	return OK;
}

/* Whom to ring, and a row of it; nobody: someone has to call back. */
static enum rc
destination(struct req *r, const struct envelope *e, const char **human)
{
	struct transfer t = { .way = "answer", .caller = e->link.caller };
	const char *id;

	if (req_begin(r, DB_WRITE) ||
	    (e->link.vapi_id != NULL && call_join(r, &e->link, &t.call)) ||
	    choose(r, t.call, human))
		return r->rc;
	t.tried = *human;
	if (*human == NULL) {
		if (callback_put(r, t.call, t.caller, NULL))
			return r->rc;
	} else if (t.call != NULL &&
	    (transfer_put(r, &t, &id) || transfer_sent(r, id, t.way)))
		return r->rc;
	return req_commit(r);
}

/* The assistant wants to hand the call over: to whom? */
static enum rc
on_transfer(struct req *r, const struct envelope *e)
{
	struct jout *j = &r->json_out;
	const char *human = NULL, *said;
	enum lang lang;
	struct row row;

	if (settings(r, &row, &lang) || destination(r, e, &human))
		return r->rc;
	said = phrase(r->arena, lang,
	    human != NULL ? PHRASE_TRANSFER : PHRASE_TRANSFER_NONE);
	jout_open(j, '{');
	if (human == NULL)
		jout_put_str(j, "error", said);
	else {
		say_destination(r, human, said, envelope_warm(e));
		jout_name(j, "message");
		jout_open(j, '{');
		jout_put_str(j, "type", "request-start");
		jout_put_str(j, "content", said);
		jout_close(j, '}');
	}
	jout_close(j, '}');
	return OK;
}

static const struct {
	const char *type;
	enum rc (*run)(struct req *, const struct envelope *);
} messages[] = {
	{ "tool-calls", on_tools },
	{ "function-call", on_tools },
	{ "status-update", on_status },
	{ "end-of-call-report", on_report },
	{ "assistant-request", on_assistant },
	{ "transfer-destination-request", on_transfer },
	{ "handoff-destination-request", on_transfer },
};

static enum rc
webhook(struct req *r)
{
	struct envelope e;

	if (!envelope_read(r->arena, r->json, &e))
		return fail(r, E_INTERNAL, "out of memory");
	for (size_t i = 0; i < COUNT(messages); i++)
		if (str_eq(e.type, messages[i].type))
			return messages[i].run(r, &e);
	say_empty(r);
	return OK;
}

static const struct route routes[] = {
	{ "POST", "/vapi/webhook", .who = VAPI, .pool = HOOK, .tx = TX_OWN,
	    .run = webhook,
	    .about = "Every message of Vapi about a call; "
		     "tool calls are answered here too." },
	{ 0 },
};

const struct resource hook_webhook = { "hook_webhook",
	"What Vapi tells of its calls", routes };
