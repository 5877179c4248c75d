/* knowledge.c - the wizard's files: uploaded, listed, shown, removed. */
#include <string.h>

#include "assistant/assistant.h"
#include "setup/knowledge.h"
#include "setup/setup.h"
#include "setup/upload.h"

#define ENTRIES 50 /* in the wizard's own list */

static const struct field knowledge_in[] = {
	{ "files", F_ANY,
	    .about = "A list of {id, name, size}, or files as "
		     "multipart/form-data" },
	{ 0 },
};
static const struct field list_query[] = {
	{ "limit", F_INT, .min = 1, .max = 100 },
	{ "cursor", F_ID },
	{ 0 },
};
static const struct field nothing_in[] = {
	{ 0 },
};

#define SHOW \
	"SELECT id, name, kind, bytes AS \"bytes:int\", status, vapi_id," \
	" last_error AS error, created_at AS \"created_at:time\""

SQL list_sql[] =
    SHOW " FROM my_knowledge_file WHERE status <> 'deleting'"
	 " AND id > coalesce(CAST(:cursor AS TEXT), '') ORDER BY id"
	 " LIMIT :limit";
SQL get_sql[] = SHOW ", text FROM my_knowledge_file WHERE id = :id"
		     " AND status <> 'deleting'";
SQL mine_sql[] =
    "SELECT id, name, bytes AS \"bytes:int\", kind FROM my_knowledge_file"
    " WHERE status <> 'deleting' ORDER BY id";
SQL drop_sql[] = "UPDATE knowledge_file SET status = 'deleting'"
		 " WHERE account_id = app_account() AND id = :id"
		 " AND status <> 'deleting' RETURNING vapi_id";
SQL data_sql[] =
    "UPDATE setup_step SET data = :s_data WHERE account_id = app_account()"
    " AND step = 'knowledge'";
SQL clear_sql[] = "UPDATE knowledge_file SET status = 'deleting'"
		  " WHERE account_id = app_account()"
		  " AND status <> 'deleting' RETURNING id";
SQL any_sql[] = "SELECT id FROM my_knowledge_file ORDER BY id";

/* --- the step's list --------------------------------------------------------
 */

/* Entries of the list must name files that the assistant could use. */
static enum rc
entries_check(struct req *r, const cJSON *files)
{
	const cJSON *e;
	int n = 0;

	if (!cJSON_IsArray(files))
		return fail_field(r, "files",
		    files == NULL ? "is missing" : "must be a list");
	cJSON_ArrayForEach(e, files)
	{
		const char *name = json_text(json_get(e, "name"));
		const cJSON *size = json_get(e, "size");

		if (json_text(e) != NULL)
			name = json_text(e);
		else if (!cJSON_IsObject(e) ||
		    (name == NULL && json_text(json_get(e, "id")) == NULL))
			return fail_field(r, "files",
			    "must hold objects with id, name and size");
		if (name != NULL && strchr(name, '.') != NULL &&
		    kind_find(name) == NULL)
			return fail_field(r, "files",
			    "%.100s must be a file of kind %s", name,
			    kind_list());
		if (size != NULL && !cJSON_IsNumber(size) &&
		    !cJSON_IsNull(size))
			return fail_field(r, "files",
			    "has a size that is no number");
		if (++n > ENTRIES)
			return fail_field(r, "files",
			    "has more than %d entries", ENTRIES);
	}
	return OK;
}

static bool
is_listed(const cJSON *files, const char *id)
{
	const cJSON *e;

	cJSON_ArrayForEach(e,
	    files) if (str_eq(json_text(json_get(e, "id")), id)) return true;
	return false;
}

/*
 * Uploaded files that the list leaves out are put behind it: a tab that does
 * not know of another tab's upload must not lose it. DELETE removes a file.
 */
