/* letter.c - what is mailed to the account's fallback address. */
#include "base/conf.h"
#include "peer/mail.h"
#include "phone/sms.h"
#include "phone/voicemail.h"

SQL to_sql[] = "SELECT fallback_email FROM my_studio"
	       " WHERE fallback_email IS NOT NULL";
SQL voicemail_sql[] =
    "SELECT v.id, v.from_number, v.duration_s, v.transcript, v.created_at,"
    " p.name FROM my_voice_message v LEFT JOIN my_call c ON c.id = v.call_id"
    " LEFT JOIN my_contact p ON p.id = c.contact_id"
    " WHERE v.id = :ref AND v.mailed_at IS NULL";
SQL mailed_sql[] = "UPDATE voice_message SET mailed_at = :mailed_at"
		   " WHERE account_id = app_account() AND id = :ref";
SQL task_sql[] = "SELECT id, text, updated_at FROM my_staff_task"
		 " WHERE id = :ref AND status = 'open'";

enum rc
letter_send(struct req *r, const struct letter *l, bool *sent)
{
	struct mime_letter m = { .subject = l->subject,
		.text = l->text,
		.id = l->id,
		.date_ms = r->now_ms };
	int64_t start = clock_tick_us();
	struct sms_voice v;
	enum mail_end end;
	const char *why;
	struct row row;

	*sent = false;
	if (!mail_ready() || sql_find(r, to_sql, &row) || row.count == 0 ||
	    sms_voice(r, &v))
		return r->rc;
	m.to = row_text(&row, "fallback_email");
	m.name = v.name;
	if (l->subject == NULL || l->text == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	end = mail_send(r->arena, &m, &why);
	r->peer_us += clock_tick_us() - start;
	*sent = end == MAIL_SENT;
	if (end == MAIL_REFUSED)
		return fail(r, E_CONFLICT, "the mail server refuses: %s", why);
	if (end == MAIL_LATER)
		return fail(r, E_PEER, "the mail did not go out: %s", why);
	return OK;
}

static void
line_add(struct buf *b, const char *line)
{
	buf_str(b, line);
	buf_str(b, "\n");
}

static void
text_write(struct req *r, struct buf *b, const struct sms_voice *v,
    const struct row *row)
{
	struct civil c = zone_civil(v->zone, row_int(row, "created_at"));
	struct val seconds = row_val(row, "duration_s");
	struct arena *a = r->arena;

	line_add(b,
	    phrase(a, v->lang, PHRASE_MAIL_WHEN, phrase_when(a, v->lang, &c)));
	if (seconds.type == VAL_INT)
		line_add(b,
		    phrase(a, v->lang, PHRASE_MAIL_LENGTH,
			arena_printf(a, "%lld", (long long)seconds.i)));
	line_add(b,
	    phrase(a, v->lang, PHRASE_MAIL_LISTEN,
		arena_printf(a, "%s/api/voicemails/%s/recording",
		    conf->public_url, row_text(row, "id"))));
	if (row_text(row, "transcript") == NULL)
		return;
	line_add(b, "");
	line_add(b, phrase(a, v->lang, PHRASE_MAIL_TRANSCRIPT));
	line_add(b, "");
	line_add(b, row_text(row, "transcript"));
}

/* Who called: name and number, as far as they are known. */
static const char *
caller_of(struct req *r, const struct sms_voice *v, const struct row *row)
{
	const char *from = row_text(row, "from_number");
	const char *name = row_text(row, "name");

	if (from == NULL)
		return phrase(r->arena, v->lang, PHRASE_HIDDEN);
	return name == NULL ? from :
			      arena_printf(r->arena, "%s (%s)", name, from);
}

enum rc
voicemail_mail(struct req *r)
{
	struct sms_voice v;
	struct letter l;
	struct row row;
	struct buf b;
	bool sent;

	if (sql_find(r, voicemail_sql, &row) || row.count == 0 ||
	    sms_voice(r, &v))
		return r->rc;
	buf_init(&b, r->arena);
	text_write(r, &b, &v, &row);
	l = (struct letter) { row_text(&row, "id"),
		phrase(r->arena, v.lang, PHRASE_MAIL_VOICEMAIL,
		    caller_of(r, &v, &row)),
		b.bad ? NULL : buf_text(&b) };
	if (letter_send(r, &l, &sent) || !sent)
		return r->rc;
	req_set(r, "mailed_at", val_int(clock_now_ms()));
	if (req_begin(r, DB_WRITE) || sql_do(r, mailed_sql))
		return r->rc;
	return req_commit(r);
}

enum rc
callback_mail(struct req *r)
{
	struct letter l;
	struct row row;
	bool sent;

	if (sql_find(r, task_sql, &row) || row.count == 0)
		return r->rc;
	/* a task that was opened again is a letter of its own */
	l = (struct letter) { arena_printf(r->arena, "%s-%lld",
				  row_text(&row, "id"),
				  (long long)row_int(&row, "updated_at")),
		row_text(&row, "text"), row_text(&row, "text") };
	return letter_send(r, &l, &sent);
}
