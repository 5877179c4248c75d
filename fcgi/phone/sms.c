/* sms.c - text messages and consent, as staff see them. */
#include "phone/sms.h"
#include "book/book.h"

#define MESSAGE_SQL \
	"id, direction, kind, ref, from_number, to_number, body, status," \
	" error, sid, created_at AS \"created_at:time\"," \
	" updated_at AS \"updated_at:time\""
#define CONSENT_SQL \
	"id, phone, status, source, note, created_at AS \"created_at:time\"," \
	" updated_at AS \"updated_at:time\""
#define DAY_LONG (INT64_C(24) * 3600 * 1000)

static const struct field list_query[] = {
	{ "phone", F_PHONE, .about = "Only to and from this number" },
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

static const struct field agree_in[] = {
	{ "phone", F_PHONE, .need = true },
	{ "status", F_ENUM, .need = true, .set = "granted|stopped" },
	{ "note", F_TEXT, .max = 500, .about = "How it was agreed" },
	{ 0 },
};

SQL list_sql[] = "SELECT " MESSAGE_SQL " FROM my_sms_message"
		 " WHERE id < COALESCE(CAST(:cursor AS TEXT), 'g')"
		 " AND (CAST(:phone AS TEXT) IS NULL OR from_number = :phone"
		 " OR to_number = :phone) ORDER BY id DESC LIMIT :limit";
SQL consents_sql[] = "SELECT " CONSENT_SQL " FROM my_sms_consent"
		     " WHERE id < COALESCE(CAST(:cursor AS TEXT), 'g')"
		     " AND (CAST(:phone AS TEXT) IS NULL OR phone = :phone)"
		     " ORDER BY id DESC LIMIT :limit";
SQL consent_sql[] = "SELECT " CONSENT_SQL " FROM my_sms_consent"
		    " WHERE phone = :phone";
/* A person's own stop is undone by that person alone. */
SQL agree_sql[] =
    "INSERT INTO sms_consent (id, account_id, phone, status, source, note,"
    " created_at, updated_at) VALUES (:consent_new, app_account(),"
    " :consent_phone, :consent_status, :consent_source, :consent_note,"
    " :now_ms, :now_ms) ON CONFLICT (account_id, phone) DO UPDATE SET"
    " status = excluded.status, source = excluded.source,"
    " note = excluded.note, updated_at = :now_ms"
    " WHERE sms_consent.status <> 'stopped' OR sms_consent.source <> 'sms'"
    " OR excluded.source = 'sms' RETURNING id";
SQL put_sql[] =
    "INSERT INTO sms_message (id, account_id, direction, kind, ref,"
    " to_number, body, status, until, created_at, updated_at)"
    " SELECT CAST(:sms_new AS TEXT), app_account(), 'out',"
    " CAST(:sms_kind AS TEXT), CAST(:sms_ref AS TEXT), c.phone,"
    " CAST(:sms_text AS TEXT), 'queued', CAST(:sms_until AS BIGINT),"
    " CAST(:now_ms AS BIGINT), CAST(:now_ms AS BIGINT)"
    " FROM my_sms_consent c"
    " WHERE c.phone = :sms_to AND c.status = 'granted'"
    " ON CONFLICT (account_id, kind, ref) DO NOTHING RETURNING id";
SQL voice_sql[] =
    "SELECT s.organization_name, s.timezone, s.languages, (SELECT p.locale"
    " FROM my_profile p WHERE p.locale IS NOT NULL"
    " ORDER BY p.user_id LIMIT 1) AS locale, a.name FROM my_account a"
    " LEFT JOIN my_studio s ON s.account_id = a.account_id";

enum rc
sms_voice(struct req *r, struct sms_voice *v)
{
	struct row row;

	if (sql_row(r, voice_sql, &row))
		return r->rc;
	v->name = row_text(&row, "organization_name");
	if (v->name == NULL || *v->name == '\0')
		v->name = row_text(&row, "name");
	if (v->name == NULL)
		v->name = "";
	v->zone = row_text(&row, "timezone");
	v->lang = book_lang(r, &row);
	return OK;
}

enum rc
sms_agree(struct req *r, const char *phone, enum sms_agreed agreed,
    const char *source, bool *done)
{
	struct row row;

	(void)req_new_id(r, "consent_new");
	req_set(r, "consent_phone", val_text(phone));
	req_set(r, "consent_status",
	    val_text(agreed == SMS_GRANTED ? "granted" : "stopped"));
	req_set(r, "consent_source", val_text(source));
	req_set(r, "consent_note", val_text(req_text(r, "note")));
	*done = sql_find(r, agree_sql, &row) == OK && row.count > 0;
	return r->rc;
}

enum rc
sms_put(struct req *r, const struct sms *s)
{
	struct row row;

	(void)req_new_id(r, "sms_new");
	req_set(r, "sms_kind", val_text(s->kind));
	req_set(r, "sms_ref", val_text(s->ref));
	req_set(r, "sms_to", val_text(s->to));
	req_set(r, "sms_text", val_text(s->text));
	req_set(r, "sms_until",
	    val_int(s->until_ms > 0 ? s->until_ms : r->now_ms + DAY_LONG));
	if (sql_find(r, put_sql, &row) || row.count == 0)
		return r->rc;
	return job_put(r, SMS_JOB, row_text(&row, "id"), NULL, r->now_ms);
}

static enum rc
consent_put(struct req *r)
{
	bool granted = str_eq(req_text(r, "status"), "granted"), done;

	if (sms_agree(r, req_text(r, "phone"),
		granted ? SMS_GRANTED : SMS_STOPPED, "staff", &done))
		return r->rc;
	if (!done && granted)
		return fail(r, E_CONFLICT,
		    "this person has stopped our messages; only a START from "
		    "their telephone allows them again");
	return sql_one(r, consent_sql);
}

static const struct route routes[] = {
	{ "GET", "/sms/messages", list_sql, MANY, .query = list_query,
	    .about = "Text messages, the latest first" },
	{ "GET", "/sms/consents", consents_sql, MANY, .query = list_query,
	    .about = "Who may be written to, and who may not" },
	{ "POST", "/sms/consents", consent_sql, ONE, .in = agree_in,
	    .run = consent_put,
	    .about = "Write down that someone agrees to texts, or does not" },
	{ "POST", "/twilio/messages", .who = TWILIO, .pool = HOOK,
	    .flags = FORM, .type = "text/xml", .also = 204, .run = sms_hook,
	    .about = "A text has come in, or what became of one of ours" },
	{ "JOB", SMS_JOB, .who = RUNNER, .tx = TX_OWN, .run = sms_send,
	    .about = "Send a text." },
	{ "JOB", REMIND_JOB, .who = RUNNER, .run = sms_remind,
	    .about = "Remind of the appointments that are near." },
	{ 0 },
};

const struct resource phone_sms = { "phone_sms", "Text messages", routes };
