/* setting.c - how the account's telephone works. */
#include "phone/number.h"
#include "phone/sms.h"
#include "user/patch.h"

static const struct field change_in[] = {
	{ "routing", F_ENUM, .set = "sip|vapi",
	    .about = "sip: we answer and dial the assistant; vapi: numbers are "
		     "imported into Vapi, which answers" },
	{ "transcribe", F_BOOL,
	    .about = "Let Twilio write down what callers leave, in English" },
	{ "sms_confirm", F_BOOL,
	    .about = "Text those who agreed when an appointment is made, "
		     "moved or cancelled" },
	{ "sms_remind", F_BOOL },
	{ "sms_remind_minutes", F_INT, .min = 15, .max = 20160,
	    .about = "How long before the appointment; 1440 by default" },
	{ "sms_from", F_PHONE,
	    .about = "Sender of texts; null: the account's number" },
	{ 0 },
};

#define ALL \
	"routing|transcribe|sms_confirm|sms_remind|sms_remind_minutes|sms_from"

SQL get_sql[] =
    "SELECT coalesce(s.routing, 'sip') AS routing,"
    " coalesce(s.transcribe, 1) AS \"transcribe:bool\","
    " coalesce(s.sms_confirm, 0) AS \"sms_confirm:bool\","
    " coalesce(s.sms_remind, 0) AS \"sms_remind:bool\","
    " coalesce(s.sms_remind_minutes, 1440) AS \"sms_remind_minutes:int\","
    " s.sms_from FROM my_account a"
    " LEFT JOIN my_phone_setting s ON s.account_id = a.account_id";
SQL add_sql[] = "INSERT INTO phone_setting (account_id, created_at,"
		" updated_at) VALUES (app_account(), :now_ms, :now_ms)"
		" ON CONFLICT (account_id) DO NOTHING";

#define GIVEN_OR(x, y) \
	x " = CASE WHEN :has_" x " = 1 THEN coalesce(CAST(:" x \
	  " AS BIGINT), " y ") ELSE " x " END, "

SQL save_sql[] =
    "UPDATE phone_setting SET routing = CASE WHEN :has_routing = 1"
    " THEN coalesce(:routing, 'sip') ELSE routing END, " GIVEN_OR("transcribe",
	"1") GIVEN_OR("sms_confirm", "0") GIVEN_OR("sms_remind",
	"0") GIVEN_OR("sms_remind_minutes",
	"1440") " sms_from = CASE WHEN :has_sms_from = 1 THEN :sms_from ELSE sms_from"
		" END, updated_at = :now_ms WHERE account_id = app_account()";

static enum rc
setting_save(struct req *r, const struct row *old)
{
	if (sql_do(r, add_sql) || sql_do(r, save_sql))
		return r->rc;
	if (patch_changes(r, old, "routing") && number_reroute(r))
		return r->rc;
	if (patch_changes_any(r, old, "sms_remind|sms_remind_minutes"))
		return sms_remind_later(r, r->now_ms);
	return OK;
}

static enum rc
setting_patch(struct req *r)
{
	struct row old;

	patch_clean(r, change_in);
	if (sql_row(r, get_sql, &old))
		return r->rc;
	if (patch_changes_any(r, &old, ALL) && setting_save(r, &old))
		return r->rc;
	return sql_one(r, get_sql);
}

static const struct route routes[] = {
	{ "GET", "/phone_settings", get_sql, ONE,
	    .about = "How the account's telephone works" },
	{ "PATCH", "/phone_settings", get_sql, ONE, .who = ADMIN,
	    .in = change_in, .run = setting_patch,
	    .about = "Change what is given" },
	{ 0 },
};

const struct resource phone_setting = { "phone_setting",
	"How the account's telephone works", routes };
