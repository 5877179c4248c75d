/* number_step.c - what makes a number lead here, and lets it go. */
#include <string.h>

#include "base/conf.h"
#include "phone/number.h"
#include "staff/task.h"
#include "vault/vault.h"

#define HELD_MS (conf->peer_timeout_ms + 2000) /* a call may be under way */
#define GIVE_UP (4 * conf->repair_after_ms + HELD_MS)

SQL load_sql[] =
    "SELECT n.id, n.number, n.account_sid, n.sid, n.status,"
    " n.bought AS \"bought:bool\", n.routing, n.vapi_phone_id, n.was,"
    " n.tried_at, coalesce(s.routing, 'sip') AS wanted"
    " FROM my_phone_line n LEFT JOIN my_phone_setting s"
    " ON s.account_id = n.account_id WHERE n.id = :id";
SQL claim_sql[] =
    "UPDATE phone_line SET tried_at = :tried_at"
    " WHERE account_id = app_account() AND id = :id AND status = 'buying'"
    " AND tried_at IS NULL RETURNING id";
SQL found_sql[] =
    "UPDATE phone_line SET sid = :sid, status = 'attaching', was ="
    " coalesce(was, :was), sms = :sms, bought = CASE WHEN status = 'buying'"
    " THEN 1 ELSE bought END, last_error = NULL"
    " WHERE account_id = app_account() AND id = :id"
    " AND status IN ('buying', 'attaching', 'failed') RETURNING id";
SQL vapi_sql[] = "UPDATE phone_line SET vapi_phone_id = :vapi_phone_id"
		 " WHERE account_id = app_account() AND id = :id";
SQL active_sql[] =
    "UPDATE phone_line SET status = 'active', routing = :routing,"
    " drift = NULL, last_error = NULL, checked_at = :now_ms"
    " WHERE account_id = app_account() AND id = :id"
    " AND status = 'attaching' RETURNING number";
SQL failed_sql[] =
    "UPDATE phone_line SET status = 'failed', last_error = :message"
    " WHERE account_id = app_account() AND id = :id";
SQL drop_sql[] = "DELETE FROM phone_line WHERE account_id = app_account()"
		 " AND id = :id RETURNING number";
SQL proven_sql[] = "INSERT INTO number_proof (number, account_id, proven_at)"
		   " VALUES (:proof_number, :account, :now_ms)"
		   " ON CONFLICT (number, account_id) DO UPDATE SET"
		   " proven_at = excluded.proven_at";

enum rc
number_open(struct number *n, struct req *r, const char *id)
{
	struct vault_key key;

	memset(n, 0, sizeof(*n));
	n->r = r;
	n->id = id;
	req_set(r, "id", val_text(id));
	if (sql_find(r, load_sql, &n->row) || n->row.count == 0)
		return r->rc;
	n->number = row_text(&n->row, "number");
	n->routing = row_text(&n->row, "wanted");
	if (vault_key(r, row_text(&n->row, "account_sid"), &key))
		return r->rc;
	if (key.sid == NULL)
		return fail(r, E_CONFLICT,
		    "there is no token for this number's Twilio account; save "
		    "one in the Twilio settings");
	twilio_init(&n->at, r->arena, key.sid, key.token,
	    conf->peer_timeout_ms);
	return OK;
}

void
number_waited(struct number *n)
{
	n->r->peer_us += n->at.spent_us;
	n->at.spent_us = 0;
}

enum rc
number_fail(struct number *n)
{
	struct req *r = n->r;

	switch (n->reply.end) {
	case TWILIO_KEY:
		return fail(r, E_CONFLICT,
		    "Twilio refuses the stored token; save a valid one");
	case TWILIO_GONE:
		return fail(r, E_CONFLICT, "Twilio does not know this: %s",
		    n->reply.message);
	case TWILIO_REFUSED:
		return fail(r, E_CONFLICT, "Twilio refuses this: %s",
		    n->reply.message);
	default:
		return fail(r, E_PEER, "Twilio did not do this: %s",
		    n->reply.message);
	}
}

