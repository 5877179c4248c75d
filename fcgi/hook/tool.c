/* tool.c - the table of tools, and the answer to a message of tool calls. */
#include <ctype.h>
#include <string.h>

#include "hook/control.h"
#include "hook/tool.h"

#define CALLS_MAX 64 /* answered in one message */
#define TRIES	  2  /* of the transaction, when a race was lost */

#define OBJECT(members, needed) \
	"{\"type\":\"object\",\"properties\":{" members "}," \
	"\"required\":[" needed "]}"
#define TEXT_MEMBER(name, about) \
	"\"" name "\":{\"type\":\"string\",\"description\":\"" about "\"}"
#define DATE_MEMBER \
	TEXT_MEMBER("date", \
	    "The day, as YYYY-MM-DD or in the caller's own words, such as " \
	    "next Tuesday.")
#define TIME_MEMBER \
	TEXT_MEMBER("time", \
	    "The time of day at the business, as HH:MM in 24 hours or in " \
	    "the caller's own words, such as afternoon.")
#define SERVICE_MEMBER \
	TEXT_MEMBER("service", "What it is for, as the caller says it.")
#define WITH_MEMBER \
	TEXT_MEMBER("with", "Whom the caller wants to see, if they said so.")
#define OLD_MEMBERS \
	TEXT_MEMBER("old_date", \
	    "The day of the appointment that is meant, if there are " \
	    "several.") \
	"," TEXT_MEMBER("old_time", "Its time of day, if that is needed.")

#define TEXTS_MEMBER \
	"\"texts\":{\"type\":\"boolean\",\"description\":\"true only if the " \
	"caller agrees to get text messages about the appointment.\"}"

const struct tool tools[] = {
	{ "check-availability",
	    "Find free appointment times on a day, or ask whether one time "
	    "is free. What it offers is held for the caller for two minutes.",
	    OBJECT(DATE_MEMBER
		"," TIME_MEMBER "," SERVICE_MEMBER "," WITH_MEMBER
		",\"days\":{\"type\":"
		"\"integer\",\"minimum\":1,\"maximum\":14,\"description\":\"How "
		"many days from date on to look at; 1 by default.\"}",
		"\"date\""),
	    tool_check },
	{ "book-appointment",
	    "Book an appointment for the caller. Only what this answers as "
	    "booked is booked.",
	    OBJECT(DATE_MEMBER
		"," TIME_MEMBER "," SERVICE_MEMBER "," WITH_MEMBER
		"," TEXT_MEMBER("name",
		    "Whom the appointment is for.") "," TEXT_MEMBER("phone",
		    "A number to reach them; the caller's own "
		    "by default.") "," TEXT_MEMBER("reason",
		    "What it is about, in a few words.") "," TEXTS_MEMBER,
		"\"date\",\"time\",\"name\""),
	    tool_book },
	{ "cancel-appointment",
	    "Cancel an appointment that was made with the number of the "
	    "call. Ask the caller first whether they are sure.",
	    OBJECT(OLD_MEMBERS, ""), tool_cancel },
	{ "reschedule-appointment",
	    "Move an appointment that was made with the number of the call. "
	    "Only what this answers as moved is moved.",
	    OBJECT(DATE_MEMBER "," TIME_MEMBER "," WITH_MEMBER "," OLD_MEMBERS,
		"\"date\",\"time\""),
	    tool_move },
	{ "get-patient-info",
	    "Who is calling: name and next appointment, by the number of "
	    "the call.",
	    OBJECT("", ""), tool_patient },
	{ "transfer-to-human",
	    "Connect the caller to a person, or ask staff to call back when "
	    "nobody is there.",
	    OBJECT(TEXT_MEMBER("reason", "Why the caller wants a person."), ""),
	    tool_transfer },
	{ 0 },
};

SQL known_sql[] =
    "SELECT answer FROM my_tool_result WHERE vapi_call = :tool_vapi_call"
    " AND tool_call = :tool_call_id";

