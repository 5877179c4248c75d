/* tell.c - what the practice's system shall know of the book. */
#include "pms/pms.h"

SQL before_sql[] =
    "SELECT id, root, verb, state, tried_at FROM my_pms_writeback"
    " WHERE appointment_id = :t_from ORDER BY id DESC LIMIT 1";
SQL known_sql[] = "SELECT ext_id, id FROM my_pms_appointment"
		  " WHERE appointment_id = :t_from ORDER BY id LIMIT 1";
SQL drop_sql[] = "UPDATE pms_writeback SET state = 'dropped', done_at = :now_ms"
		 " WHERE account_id = app_account() AND id = :t_old";
SQL put_sql[] =
    "INSERT INTO pms_writeback (id, account_id, appointment_id, root,"
    " provider, verb, state, stage, ext_id, created_at, updated_at) VALUES"
    " (:t_id, app_account(), :t_ours, :t_root, :t_provider, :t_verb,"
    " 'queued', :t_stage, :t_ext, :now_ms, :now_ms)";

static enum rc
put(struct req *r, enum pms_verb verb)
{
	static const char *const verbs[] = { [PMS_BOOK] = "book",
		[PMS_CANCEL] = "cancel",
		[PMS_MOVE] = "move" };

	req_set(r, "t_verb", val_text(verbs[verb]));
	req_set(r, "t_stage",
	    val_text(verb == PMS_BOOK ? "patient" : "appointment"));
	if (sql_do(r, put_sql))
		return r->rc;
	return job_put(r, PMS_WRITE_JOB, req_text(r, "t_id"), NULL, r->now_ms);
}

/* A booking that nobody was told of yet need not be told of at all. */
static bool
is_untold(const struct row *before)
{
	return str_eq(row_text(before, "verb"), "book") &&
	    str_eq(row_text(before, "state"), "queued") &&
	    row_val(before, "tried_at").type != VAL_INT;
}

enum rc
pms_tell(struct req *r, enum pms_verb verb, const char *id, const char *from)
{
	const char *old = from != NULL ? from : id, *root;
	struct row before, known;
	struct pms p;

	if (pms_find_link(r, &p) || !pms_outside(&p))
		return r->rc;
	req_set(r, "t_from", val_text(old));
	if (sql_find(r, before_sql, &before) || sql_find(r, known_sql, &known))
		return r->rc;
	root = row_text(&before, "root");
	(void)req_new_id(r, "t_id");
	req_set(r, "t_ours", val_text(id));
	req_set(r, "t_root", val_text(root != NULL ? root : old));
	req_set(r, "t_provider", val_text(p.system->name));
	req_set(r, "t_ext", row_val(&known, "ext_id"));
	if (verb == PMS_BOOK)
		return put(r, verb);
	if (is_untold(&before)) {
		req_set(r, "t_old", row_val(&before, "id"));
		if (sql_do(r, drop_sql))
			return r->rc;
	} else if (before.count > 0 || known.count > 0)
		return put(r, verb);
	/* the practice never heard of it */
	return verb == PMS_MOVE ? put(r, PMS_BOOK) : OK;
}