static enum rc
number_event(struct number *n, const char *kind)
{
	struct jout j;
	struct buf b;

	buf_init(&b, n->r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "number", n->number);
	jout_close(&j, '}');
	return event_put(n->r, kind, n->id, buf_text(&b));
}

enum rc
number_proven(struct number *n)
{
	if (n->at.sandbox)
		return OK;
	req_set(n->r, "proof_number", val_text(n->number));
	return sql_do(n->r, proven_sql);
}

/* --- what Twilio has --------------------------------------------------------
 */

static const char *
path_of(struct number *n, const char *sid)
{
	return arena_printf(n->r->arena, "/IncomingPhoneNumbers/%s.json", sid);
}

/* The number in the account's list, or NULL; reply.end: is that known? */
static const cJSON *
look(struct number *n)
{
	struct twilio_form q;
	const cJSON *item;

	twilio_form(&n->at, &q);
	twilio_add(&q, "PhoneNumber", n->number);
	twilio_list(&n->at, "/IncomingPhoneNumbers.json",
	    "incoming_phone_numbers", &q, &n->reply);
	number_waited(n);
	if (n->reply.end != TWILIO_OK)
		return NULL;
	cJSON_ArrayForEach(item,
	    n->reply.json) if (str_eq(json_path_text(item, "phone_number"),
				   n->number) &&
	    twilio_sid(json_path_text(item, "sid"), "PN")) return item;
	return NULL;
}

/* Settings of a number that are put back when it is let go. */
static const struct {
	const char *json;
	const char *form;
} kept[] = {
	{ "voice_url", "VoiceUrl" },
	{ "voice_method", "VoiceMethod" },
	{ "voice_fallback_url", "VoiceFallbackUrl" },
	{ "voice_application_sid", "VoiceApplicationSid" },
	{ "trunk_sid", "TrunkSid" },
	{ "status_callback", "StatusCallback" },
	{ "status_callback_method", "StatusCallbackMethod" },
	{ "sms_url", "SmsUrl" },
	{ "sms_method", "SmsMethod" },
	{ "sms_application_sid", "SmsApplicationSid" },
};