static enum rc
list_complete(struct req *r, cJSON *files)
{
	struct row *list;
	int n = 0;

	if (sql_rows(r, mine_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next) {
		const char *id = row_text(list, "id");
		cJSON *e;

		if (++n > KNOWLEDGE_FILES)
			return fail_field(r, "files",
			    "would be more than %d files; remove some first",
			    KNOWLEDGE_FILES);
		if (is_listed(files, id))
			continue;
		e = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(e, "id", id);
		(void)cJSON_AddStringToObject(e, "name",
		    row_text(list, "name"));
		(void)cJSON_AddNumberToObject(e, "size",
		    (double)row_int(list, "bytes"));
		(void)cJSON_AddItemToArray(files, e);
	}
	return OK;
}

/* The list that is saved, or a new one. */
static cJSON *
list_open(struct req *r, cJSON **data)
{
	cJSON *files;

	if (setup_read(r, SETUP_KNOWLEDGE, data))
		return NULL;
	if (*data == NULL)
		*data = cJSON_CreateObject();
	files = json_get(*data, "files");
	if (!cJSON_IsArray(files))
		files = cJSON_AddArrayToObject(*data, "files");
	if (files == NULL)
		(void)fail(r, E_INTERNAL, "out of memory");
	return files;
}

/* --- handlers ---------------------------------------------------------------
 */

static enum rc
save_end(struct req *r, cJSON *data, cJSON *files)
{
	if (list_complete(r, files) ||
	    setup_save(r, SETUP_KNOWLEDGE, data, false))
		return r->rc;
	return setup_tell(r, true);
}

static enum rc
save_list(struct req *r)
{
	cJSON *data = setup_data(r, SETUP_KNOWLEDGE), *files;

	if (data == NULL)
		return r->rc;
	files = json_get(data, "files");
	if (entries_check(r, files) || req_begin(r, DB_WRITE) ||
	    save_end(r, data, files))
		return r->rc;
	return req_commit(r);
}

static enum rc
save_rows(struct req *r, struct uploads *u)
{
	cJSON *data, *files;

	if (req_begin(r, DB_WRITE))
		return r->rc;
	if (uploads_add(r, u))
		return r->rc;
	files = list_open(r, &data);
	return files != NULL ? save_end(r, data, files) : r->rc;
}

/* A commit that fails may have come through: then the sweep decides. */
static enum rc
save_files(struct req *r)
{
	struct uploads u = { .count = 0 };

	if (uploads_read(r, &u))
		return r->rc;
	if (uploads_store(r, &u) || save_rows(r, &u)) {
		req_rollback(r);
		uploads_undo(r, &u);
		return r->rc;
	}
	return req_commit(r);
}

static enum rc
knowledge_save(struct req *r)
{
	if (setup_mine(r))
		return r->rc;
	return req_multipart(r) ? save_files(r) : save_list(r);
}

static enum rc
knowledge_list(struct req *r)
{
	return setup_mine(r) ? r->rc : sql_many(r, list_sql);
}

static enum rc
knowledge_get(struct req *r)
{
	return setup_mine(r) ? r->rc : sql_one(r, get_sql);
}

/* Take a file off the step's list. */
static enum rc
unlist(struct req *r, const char *id)
{
	cJSON *data, *files, *e, *next;

	if (setup_read(r, SETUP_KNOWLEDGE, &data) || data == NULL)
		return r->rc;
	files = json_get(data, "files");
	for (e = files != NULL ? files->child : NULL; e != NULL; e = next) {
		next = e->next;
		if (str_eq(json_text(json_get(e, "id")), id))
			(void)cJSON_DetachItemViaPointer(files, e);
	}
	req_set(r, "s_data", val_text(json_print(r->arena, data)));
	return sql_do(r, data_sql);
}

static enum rc
knowledge_drop(struct req *r)
{
	const char *id = req_text(r, "id");
	struct row row;

	if (setup_mine(r) || sql_row(r, drop_sql, &row) || unlist(r, id) ||
	    job_put(r, KNOWLEDGE_JOB, id, NULL, r->now_ms))
		return r->rc;
	return row_text(&row, "vapi_id") != NULL ? assistant_push_all(r, true) :
						   OK;
}

enum rc
knowledge_clear(struct req *r)
{
	struct row *list;

	if (sql_rows(r, clear_sql, &list) || list == NULL)
		return r->rc;
	for (; list != NULL; list = list->next)
		if (job_put(r, KNOWLEDGE_JOB, row_text(list, "id"), NULL,
			r->now_ms))
			return r->rc;
	return assistant_push_all(r, true);
}

enum rc
knowledge_send(struct req *r)
{
	struct row *list;

	if (sql_rows(r, any_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next)
		if (job_put(r, KNOWLEDGE_JOB, row_text(list, "id"), NULL,
			r->now_ms))
			return r->rc;
	return OK;
}

static const struct route routes[] = {
	{ "GET", "/setup/:account_id/knowledge", list_sql, MANY,
	    .query = list_query, .run = knowledge_list,
	    .about = "Uploaded files" },
	{ "POST", "/setup/:account_id/knowledge", .status = 200, .tx = TX_OWN,
	    .flags = OPEN | FILES, .in = knowledge_in, .out = setup_out,
	    .run = knowledge_save,
	    .about = "Save a list of files, or upload "
		     "some" },
	{ "GET", "/setup/:account_id/knowledge/:id", get_sql, ONE,
	    .run = knowledge_get, .about = "One file, with its text" },
	{ "DELETE", "/setup/:account_id/knowledge/:id", .status = 204,
	    .run = knowledge_drop, .about = "Remove a file, here and at Vapi" },
	{ "JOB", KNOWLEDGE_JOB, .who = RUNNER, .tx = TX_OWN, .in = nothing_in,
	    .run = knowledge_job, .about = "Bring a file in step with Vapi" },
	{ "JOB", KNOWLEDGE_SWEEP_JOB, .who = RUNNER, .tx = TX_OWN,
	    .in = nothing_in, .run = knowledge_sweep_job,
	    .about = "Remove files that no row names" },
	{ 0 },
};

const struct resource setup_knowledge = { "setup_knowledge",
	"Files that assistants may search", routes };
