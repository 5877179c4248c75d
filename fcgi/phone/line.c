/* line.c - the account's telephone line, and what a webhook says of a call. */
#include <string.h>

#include "phone/phone.h"

#define VALUE_MAX 2000 /* bytes; Twilio's longest are addresses */

/* Of several assistants that are ready, the latest answers. */
SQL line_sql[] =
    "SELECT s.languages, s.terms_accepted_at, s.after_hours,"
    " s.transfer_number, coalesce((SELECT f.transcribe"
    " FROM my_phone_setting f), 1) AS \"transcribe:bool\","
    " (SELECT p.locale FROM my_profile p"
    " WHERE p.locale IS NOT NULL ORDER BY p.user_id LIMIT 1)"
    " AS locale, a.id AS assistant_id, a.line_uri FROM my_studio s"
    " LEFT JOIN my_assistant a ON a.id = (SELECT b.id FROM my_assistant b"
    " WHERE b.status = 'active' AND b.line_uri IS NOT NULL"
    " ORDER BY b.created_at DESC, b.id DESC LIMIT 1)";

enum rc
line_read(struct req *r, struct line *line)
{
	struct row row;
	enum rc rc = sql_find(r, line_sql, &row);

	memset(line, 0, sizeof(*line));
	if (rc != OK || row.count == 0)
		return rc;
	line->lang = book_lang(r, &row);
	line->terms = row_val(&row, "terms_accepted_at").type == VAL_INT;
	line->night = str_eq(row_text(&row, "after_hours"), "assistant");
	line->transcribe = row_int(&row, "transcribe") == 1;
	line->transfer = row_text(&row, "transfer_number");
	line->assistant = row_text(&row, "assistant_id");
	line->uri = row_text(&row, "line_uri");
	return OK;
}

bool
line_transcribes(const struct line *line)
{
	return line->transcribe && line->lang == LANG_EN;
}

const char *
phone_value(const struct req *r, const char *name)
{
	const char *s = http_pair(&r->form, name);

	/* what is longer than any of Twilio's values is not one of them */
	return s != NULL && *s != '\0' && strlen(s) <= VALUE_MAX ? s : NULL;
}

/*
 * Networks that hide the caller put words there, or numbers that spell
 * anonymous, restricted, blocked, unknown and unavailable on a keypad.
 */
const char *
phone_caller(const struct req *r)
{
	static const char hidden[] = "+266696687|+7378742833|+2562533|"
				     "+8656696|+86282452253";
	const char *from = phone_value(r, "From");

	if (from == NULL)
		from = phone_value(r, "Caller");
	return from != NULL && str_phone(from) && !str_in(hidden, from) ? from :
									  NULL;
}