SQL keep_sql[] =
    "INSERT INTO tool_result (account_id, vapi_call, tool_call, tool, answer,"
    " created_at, updated_at) VALUES (app_account(), :tool_vapi_call,"
    " :tool_call_id, :tool_name, :tool_answer, :now_ms, :now_ms)";

/* What is sent for one call. */
struct answer {
	const char *json; /* the member of results */
	const char *said; /* of the legacy message; may be NULL */
};

/* The same but for case, '-' and '_'? */
static bool
same_name(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "-_");
		b += strspn(b, "-_");
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

const struct tool *
tool_find(const char *name)
{
	for (const struct tool *t = tools; name != NULL && t->name != NULL; t++)
		if (same_name(name, t->name))
			return t;
	return NULL;
}

/* {"toolCallId":…,"name":…,"result":…}, or "error" in its place. */
static struct answer
answer_make(struct req *r, const struct tool_call *c, const char *kind,
    const char *said)
{
	struct buf b;
	struct jout j;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "toolCallId", c->id);
	jout_put_str(&j, "name", c->name != NULL ? c->name : "");
	jout_put_str(&j, kind, said);
	jout_close(&j, '}');
	return (struct answer) { buf_text(&b), said };
}

static enum rc
run_one(struct req *r, const struct ask *ask, const struct tool *fixed,
    struct answer *out)
{
	const struct tool *t =
	    fixed != NULL ? fixed : tool_find(ask->call->name);
	const char *said = NULL;
	enum rc rc;

	if (t == NULL) {
		*out = answer_make(r, ask->call, "error",
		    "There is no such tool.");
		return OK;
	}
	req_set(r, "tool_name", val_text(t->name));
	rc = t->run(r, ask, &said);
	if (rc == OK && said == NULL)
		rc = fail(r, E_INTERNAL, "out of memory");
	if (rc == OK)
		*out = answer_make(r, ask->call, "result", said);
	return rc;
}

/* The answer that was given before, or a new one, which is kept. */
static enum rc
serve_one(struct req *r, const struct ask *ask, const struct tool *fixed,
    struct answer *out)
{
	bool named = ask->call->id[0] != '\0';
	struct row row = { 0 };
	enum rc rc = OK;

	req_set(r, "tool_name", val_text("unknown"));
	req_set(r, "tool_call_id", val_text(ask->call->id));
	if (named)
		rc = sql_find(r, known_sql, &row);
	if (rc != OK)
		return rc;
	if (row.count > 0) {
		*out = (struct answer) { row_text(&row, "answer"), NULL };
		return OK;
	}
	rc = run_one(r, ask, fixed, out);
	if (rc != OK || !named)
		return rc;
	req_set(r, "tool_call_id", val_text(ask->call->id));
	req_set(r, "tool_answer", val_text(out->json));
	return sql_do(r, keep_sql);
}

/* All calls of the message, in one transaction. */
static enum rc
serve_all(struct req *r, struct ask *ask, const struct tool *fixed,
    struct answer *out)
{
	const struct envelope *e = ask->env;
	struct call_link link = e->link;
	enum rc rc = req_begin(r, DB_WRITE);

	link.status = "in-progress"; /* who asks for a tool is on the line */
	req_set(r, "tool_vapi_call",
	    val_text(e->link.vapi_id != NULL ? e->link.vapi_id : "-"));
	if (rc == OK)
		rc = book_open(r, ask->book);
	if (rc == OK && e->link.vapi_id != NULL)
		rc = call_join(r, &link, &ask->row);
	ask->book->call = ask->row;
	for (size_t i = 0; rc == OK && i < e->count && i < CALLS_MAX; i++) {
		ask->call = &e->calls[i];
		rc = serve_one(r, ask, fixed, &out[i]);
	}
	return rc == OK ? req_commit(r) : rc;
}

