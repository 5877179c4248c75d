/* number.c - the telephone numbers of an account, as staff see them. */
#include <ctype.h>
#include <string.h>

#include "base/conf.h"
#include "phone/number.h"
#include "vault/vault.h"

#define COLUMNS_SQL \
	"id, number, account_sid, sid, status, bought AS \"bought:bool\"," \
	" routing, sms AS \"sms:bool\", drift, last_error," \
	" checked_at AS \"checked_at:time\"," \
	" created_at AS \"created_at:time\"," \
	" updated_at AS \"updated_at:time\""

static const char *
country_must(const char *s)
{
	return strlen(s) == 2 && isupper((unsigned char)s[0]) &&
		isupper((unsigned char)s[1]) ?
	    NULL :
	    "two capital letters, such as US";
}

static const char *
contains_must(const char *s)
{
	size_t n = strlen(s);

	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && *s != '*' && *s != '+')
			n = 0;
	return n >= 2 && n <= 16 ? NULL :
				   "2 to 16 digits or letters; * is any digit";
}

static const struct field search_query[] = {
	{ "country", F_TEXT, .must = country_must, .about = "US by default" },
	{ "type", F_ENUM, .set = "local|toll_free|mobile",
	    .about = "local by default" },
	{ "area_code", F_INT, .min = 200, .max = 999,
	    .about = "In the US and Canada" },
	{ "contains", F_TEXT, .must = contains_must },
	{ "sms", F_BOOL, .about = "Only numbers that can text" },
	{ "limit", F_INT, .min = 1, .max = 100, .about = "20 by default" },
	{ 0 },
};

static const struct field add_in[] = {
	{ "number", F_PHONE, .need = true },
	{ "strategy", F_ENUM, .need = true, .set = "attach|purchase",
	    .about = "attach: it is in the Twilio account; purchase: buy it" },
	{ "buy", F_BOOL, .about = "Must be true to buy: it costs money" },
	{ "account_sid", F_TEXT, .max = 64, .must = vault_sid_must,
	    .about = "A subaccount with a token; else the account's own" },
	{ 0 },
};

static const struct field drop_query[] = {
	{ "release", F_BOOL,
	    .about = "true: give the number up at Twilio, for good; else it "
		     "stays there and only leads here no more" },
	{ 0 },
};

SQL get_sql[] = "SELECT " COLUMNS_SQL " FROM my_phone_line WHERE id = :id";
SQL all_sql[] = "SELECT " COLUMNS_SQL " FROM my_phone_line ORDER BY number";
SQL known_sql[] = "SELECT id, status FROM my_phone_line"
		  " WHERE number = :number";
SQL add_sql[] =
    "INSERT INTO phone_line (id, account_id, number, account_sid, status,"
    " created_at, updated_at) VALUES (:id, app_account(), :number, :n_sid,"
    " :n_status, :now_ms, :now_ms)";
SQL again_sql[] =
    "UPDATE phone_line SET status = :n_status, account_sid = :n_sid,"
    " tried_at = NULL, last_error = NULL"
    " WHERE account_id = app_account() AND id = :id AND status = 'failed'";
SQL state_sql[] =
    "UPDATE phone_line SET status = :n_status"
    " WHERE account_id = app_account() AND id = :id"
    " AND status IN ('attaching', 'active', 'failed') RETURNING id";
SQL reroute_sql[] = "UPDATE phone_line SET status = 'attaching'"
		    " WHERE account_id = app_account() AND status = 'active'";
SQL unsettled_sql[] = "SELECT id FROM my_phone_line WHERE status NOT IN"
		      " ('active', 'failed') ORDER BY id";
SQL unproven_sql[] = "DELETE FROM number_proof WHERE account_id = :account";

enum rc
number_unproven(struct req *r)
{
	return sql_do(r, unproven_sql);
}

