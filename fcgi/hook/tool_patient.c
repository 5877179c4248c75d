/*
 * tool_patient.c - get-patient-info: who is calling? Only of the caller's own
 * number is anything told, whatever number the model asks about.
 */
#include "hook/tool.h"

SQL caller_sql[] =
    "SELECT COALESCE(c.name, a.name) AS name, a.starts_at FROM my_contact c"
    " LEFT JOIN my_appointment a ON a.contact_id = c.id"
    " AND a.starts_at > :now_ms AND a.status = 'scheduled'"
    " WHERE c.phone = :caller ORDER BY a.starts_at NULLS LAST, a.id LIMIT 1";

enum rc
tool_patient(struct req *r, const struct ask *ask, const char **said)
{
	const char *caller = ask->env->link.caller;
	enum lang lang = ask->book->lang;
	struct row row;
	enum rc rc;

	if (caller == NULL) {
		*said = phrase(r->arena, lang, PHRASE_CALLER_HIDDEN);
		return OK;
	}
	req_set(r, "caller", val_text(caller));
	rc = sql_find(r, caller_sql, &row);
	if (rc != OK)
		return rc;
	if (row_text(&row, "name") == NULL)
		*said = phrase(r->arena, lang, PHRASE_CALLER_NEW);
	else if (row_val(&row, "starts_at").type != VAL_INT)
		*said = phrase(r->arena, lang, PHRASE_CALLER_KNOWN_FREE,
		    row_text(&row, "name"));
	else
		*said = phrase(r->arena, lang, PHRASE_CALLER_KNOWN,
		    row_text(&row, "name"),
		    tell_when(r, ask->book, row_int(&row, "starts_at")));
	return OK;
}