/* Nothing was kept: say so for every call, and the reason only in the log. */
static void
serve_trouble(struct req *r, const struct ask *ask, struct answer *out)
{
	struct log_line l;

	log_begin(&l, LOG_ERROR, "tool calls failed");
	log_str(&l, "request_id", r->id);
	log_str(&l, "why", r->reason != NULL ? r->reason : rc_slug(r->rc));
	log_end(&l);
	r->rc = OK;
	r->reason = NULL;
	for (size_t i = 0; i < ask->env->count; i++)
		out[i] = answer_make(r, &ask->env->calls[i], "error",
		    phrase(r->arena, ask->book->lang, PHRASE_TROUBLE));
}

static void
serve_print(struct req *r, const struct envelope *e,
    const struct answer *answers)
{
	struct jout *j = &r->json_out;

	jout_open(j, '{');
	if (e->legacy && e->count > 0)
		jout_put_str(j, "result", answers[0].said);
	jout_name(j, "results");
	jout_open(j, '[');
	for (size_t i = 0; i < e->count; i++)
		jout_raw(j, answers[i].json);
	jout_close(j, ']');
	jout_close(j, '}');
}

/*
 * A lost race undoes the transaction; the second time the other's rows are
 * seen and the caller hears what is free instead.
 */
enum rc
tool_serve(struct req *r, const struct envelope *e, const struct tool *fixed)
{
	struct book book = { 0 };
	struct ask ask = { .env = e, .book = &book };
	struct answer *out = arena_get(r->arena, (e->count + 1) * sizeof(*out));
	enum rc rc = E_CONFLICT;

	if (out == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	for (size_t i = CALLS_MAX; i < e->count; i++)
		out[i] = answer_make(r, &e->calls[i], "error",
		    "Too many calls at once.");
	for (int i = 0; i < TRIES && rc == E_CONFLICT; i++) {
		r->rc = OK;
		r->reason = NULL;
		do
			rc = serve_all(r, &ask, fixed, out);
		while (rc != OK && req_again(r));
		req_rollback(r);
	}
	if (rc != OK)
		serve_trouble(r, &ask, out);
	serve_print(r, e, out);
	return OK;
}

/* --- routes --------------------------------------------------------------- */

static enum rc
serve(struct req *r)
{
	const char *slash = strrchr(r->route->path, '/');
	struct envelope e;

	if (!envelope_read(r->arena, r->json, &e))
		return fail(r, E_INTERNAL, "out of memory");
	return tool_serve(r, &e, tool_find(slash + 1));
}

static const struct field transfer_in[] = {
	{ "url", .kind = F_TEXT, .need = true, .secret = true },
	{ "number", .kind = F_PHONE, .need = true },
	{ "text", .kind = F_TEXT, .need = true },
	{ "caller", .kind = F_TEXT },
	{ "transfer", .kind = F_ID },
	{ "words", .kind = F_TEXT },
	{ "until", .kind = F_INT },
	{ 0 },
};

#define TOOL .who = VAPI, .pool = HOOK, .tx = TX_OWN, .run = serve

static const struct route routes[] = {
	{ "POST", "/vapi/tools/check-availability", TOOL,
	    .about = "Free times of a day, spoken." },
	{ "POST", "/vapi/tools/book-appointment", TOOL,
	    .about = "Book an appointment; answered once it is on disk." },
	{ "POST", "/vapi/tools/cancel-appointment", TOOL,
	    .about = "Cancel an appointment of the caller's." },
	{ "POST", "/vapi/tools/reschedule-appointment", TOOL,
	    .about = "Move an appointment of the caller's." },
	{ "POST", "/vapi/tools/get-patient-info", TOOL,
	    .about = "Who is calling." },
	{ "POST", "/vapi/tools/transfer-to-human", TOOL,
	    .about = "Hand the call to a person." },
	{ "JOB", "/job/hook/transfer", .who = RUNNER, .tx = TX_OWN,
	    .in = transfer_in, .run = control_transfer,
	    .about = "Ask Vapi to move a call." },
	{ 0 },
};

const struct resource hook_tool = { "hook_tool",
	"What the voice agent asks of us during a call", routes };