enum rc
number_push_all(struct req *r)
{
	struct row *list;

	if (sql_rows(r, unsettled_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next)
		if (job_put(r, NUMBER_JOB, row_text(list, "id"), NULL,
			r->now_ms))
			return r->rc;
	return job_put(r, CHECK_JOB, r->account, NULL, r->now_ms);
}

enum rc
number_reroute(struct req *r)
{
	return sql_do(r, reroute_sql) ? r->rc : number_push_all(r);
}

enum rc
number_job(struct req *r)
{
	return number_settle(r, req_text(r, "ref"), false);
}

/* --- at Twilio
 * ------------------------------------------------------------------ */

static enum rc
twilio_open(struct req *r, const char *sid, struct twilio *t)
{
	struct vault_key key;

	if (vault_key(r, sid, &key))
		return r->rc;
	if (key.sid == NULL)
		return fail(r, E_CONFLICT,
		    "there is no token for this Twilio account; save one in "
		    "the Twilio settings");
	twilio_init(t, r->arena, key.sid, key.token, conf->peer_timeout_ms);
	return OK;
}

static void
remote_write(struct jout *j, const char *sid, const cJSON *item)
{
	jout_open(j, '{');
	jout_put_str(j, "id", NULL);
	jout_put_str(j, "number", json_path_text(item, "phone_number"));
	jout_put_str(j, "account_sid", sid);
	jout_put_str(j, "sid", json_path_text(item, "sid"));
	jout_put_str(j, "status", "elsewhere");
	jout_put_str(j, "friendly_name", json_path_text(item, "friendly_name"));
	jout_put_bool(j, "voice",
	    cJSON_IsTrue(json_path(item, "capabilities.voice")));
	jout_put_bool(j, "sms",
	    cJSON_IsTrue(json_path(item, "capabilities.sms")));
	jout_close(j, '}');
}

static bool
is_ours(const struct row *list, const char *number)
{
	for (; list != NULL; list = list->next)
		if (str_eq(row_text(list, "number"), number))
			return true;
	return false;
}

/* Numbers of one Twilio account that do not lead here; or why not known. */
static enum rc
list_remote(struct req *r, const char *sid, const struct row *ours,
    const char **why)
{
	struct twilio_reply reply;
	struct twilio_form q;
	const cJSON *item;
	struct twilio t;

	if (twilio_open(r, sid, &t))
		return r->rc;
	twilio_form(&t, &q);
	twilio_add(&q, "PageSize", "1000");
	twilio_list(&t, "/IncomingPhoneNumbers.json", "incoming_phone_numbers",
	    &q, &reply);
	r->peer_us += t.spent_us;
	if (reply.end != TWILIO_OK) {
		*why = reply.end == TWILIO_KEY ?
		    "Twilio refuses the stored token; save a valid one" :
		    "Twilio does not answer now";
		return OK;
	}
	cJSON_ArrayForEach(item,
	    reply.json) if (!is_ours(ours,
				json_path_text(item, "phone_number")))
	    remote_write(&r->json_out, sid, item);
	return OK;
}

/* What leads here, then what could. Ours are told even when Twilio is away. */
static enum rc
number_list(struct req *r)
{
	struct jout *j = &r->json_out;
	struct row *ours, *sids;
	const char *why = NULL;

	if (sql_rows(r, all_sql, &ours) || vault_sids(r, &sids))
		return r->rc;
	jout_open(j, '{');
	jout_name(j, "data");
	jout_open(j, '[');
	for (const struct row *row = ours; row != NULL; row = row->next) {
		jout_open(j, '{');
		row_json(j, row);
		jout_close(j, '}');
	}
	for (; sids != NULL; sids = sids->next)
		if (list_remote(r, row_text(sids, "account_sid"), ours, &why))
			return r->rc;
	jout_close(j, ']');
	jout_put_str(j, "next_cursor", NULL);
	jout_put_bool(j, "complete", why == NULL);
	jout_put_str(j, "reason", why);
	jout_close(j, '}');
	return OK;
}

static const char *
search_path(struct req *r)
{
	const char *country = req_text(r, "country");
	const char *type = req_text(r, "type");

	return arena_printf(r->arena, "/AvailablePhoneNumbers/%s/%s.json",
	    country != NULL ? country : "US",
	    str_eq(type, "toll_free")  ? "TollFree" :
		str_eq(type, "mobile") ? "Mobile" :
					 "Local");
}

static void
search_form(struct req *r, struct twilio *t, struct twilio_form *q)
{
	struct val area = req_get(r, "area_code"), sms = req_get(r, "sms");
	struct val limit = req_get(r, "limit");

	twilio_form(t, q);
	if (area.type == VAL_INT)
		twilio_add(q, "AreaCode",
		    arena_printf(r->arena, "%lld", (long long)area.i));
	twilio_add(q, "Contains", req_text(r, "contains"));
	twilio_add(q, "VoiceEnabled", "true");
	if (sms.type == VAL_INT && sms.i == 1)
		twilio_add(q, "SmsEnabled", "true");
	twilio_add(q, "PageSize",
	    arena_printf(r->arena, "%lld",
		limit.type == VAL_INT ? (long long)limit.i : 20LL));
}

/* Capabilities come in small and in capital letters. */
static bool
can(const cJSON *item, const char *name)
{
	return cJSON_IsTrue(
	    cJSON_GetObjectItem(json_get(item, "capabilities"), name));
}

static void
offer_write(struct jout *j, const cJSON *item)
{
	jout_open(j, '{');
	jout_put_str(j, "number", json_path_text(item, "phone_number"));
	jout_put_str(j, "friendly_name", json_path_text(item, "friendly_name"));
	jout_put_str(j, "locality", json_path_text(item, "locality"));
	jout_put_str(j, "region", json_path_text(item, "region"));
	jout_put_str(j, "country", json_path_text(item, "iso_country"));
	jout_put_str(j, "address_requirements",
	    json_path_text(item, "address_requirements"));
	jout_put_bool(j, "voice", can(item, "voice"));
	jout_put_bool(j, "sms", can(item, "sms"));
	jout_close(j, '}');
}

static enum rc
search_fail(struct req *r, const struct twilio_reply *reply)
{
	switch (reply->end) {
	case TWILIO_KEY:
		return fail(r, E_CONFLICT,
		    "Twilio refuses the stored token; save a valid one");
	case TWILIO_GONE:
		return fail(r, E_INPUT,
		    "Twilio has no numbers of this type in this country");
	case TWILIO_REFUSED:
		return fail(r, E_INPUT, "Twilio refuses this search: %s",
		    reply->message);
	default:
		return fail(r, E_PEER, "Twilio did not do this: %s",
		    reply->message);
	}
}

static enum rc
number_search(struct req *r)
{
	struct jout *j = &r->json_out;
	struct twilio_reply reply;
	struct twilio_form q;
	const cJSON *item;
	struct twilio t;

	if (twilio_open(r, NULL, &t))
		return r->rc;
	search_form(r, &t, &q);
	twilio_get(&t, search_path(r), &q, &reply);
	r->peer_us += t.spent_us;
	if (reply.end != TWILIO_OK)
		return search_fail(r, &reply);
	jout_open(j, '{');
	jout_name(j, "data");
	jout_open(j, '[');
	cJSON_ArrayForEach(item,
	    json_get(reply.json, "available_phone_numbers"))
	    offer_write(j, item);
	jout_close(j, ']');
	jout_put_str(j, "next_cursor", NULL);
	jout_close(j, '}');
	return OK;
}

/* --- ours --------------------------------------------------------------------
 */

/* Take the first try; what is left of it the job will do. */
static enum rc
try_now(struct req *r, const char *id, int good)
{
	enum rc rc = number_settle(r, id, true);
	struct row row;

	req_rollback(r);
	if (rc == E_PEER || rc == E_BUSY) {
		/* the row waits: nothing is lost, and nothing is known */
		r->rc = OK;
		r->reason = NULL;
		if (sql_find(r, get_sql, &row))
			return r->rc;
		if (row.count == 0)
			return fail(r, E_PEER,
			    "Twilio did not do this; try again");
		r->status = 202;
		return sql_one(r, get_sql);
	}
	if (rc != OK)
		return rc;
	if (req_begin(r, DB_WRITE) || job_drop(r, NUMBER_JOB, id) ||
	    req_commit(r))
		return r->rc;
	r->status = good;
	return good == 204 ? OK : sql_one(r, get_sql);
}

/* Write down what shall be, with a job for the case that we die. */
static enum rc
intend(struct req *r, const char *sql, const char *status)
{
	struct row row;

	req_set(r, "n_status", val_text(status));
	if (sql_find(r, sql, &row))
		return r->rc;
	return job_put(r, NUMBER_JOB, req_text(r, "id"), NULL,
	    r->now_ms + conf->repair_after_ms + 2 * conf->peer_timeout_ms);
}

/* A row for the number: new, or one whose purchase has failed. */
static enum rc
number_row(struct req *r, const char *status)
{
	struct row row;

	if (sql_find(r, known_sql, &row))
		return r->rc;
	if (row.count == 0) {
		(void)req_new_id(r, "id");
		return intend(r, add_sql, status);
	}
	req_set(r, "id", row_val(&row, "id"));
	if (str_eq(row_text(&row, "status"), "failed"))
		return intend(r, again_sql, status);
	return fail(r, E_CONFLICT, "this number is %s already",
	    row_text(&row, "status"));
}

static enum rc
number_add(struct req *r)
{
	bool purchase = str_eq(req_text(r, "strategy"), "purchase");
	struct val buy = req_get(r, "buy");
	const char *sid = req_text(r, "account_sid");
	struct twilio t = { 0 };

	if (purchase && (buy.type != VAL_INT || buy.i != 1))
		return fail_field(r, "buy",
		    "must be true: buying a number costs money");
	if (req_begin(r, DB_WRITE) || twilio_open(r, sid, &t))
		return r->rc;
	req_set(r, "n_sid", val_text(t.account));
	if (number_row(r, purchase ? "buying" : "attaching") || req_commit(r))
		return r->rc;
	return try_now(r, req_text(r, "id"), 201);
}

/* Change the state of a row that is settled. */
static enum rc
number_turn(struct req *r, const char *status, int good)
{
	const char *id = req_text(r, "id");
	struct row row;

	if (req_begin(r, DB_WRITE) || sql_row(r, get_sql, &row))
		return r->rc;
	if (str_in("buying|detaching|releasing", row_text(&row, "status")))
		return fail(r, E_CONFLICT, "this number is %s just now",
		    row_text(&row, "status"));
	if (intend(r, state_sql, status) || req_commit(r))
		return r->rc;
	return try_now(r, id, good);
}

static enum rc
number_provision(struct req *r)
{
	return number_turn(r, "attaching", 200);
}

static enum rc
number_drop(struct req *r)
{
	struct val release = req_get(r, "release");

	return number_turn(r,
	    release.type == VAL_INT && release.i == 1 ? "releasing" :
							"detaching",
	    204);
}

static const struct route routes[] = {
	{ "GET", "/twilio/numbers", .pool = WAIT, .tx = TX_OWN,
	    .run = number_list,
	    .about = "Numbers that lead here, and others of the Twilio "
		     "accounts (status elsewhere)" },
	{ "GET", "/twilio/numbers/available", .pool = WAIT, .tx = TX_OWN,
	    .query = search_query, .run = number_search,
	    .about = "Numbers that can be bought" },
	{ "GET", "/twilio/numbers/:id", get_sql, ONE, .about = "One number" },
	{ "POST", "/twilio/numbers", get_sql, ONE, 201, .who = ADMIN,
	    .pool = WAIT, .tx = TX_OWN, .in = add_in, .run = number_add,
	    .also = 202,
	    .about = "Let a number lead here, or buy it; 202: Twilio has not "
		     "answered yet, the row tells what comes of it" },
	{ "POST", "/twilio/numbers/:id/provision", get_sql, ONE, .who = ADMIN,
	    .pool = WAIT, .tx = TX_OWN, .flags = OPTIONAL,
	    .run = number_provision, .also = 202,
	    .about = "Set its webhooks again" },
	{ "DELETE", "/twilio/numbers/:id", get_sql, ONE, 204, .who = ADMIN,
	    .pool = WAIT, .tx = TX_OWN, .query = drop_query, .run = number_drop,
	    .also = 202,
	    .about = "Let it lead here no more; its webhooks become what they "
		     "were" },
	{ "JOB", NUMBER_JOB, .who = RUNNER, .tx = TX_OWN, .run = number_job,
	    .about = "Do what is left of a number's change." },
	{ "JOB", CHECK_JOB, .who = RUNNER, .tx = TX_OWN, .run = number_check,
	    .about = "Look whose the numbers are, and where they lead." },
	{ 0 },
};

const struct resource phone_number = { "phone_number",
	"Telephone numbers at Twilio", routes };
