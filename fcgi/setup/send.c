/* send.c - jobs: uploaded files come to Vapi, and go from there. */
#include "assistant/assistant.h"
#include "base/conf.h"
#include "peer/vapi.h"
#include "setup/knowledge.h"
#include "vault/vault.h"

#define SWEEP_AGE_MS 3600000 /* uploads that take longer do not exist */

SQL load_sql[] =
    "SELECT id, name, kind, status, vapi_id, tried_at AS \"tried_at:int\""
    " FROM my_knowledge_file WHERE id = :f_id";
SQL try_sql[] = "UPDATE knowledge_file SET tried_at = :now_ms"
		" WHERE account_id = app_account() AND id = :f_id";
SQL sent_sql[] =
    "UPDATE knowledge_file SET vapi_id = :f_vapi, last_error = NULL,"
    " status = CASE WHEN status = 'deleting' THEN status ELSE 'sent' END"
    " WHERE account_id = app_account() AND id = :f_id RETURNING status";
SQL failed_sql[] =
    "UPDATE knowledge_file SET last_error = :f_error,"
    " status = CASE WHEN status = 'stored' AND :f_final = 1 THEN 'failed'"
    " ELSE status END WHERE account_id = app_account() AND id = :f_id";
SQL gone_sql[] = "DELETE FROM knowledge_file"
		 " WHERE account_id = app_account() AND id = :f_id"
		 " AND status = 'deleting'";
SQL ready_sql[] = "SELECT vapi_id FROM my_knowledge_file WHERE status = 'sent'"
		  " AND vapi_id IS NOT NULL ORDER BY id";
SQL exists_sql[] = "SELECT id FROM my_knowledge_file WHERE id = :f_id";

struct send {
	struct req *r;
	struct row row;
	struct vapi vapi;
	struct vapi_reply reply;
	bool key; /* there is one */
};

enum rc
knowledge_sent(struct req *r, struct row **list)
{
	return sql_rows(r, ready_sql, list);
}

static enum rc
begin(struct send *s, struct req *r)
{
	const char *key;

	s->r = r;
	req_set(r, "f_id", val_text(req_text(r, "ref")));
	if (sql_find(r, load_sql, &s->row) || s->row.count == 0 ||
	    vault_open(r, VAULT_VAPI_KEY, &key, NULL))
		return r->rc;
	s->key = key != NULL;
	if (s->key)
		vapi_init(&s->vapi, r->arena, key, conf->peer_timeout_ms);
	return OK;
}

/* Vapi did not do it: for good, or try again later. */
static enum rc
refused(struct send *s)
{
	struct req *r = s->r;
	enum vapi_end end = s->reply.end;
	bool final = end == VAPI_REFUSED || end == VAPI_KEY;

	r->peer_us += s->vapi.spent_us;
	req_set(r, "f_error", val_text(s->reply.message));
	req_set(r, "f_final", val_int(end == VAPI_REFUSED));
	if (req_begin(r, DB_WRITE) || sql_do(r, failed_sql) || req_commit(r))
		return r->rc;
	if (end == VAPI_KEY)
		return OK; /* the next key that is saved sends it */
	return fail(r, final ? E_CONFLICT : E_PEER,
	    "Vapi did not take the file: %s", s->reply.message);
}

/* It is there: the assistants learn of it. */
static enum rc
taken(struct send *s, const char *vapi_id)
{
	struct req *r = s->r;
	struct row row;

	r->peer_us += s->vapi.spent_us;
	req_set(r, "f_vapi", val_text(vapi_id));
	if (req_begin(r, DB_WRITE) || sql_find(r, sent_sql, &row))
		return r->rc;
	if (row.count > 0 && str_eq(row_text(&row, "status"), "deleting") &&
	    job_put(r, KNOWLEDGE_JOB, req_text(r, "f_id"), NULL,
		clock_now_ms()))
		return r->rc;
	if (assistant_push_all(r, true))
		return r->rc;
	return req_commit(r);
}

/* An earlier attempt whose answer was lost may have made it. */
static const char *
adopted(struct send *s)
{
	const char *id = row_text(&s->row, "id");
	const cJSON *item;

	vapi_files(&s->vapi, &s->reply);
	if (s->reply.end != VAPI_OK)
		return NULL;
	cJSON_ArrayForEach(item, s->reply.json)
	{
		const char *name = json_path_text(item, "originalName");

		if (name == NULL)
			name = json_path_text(item, "name");
		if (name != NULL && str_starts(name, id))
			return json_path_text(item, "id");
	}
	return NULL;
}

static enum rc
upload(struct send *s)
{
	struct req *r = s->r;
	const char *id = row_text(&s->row, "id"), *there;
	const struct kind *kind = kind_find(row_text(&s->row, "name"));
	struct vapi_file f = {
		.type = kind != NULL ? kind->type : "application/octet-stream"
	};

	if (row_val(&s->row, "tried_at").type == VAL_INT) {
		there = adopted(s);
		if (there != NULL)
			return taken(s, there);
		if (s->reply.end != VAPI_OK)
			return refused(s);
	}
	f.name = arena_printf(r->arena, "%s-%s", id, row_text(&s->row, "name"));
	if (f.name == NULL || disk_get(r, id, &f.data, &f.len) ||
	    req_begin(r, DB_WRITE) || sql_do(r, try_sql) || req_commit(r))
		return fail(r, E_INTERNAL, "out of memory");
	vapi_upload(&s->vapi, &f, &s->reply);
	if (s->reply.end != VAPI_OK)
		return refused(s);
	return taken(s, json_path_text(s->reply.json, "id"));
}

/* First there, then the bytes, then the row, which says what is left. */
static enum rc
remove_file(struct send *s)
{
	struct req *r = s->r;
	const char *there = row_text(&s->row, "vapi_id");

	if (there == NULL && s->key &&
	    row_val(&s->row, "tried_at").type == VAL_INT) {
		there = adopted(s);
		if (s->reply.end != VAPI_OK && s->reply.end != VAPI_KEY)
			return refused(s);
	}
	if (there != NULL && s->key) {
		vapi_delete(&s->vapi, VAPI_FILE, there, &s->reply);
		if (s->reply.end == VAPI_UNKNOWN || s->reply.end == VAPI_LATER)
			return refused(s);
	}
	r->peer_us += s->vapi.spent_us;
	disk_drop(r, row_text(&s->row, "id"));
	if (req_begin(r, DB_WRITE) || sql_do(r, gone_sql))
		return r->rc;
	return req_commit(r);
}

enum rc
knowledge_job(struct req *r)
{
	struct send s = { .r = r };

	if (begin(&s, r) || s.row.count == 0)
		return r->rc;
	if (str_eq(row_text(&s.row, "status"), "deleting"))
		return remove_file(&s);
	if (!s.key || str_eq(row_text(&s.row, "status"), "sent"))
		return OK;
	return upload(&s);
}

static enum rc
sweep_one(struct req *r, const char *id)
{
	struct row row;

	req_set(r, "f_id", val_text(arena_str(r->arena, id)));
	if (sql_find(r, exists_sql, &row) == OK && row.count == 0)
		disk_drop(r, id);
	return r->rc;
}

enum rc
knowledge_sweep_job(struct req *r)
{
	return disk_each(r, SWEEP_AGE_MS, sweep_one);
}
