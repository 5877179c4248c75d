/* rows.c - one valid row for each table; @ stands for the account. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "schema.h"

struct row_text {
	const char *table;
	const char *columns; /* but account_id, created_at and updated_at */
	const char *values;
};

/* Parents first. */
static const struct row_text rows[] = {
	{ "account", "name", "'Practice @'" },
	{ "profile", "user_id, full_name", "'@-user', 'Owner @'" },
	{ "user_onboarding", "user_id", "'@-user'" },
	{ "studio", "timezone, languages", "'Europe/Paris', '[\"fr\"]'" },
	{ "credential", "id, kind, sealed, key_id, preview",
	    "'@-credential', 'twilio', 'sealed @', 1, '****1234'" },
	{ "assistant", "id, name, body, fingerprint, status",
	    "'@-assistant', 'Ava', '{}', 'print @', 'active'" },
	{ "resource", "id, name, kind", "'@-resource', 'Chair', 'room'" },
	{ "service", "id, name, minutes", "'@-service', 'Cleaning', 30" },
	{ "availability_exception", "id, resource_id, kind, from_date, to_date",
	    "'@-except', '@-resource', 'closed', '2026-12-25', '2026-12-26'" },
	{ "availability_rule", "id, resource_id, weekday, from_min, to_min",
	    "'@-rule', '@-resource', 0, 540, 1080" },
	{ "contact", "id, phone, name", "'@-contact', '+14155550111', 'C'" },
	{ "appointment",
	    "id, resource_id, contact_id, service_id, name, starts_at,"
	    " ends_at, blocked_from, blocked_to, zone",
	    "'@-appointment', '@-resource', '@-contact', '@-service',"
	    " 'C', 1800000, 3600000, 1800000, 3600000, 'Europe/Paris'" },
	{ "call", "id, contact_id, twilio_sid, status",
	    "'@-call', '@-contact', 'CA@', 'ringing'" },
	{ "hold",
	    "id, resource_id, call_id, starts_at, blocked_from, blocked_to,"
	    " expires_at",
	    "'@-hold', '@-resource', '@-call', 1, 1, 2, 3" },
	{ "calendar_feed", "id, name, resource_id, detail, token_hash",
	    "'@-feed', 'Phone', '@-resource', 'full', 'hash @'" },
	{ "tool_result", "vapi_call, tool_call, tool, answer",
	    "'@-vapi', '@-tool', 'book-appointment', '{}'" },
	{ "event", "id, kind", "'@-event', 'call.begun'" },
	{ "staff_task", "id, kind, ref, text",
	    "'@-task', 'pms.writeback', '@-appointment', 'Call back'" },
	{ "phone_setting", "routing", "'sip'" },
	{ "twilio_token", "id, account_sid, sealed, key_id, preview",
	    "'@-token', 'AC@', 'sealed @', 1, '****1234'" },
	{ "phone_line", "id, number, account_sid, status",
	    "'@-line', '+14155550111', 'AC@', 'active'" },
	{ "voice_message", "id, call_id, recording_sid, recording_url",
	    "'@-message', '@-call', 'RE@', 'https://example.com/@'" },
	{ "sms_consent", "id, phone, status, source",
	    "'@-consent', '+14155550111', 'granted', 'staff'" },
	{ "sms_message", "id, direction, kind, ref, body, status",
	    "'@-sms', 'out', 'reminder', '@-appointment', 'Hello', 'queued'" },
	{ "on_call", "id, name, phone", "'@-human', 'H', '+14155550111'" },
	{ "transfer", "id, call_id, way, status",
	    "'@-transfer', '@-call', 'control', 'asked'" },
	{ "breaker", "provider, failures", "'sikka', 1" },
	{ "pms_link", "id, provider, status", "'@-link', 'sikka', 'active'" },
	{ "pms_provider", "id, ext_id, active, resource_id, pass_at",
	    "'@-doctor', 'DR1', 1, '@-resource', 1" },
	{ "pms_patient", "id, ext_id, cell_key, name_key, pass_at",
	    "'@-patient', '17', '4155550111', 'c', 1" },
	{ "pms_appointment",
	    "id, ext_id, state, starts_at, ends_at, resource_id,"
	    " appointment_id, busy, pass_at",
	    "'@-visit', '18', 'scheduled', 1800000, 3600000, '@-resource',"
	    " '@-appointment', 0, 1" },
	{ "pms_writeback",
	    "id, appointment_id, root, provider, verb, state, stage",
	    "'@-writeback', '@-appointment', '@-appointment', 'sikka',"
	    " 'book', 'queued', 'patient'" },
	{ "onboarding_session", "id, user_id, expires_at",
	    "'@-onboarding', '@-user', 1800000" },
	{ "ai_usage", "id, user_id, kind, status, month",
	    "'@-usage', '@-user', 'industry', 'done', '2026-02'" },
	{ "ai_budget", "month, spent", "'2026-02', 7" },
	{ "ai_cache", "key, answer, expires_at", "'@-key', '{}', 1800000" },
	{ "ai_rate", "who, count, since", "'@-user', 1, 1" },
	{ "setup", "last_step", "'voice'" },
	{ "setup_step", "step, data, completed_at", "'voice', '{}', 1" },
	{ "knowledge_file", "id, name, kind, bytes, digest, status",
	    "'@-file', 'prices.txt', 'txt', 5, 'digest @', 'stored'" },
	{ "integration", "id, name, type, status",
	    "'@-integration', 'Sikka', 'pms', 'disconnected'" },
	{ "track", "id, name, flow, run, cause, data, happened_at",
	    "'@-track', 'onboarding_started', 'onboarding', '@-user',"
	    " 'cause @', '{}', 1" },
};

static const char user_row[] =
    "INSERT INTO app_user (id, email, email_folded, password_hash,"
    " created_at, updated_at) VALUES ('@-user', '@', '@', 'x', 1, 1)";

static const char *
put_account(const char *text, const char *account)
{
	char out[1024] = "";
	size_t n = 0;

	for (; *text != '\0' && n < sizeof(out) - 40; text++)
		if (*text == '@')
			n += (size_t)snprintf(out + n, 30, "%s", account);
		else
			out[n++] = *text;
	out[n] = '\0';
	return scratch_text("%s", out);
}

const char *
schema_known(int i)
{
	return (size_t)i < COUNT(rows) ? rows[i].table : NULL;
}

const char *
schema_row(const char *table, const char *account)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_eq(rows[i].table, table))
			return put_account(
			    scratch_text(
				"INSERT INTO %s"
				" (account_id, %s, created_at, updated_at) VALUES"
				" ('@', %s, 1, 1)",
				table, rows[i].columns, rows[i].values),
			    account);
	return NULL;
}

void
schema_fill(struct db *db, const char *account)
{
	db_scope(db, account);
	if (scratch_do(db, put_account(user_row, account), NULL) != OK)
		fail_msg("app_user: %s", db_why(db));
	for (int i = 0; schema_known(i) != NULL; i++) {
		const char *sql = schema_row(schema_known(i), account);

		if (scratch_do(db, sql, NULL) != OK)
			fail_msg("%s: %s", sql, db_why(db));
	}
	db_scope(db, NULL);
}