static const char *
was_of(struct number *n, const cJSON *item)
{
	struct jout j;
	struct buf b;

	buf_init(&b, n->r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	for (size_t i = 0; i < COUNT(kept); i++)
		jout_put_str(&j, kept[i].json,
		    json_path_text(item, kept[i].json));
	jout_close(&j, '}');
	return buf_text(&b);
}

static const char *
here(struct number *n, const char *path)
{
	return arena_printf(n->r->arena, "%s%s", conf->public_url, path);
}

void
number_hooks(struct number *n, struct twilio_form *f)
{
	twilio_add(f, "VoiceUrl", here(n, "/twilio/voice"));
	twilio_add(f, "VoiceMethod", "POST");
	twilio_add(f, "VoiceFallbackUrl", here(n, "/twilio/voice/fallback"));
	twilio_add(f, "VoiceFallbackMethod", "POST");
	twilio_add(f, "StatusCallback", here(n, "/twilio/status"));
	twilio_add(f, "StatusCallbackMethod", "POST");
	twilio_add(f, "SmsUrl", here(n, "/twilio/messages"));
	twilio_add(f, "SmsMethod", "POST");
}

const char *
number_drift(struct number *n, const cJSON *item)
{
	static const char *const paths[][2] = {
		{ "voice_url", "/twilio/voice" },
		{ "voice_fallback_url", "/twilio/voice/fallback" },
		{ "status_callback", "/twilio/status" },
		{ "sms_url", "/twilio/messages" },
	};
	static const char *const blank[] = { "voice_application_sid",
		"trunk_sid", "sms_application_sid" };
	bool vapi = str_eq(row_text(&n->row, "routing"), "vapi");

	for (size_t i = 0; i < COUNT(blank); i++) {
		const char *sid = json_path_text(item, blank[i]);

		if (sid != NULL && *sid != '\0' && !vapi)
			return arena_printf(n->r->arena,
			    "%s is set at Twilio and takes the calls",
			    blank[i]);
	}
	/* Vapi has its own way to be called */
	for (size_t i = vapi ? 2 : 0; i < COUNT(paths); i++)
		if (!str_eq(json_path_text(item, paths[i][0]),
			here(n, paths[i][1])))
			return arena_printf(n->r->arena,
			    "%s at Twilio does not lead here any more",
			    paths[i][0]);
	return NULL;
}

/* --- steps
 * -------------------------------------------------------------------- */

/* The row and all that hangs on it go. */
static enum rc
gone(struct number *n, const char *kind)
{
	struct req *r = n->r;
	struct row row;

	if (req_begin(r, DB_WRITE) || sql_find(r, drop_sql, &row) ||
	    (row.count > 0 && kind != NULL && number_event(n, kind)) ||
	    directory_numbers(r))
		return r->rc;
	return req_commit(r);
}

static enum rc
failed(struct number *n, const char *why)
{
	struct req *r = n->r;

	req_set(r, "message", val_text(why));
	if (req_begin(r, DB_WRITE) || sql_do(r, failed_sql) ||
	    number_event(n, "number.failed") ||
	    staff_task_put(r, "number", n->id,
		arena_printf(r->arena, "The number %s: %s.", n->number, why)))
		return r->rc;
	return req_commit(r);
}

/* It is in the account's list: remember how it was. */
static enum rc
found(struct number *n, const cJSON *item)
{
	struct req *r = n->r;
	struct row row;

	req_set(r, "sid", val_text(json_path_text(item, "sid")));
	req_set(r, "was", val_text(was_of(n, item)));
	req_set(r, "sms",
	    val_int(cJSON_IsTrue(json_path(item, "capabilities.sms"))));
	if (req_begin(r, DB_WRITE) || sql_find(r, found_sql, &row) ||
	    number_proven(n) || directory_numbers(r) || req_commit(r))
		return r->rc;
	return row.count > 0 ? OK :
			       fail(r, E_BUSY, "the number is changing now");
}

static enum rc
activate(struct number *n, const char *vapi_id)
{
	struct req *r = n->r;
	struct row row;

	req_set(r, "routing", val_text(n->routing));
	req_set(r, "vapi_phone_id", val_text(vapi_id));
	if (req_begin(r, DB_WRITE) || sql_do(r, vapi_sql) ||
	    sql_find(r, active_sql, &row) ||
	    (row.count > 0 && number_event(n, "number.attached")))
		return r->rc;
	return req_commit(r);
}

/* Lead the number here, by one of the two ways. */
static enum rc
lead(struct number *n, const cJSON *item)
{
	const char *path = path_of(n, json_path_text(item, "sid"));
	bool vapi = str_eq(n->routing, "vapi");
	const char *vapi_id = NULL;
	struct twilio_form f;

	if (!vapi && number_export(n))
		return n->r->rc;
	twilio_form(&n->at, &f);
	number_hooks(n, &f);
	twilio_add(&f, "VoiceApplicationSid", "");
	twilio_add(&f, "SmsApplicationSid", "");
	twilio_add(&f, "TrunkSid", "");
	twilio_post(&n->at, path, &f, &n->reply);
	number_waited(n);
	if (n->reply.end != TWILIO_OK)
		return number_fail(n);
	if (vapi && number_import(n, &vapi_id))
		return n->r->rc;
	return activate(n, vapi_id);
}

static enum rc
attach(struct number *n)
{
	const cJSON *item = look(n);

	if (n->reply.end != TWILIO_OK)
		return number_fail(n);
	if (item != NULL)
		return found(n, item) ? n->r->rc : lead(n, item);
	if (row_text(&n->row, "was") != NULL)
		return failed(n, "it is no longer in the Twilio account");
	if (gone(n, NULL))
		return n->r->rc;
	return fail(n->r, E_MISSING,
	    "this number is not in the Twilio account");
}

/* --- buying ----------------------------------------------------------------
 */

/* The one purchase there is; false: somebody else has begun it. */
static enum rc
claim(struct number *n)
{
	struct req *r = n->r;
	struct row row;

	req_set(r, "tried_at", val_int(clock_now_ms()));
	if (req_begin(r, DB_WRITE) || sql_find(r, claim_sql, &row) ||
	    req_commit(r))
		return r->rc;
	return row.count > 0 ?
	    OK :
	    fail(r, E_BUSY, "the number is being bought already");
}

static enum rc
purchase(struct number *n)
{
	struct twilio_form f;

	if (claim(n))
		return n->r->rc;
	twilio_form(&n->at, &f);
	twilio_add(&f, "PhoneNumber", n->number);
	number_hooks(n, &f);
	twilio_post(&n->at, "/IncomingPhoneNumbers.json", &f, &n->reply);
	number_waited(n);
	if (n->reply.end == TWILIO_OK &&
	    !twilio_sid(json_path_text(n->reply.json, "sid"), "PN")) {
		n->reply.end = TWILIO_UNKNOWN;
		n->reply.message = "its answer names no number";
	}
	if (n->reply.end == TWILIO_OK)
		return found(n, n->reply.json) ? n->r->rc :
						 lead(n, n->reply.json);
	/* it was not done: nothing is left to look for */
	if (n->reply.end != TWILIO_UNKNOWN && gone(n, NULL))
		return n->r->rc;
	return number_fail(n);
}

static enum rc
buy(struct number *n, bool first)
{
	const cJSON *item = look(n);
	struct val tried = row_val(&n->row, "tried_at");
	int64_t since = tried.type == VAL_INT ? tried.i : n->r->now_ms;

	if (n->reply.end != TWILIO_OK)
		return number_fail(n);
	if (item != NULL)
		return found(n, item) ? n->r->rc : lead(n, item);
	if (first)
		return purchase(n);
	if (tried.type == VAL_INT && clock_now_ms() < since + GIVE_UP)
		return fail(n->r, E_BUSY,
		    "the purchase may still be under way");
	return failed(n,
	    "it could not be bought, and is not in the Twilio account");
}

/* --- letting go --------------------------------------------------------------
 */

/* As it was before us, unless somebody has led it elsewhere since. */
static enum rc
restore(struct number *n, const cJSON *item)
{
	const char *was = row_text(&n->row, "was"), *why;
	const cJSON *old = was != NULL ?
	    json_parse(n->r->arena, was, strlen(was), &why) :
	    NULL;
	struct twilio_form f;

	if (!str_eq(json_path_text(item, "sms_url"),
		here(n, "/twilio/messages")))
		return OK;
	twilio_form(&n->at, &f);
	for (size_t i = 0; i < COUNT(kept); i++) {
		const char *v = json_path_text(old, kept[i].json);
		bool method = strstr(kept[i].json, "_method") != NULL;

		if (v != NULL || !method)
			twilio_add(&f, kept[i].form, v != NULL ? v : "");
	}
	twilio_post(&n->at, path_of(n, json_path_text(item, "sid")), &f,
	    &n->reply);
	number_waited(n);
	return n->reply.end == TWILIO_OK || n->reply.end == TWILIO_GONE ?
	    OK :
	    number_fail(n);
}

static enum rc
detach(struct number *n)
{
	const cJSON *item;

	if (number_export(n))
		return n->r->rc;
	item = look(n);
	if (n->reply.end != TWILIO_OK)
		return number_fail(n);
	if (item != NULL && restore(n, item))
		return n->r->rc;
	return gone(n, "number.detached");
}

static enum rc
release(struct number *n)
{
	const cJSON *item;

	if (number_export(n))
		return n->r->rc;
	item = look(n);
	if (n->reply.end != TWILIO_OK)
		return number_fail(n);
	if (item != NULL) {
		twilio_delete(&n->at, path_of(n, json_path_text(item, "sid")),
		    &n->reply);
		number_waited(n);
		if (n->reply.end != TWILIO_OK && n->reply.end != TWILIO_GONE)
			return number_fail(n);
	}
	return gone(n, "number.released");
}

enum rc
number_settle(struct req *r, const char *id, bool first)
{
	const char *status;
	struct number n;

	if (number_open(&n, r, id) || n.row.count == 0)
		return r->rc;
	status = row_text(&n.row, "status");
	if (str_eq(status, "buying"))
		return buy(&n, first);
	if (str_eq(status, "attaching"))
		return attach(&n);
	if (str_eq(status, "detaching"))
		return detach(&n);
	if (str_eq(status, "releasing"))
		return release(&n);
	return OK;
}
