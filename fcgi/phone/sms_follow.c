/* sms_follow.c - what is said of an appointment: at once, and as a reminder. */
#include "book/book.h"
#include "phone/sms.h"

#define ONE_RUN 100 /* reminders in one transaction */

#define REF_SQL "a.id || ':' || CAST(a.starts_at AS TEXT)"

SQL one_sql[] =
    "SELECT " REF_SQL " AS ref, a.phone, a.starts_at, a.zone, a.status,"
    " s.sms_confirm AS \"sms_confirm:bool\","
    " s.sms_remind AS \"sms_remind:bool\", s.sms_remind_minutes"
    " FROM my_appointment a JOIN my_phone_setting s"
    " ON s.account_id = a.account_id WHERE a.id = :follow_id"
    " AND a.phone IS NOT NULL AND a.starts_at > :now_ms";

#define WANTED_SQL \
	" FROM my_appointment a JOIN my_phone_setting s" \
	" ON s.account_id = a.account_id AND s.sms_remind = 1" \
	" JOIN my_sms_consent c ON c.phone = a.phone AND c.status = 'granted'" \
	" WHERE a.status = 'scheduled' AND a.starts_at > :now_ms" \
	" AND a.created_at <= a.starts_at - s.sms_remind_minutes * 60000"

SQL due_sql[] =
    "SELECT " REF_SQL " AS ref, a.phone, a.starts_at, a.zone" WANTED_SQL
    " AND a.starts_at <= :now_ms + s.sms_remind_minutes * 60000"
    " AND NOT EXISTS (SELECT 1 FROM my_sms_message m"
    " WHERE m.kind = 'reminder' AND m.ref = " REF_SQL ")"
    " ORDER BY a.starts_at, a.id LIMIT 100";
SQL next_sql[] =
    "SELECT min(a.starts_at - s.sms_remind_minutes * 60000) AS next_ms" WANTED_SQL
    " AND a.starts_at > :now_ms + s.sms_remind_minutes * 60000";

/* "Practice: your appointment is on Tuesday, March 3, at 9 AM." */
static enum rc
say(struct req *r, const struct row *a, const char *kind, enum phrase id)
{
	struct sms_voice v;
	struct civil c;
	struct sms s = { .kind = kind,
		.ref = row_text(a, "ref"),
		.to = row_text(a, "phone"),
		.until_ms = row_int(a, "starts_at") };

	if (sms_voice(r, &v))
		return r->rc;
	c = zone_civil(row_text(a, "zone"), row_int(a, "starts_at"));
	s.text = phrase(r->arena, v.lang, id, v.name,
	    phrase_when(r->arena, v.lang, &c));
	if (s.text == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	return sms_put(r, &s);
}

enum rc
sms_remind_later(struct req *r, int64_t t_ms)
{
	return job_put(r, REMIND_JOB, r->account, NULL,
	    t_ms > r->now_ms ? t_ms : r->now_ms);
}

enum rc
sms_follow(struct req *r, const char *appointment)
{
	const char *status;
	struct row a;

	req_set(r, "follow_id", val_text(appointment));
	if (sql_find(r, one_sql, &a) || a.count == 0)
		return r->rc;
	status = row_text(&a, "status");
	if (row_int(&a, "sms_confirm") == 1) {
		if (str_eq(status, "scheduled") &&
		    say(r, &a, "confirmation", PHRASE_SMS_BOOKED))
			return r->rc;
		if (str_eq(status, "cancelled") &&
		    say(r, &a, "cancellation", PHRASE_SMS_CANCELLED))
			return r->rc;
	}
	if (row_int(&a, "sms_remind") != 1 || !str_eq(status, "scheduled"))
		return OK;
	return sms_remind_later(r,
	    row_int(&a, "starts_at") -
		row_int(&a, "sms_remind_minutes") * 60000);
}

enum rc
sms_trouble(struct req *r, const char *appointment)
{
	struct row a;

	req_set(r, "follow_id", val_text(appointment));
	if (sql_find(r, one_sql, &a) || a.count == 0 ||
	    row_int(&a, "sms_confirm") != 1)
		return r->rc;
	return say(r, &a, "trouble", PHRASE_SMS_CALL_US);
}

enum rc
sms_remind(struct req *r)
{
	struct row *list, next;
	struct val at;
	int n = 0;

	if (sql_rows(r, due_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next, n++)
		if (say(r, list, "reminder", PHRASE_SMS_REMIND))
			return r->rc;
	if (n == ONE_RUN)
		return sms_remind_later(r, r->now_ms);
	if (sql_row(r, next_sql, &next))
		return r->rc;
	at = row_val(&next, "next_ms");
	return at.type == VAL_INT ? sms_remind_later(r, at.i) : OK;
}
