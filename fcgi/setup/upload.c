/* upload.c - the files of one request, from its body to disk and database. */
#include <string.h>

#include "safe/token.h"
#include "setup/upload.h"
#include "wire/multipart.h"

#define NAME_MAX_CHARS 200
#define BOM	       "\xef\xbb\xbf"

SQL same_sql[] = "SELECT id FROM my_knowledge_file WHERE digest = :f_digest"
		 " AND status <> 'deleting'";
SQL add_sql[] =
    "INSERT INTO knowledge_file (id, account_id, name, kind, bytes, digest,"
    " text, status, created_at, updated_at) VALUES (:f_id, app_account(),"
    " :f_name, :f_kind, :f_bytes, :f_digest, :f_text, 'stored', :now_ms,"
    " :now_ms)";

/* The name without folders; NULL after a mistake. */
static const char *
name_read(struct req *r, const char *name)
{
	const char *slash;

	while ((slash = strpbrk(name, "/\\")) != NULL)
		name = slash + 1;
	for (const char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			name = "";
	if (*name != '\0' && str_chars(name) <= NAME_MAX_CHARS)
		return name;
	(void)fail_field(r, "files", "has a name that cannot be used");
	return NULL;
}

static void
too_large(struct req *r, const char *name)
{
	r->status = 413;
	r->code = "too_large";
	(void)fail_field(r, "files", "%s has more than %zu MB", name,
	    KNOWLEDGE_BYTES >> 20);
}

static void
upload_read(struct req *r, const struct part *p, struct uploads *u)
{
	struct upload *f = &u->list[u->count];
	const char *why;

	f->name = name_read(r, p->filename);
	if (f->name == NULL)
		return;
	f->kind = kind_find(f->name);
	f->data = p->data;
	f->len = p->len;
	if (f->kind == NULL) {
		(void)fail_field(r, "files", "%s must be a file of kind %s",
		    f->name, kind_list());
		return;
	}
	if (f->len > KNOWLEDGE_BYTES) {
		too_large(r, f->name);
		return;
	}
	why = kind_wrong(f->kind, f->data, f->len);
	if (why != NULL)
		(void)fail_field(r, "files", "%s %s", f->name, why);
	else
		u->count++;
}

/* Parts that are no files do not matter. */
enum rc
uploads_read(struct req *r, struct uploads *u)
{
	struct part body = { .data = r->body, .len = r->body_len };
	struct parts parts;
	const char *why;

	u->count = 0;
	if (!multipart_read(r->arena, req_header(r, "Content-Type"), &body,
		&parts, &why)) {
		r->code = "malformed";
		return fail(r, E_INPUT, "the upload cannot be read: %s", why);
	}
	for (size_t i = 0; i < parts.count; i++) {
		const struct part *p = &parts.list[i];

		if (p->filename == NULL || (*p->filename == '\0' && !p->len))
			continue;
		if (u->count == KNOWLEDGE_FILES)
			return fail_field(r, "files", "has more than %d files",
			    KNOWLEDGE_FILES);
		upload_read(r, p, u);
	}
	if (r->rc == OK && u->count == 0)
		return fail_field(r, "files", "holds no file");
	return r->rc;
}

void
uploads_undo(struct req *r, const struct uploads *u)
{
	for (size_t i = 0; i < u->count; i++)
		if (u->list[i].stored)
			disk_drop(r, u->list[i].id);
}

enum rc
uploads_store(struct req *r, struct uploads *u)
{
	for (size_t i = 0; i < u->count; i++) {
		struct upload *f = &u->list[i];

		f->id = req_new_id(r, "f_id");
		if (disk_put(r, f->id, f->data, f->len))
			return r->rc;
		f->stored = true;
	}
	return OK;
}

/* What is kept to be shown: the text, if it is one and not too long. */
static const char *
text_of(struct req *r, const struct upload *f)
{
	size_t skip = f->len >= 3 && memcmp(f->data, BOM, 3) == 0 ? 3 : 0;

	if (!f->kind->text || f->len - skip > KNOWLEDGE_TEXT)
		return NULL;
	return arena_copy(r->arena, f->data + skip, f->len - skip);
}

/* The row of a file; one with the same bytes is that file. */
static enum rc
upload_add(struct req *r, struct upload *f)
{
	struct row same;

	req_set(r, "f_digest",
	    val_text(token_digest(r->arena, f->data, f->len)));
	if (sql_find(r, same_sql, &same))
		return r->rc;
	if (same.count > 0) {
		disk_drop(r, f->id);
		f->stored = false;
		f->id = row_text(&same, "id");
		return OK;
	}
	req_set(r, "f_id", val_text(f->id));
	req_set(r, "f_name", val_text(f->name));
	req_set(r, "f_kind", val_text(f->kind->ext));
	req_set(r, "f_bytes", val_int((int64_t)f->len));
	req_set(r, "f_text", val_text(text_of(r, f)));
	if (sql_do(r, add_sql))
		return r->rc;
	return job_put(r, KNOWLEDGE_JOB, f->id, NULL, r->now_ms);
}

enum rc
uploads_add(struct req *r, struct uploads *u)
{
	for (size_t i = 0; i < u->count; i++)
		if (upload_add(r, &u->list[i]))
			return r->rc;
	return OK;
}
