/*
 * tool_patient.c - get-patient-info: who is calling? Only of the caller's own
 * number is anything told, whatever number the model asks about.
 */
#include "hook/tool.h"
#include "pms/pms.h"

SQL caller_sql[] =
    "SELECT COALESCE(c.name, a.name) AS name, a.starts_at FROM my_contact c"
    " LEFT JOIN my_appointment a ON a.contact_id = c.id"
    " AND a.starts_at > :now_ms AND a.status = 'scheduled'"
    " WHERE c.phone = :caller ORDER BY a.starts_at NULLS LAST, a.id LIMIT 1";

/* The practice may know the caller, whom the book does not. */
static enum rc
practice_name(struct req *r, const char *caller, const char **name)
{
	struct row row;

	if (pms_patient_of(r, caller, &row) || row.count == 0)
		return r->rc;
	*name = row_text(&row, "first_name");
	if (*name != NULL && row_text(&row, "last_name") != NULL)
		*name = arena_printf(r->arena, "%s %s", *name,
		    row_text(&row, "last_name"));
	return OK;
}

enum rc
tool_patient(struct req *r, const struct ask *ask, const char **said)
{
	const char *caller = ask->env->link.caller;
	enum lang lang = ask->book->lang;
	const char *name;
	struct row row;
	enum rc rc;

	if (caller == NULL) {
		*said = phrase(r->arena, lang, PHRASE_CALLER_HIDDEN);
		return OK;
	}
	req_set(r, "caller", val_text(caller));
	rc = sql_find(r, caller_sql, &row);
	name = rc == OK ? row_text(&row, "name") : NULL;
	if (rc == OK && name == NULL)
		rc = practice_name(r, caller, &name);
	if (rc != OK)
		return rc;
	if (name == NULL)
		*said = phrase(r->arena, lang, PHRASE_CALLER_NEW);
	else if (row_val(&row, "starts_at").type != VAL_INT)
		*said = phrase(r->arena, lang, PHRASE_CALLER_KNOWN_FREE, name);
	else
		*said = phrase(r->arena, lang, PHRASE_CALLER_KNOWN, name,
		    tell_when(r, ask->book, row_int(&row, "starts_at")));
	return OK;
}
