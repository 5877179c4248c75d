/* schema.c - JSON schemas of fields and of the columns of statements. */
#include <string.h>

#include "schema.h"

#define COLUMNS_MAX 48

static void
type_put(struct jout *j, const char *type, bool null)
{
	jout_name(j, "type");
	if (!null) {
		jout_str(j, type);
		return;
	}
	jout_open(j, '[');
	jout_str(j, type);
	jout_str(j, "null");
	jout_close(j, ']');
}

static void
set_put(struct jout *j, const char *set, bool null)
{
	jout_name(j, "enum");
	jout_open(j, '[');
	while (*set != '\0') {
		size_t n = strcspn(set, "|");

		jout_strn(j, set, n);
		set += n + (set[n] == '|');
	}
	if (null) {
		jout_str(j, ""); /* clears, as null does */
		jout_null(j);
	}
	jout_close(j, ']');
}

static const char *
format_of(enum field_kind k)
{
	switch (k) {
	case F_EMAIL:
		return "email";
	case F_TIME:
		return "date-time";
	case F_DATE:
		return "date";
	case F_ID:
		return "uuid";
	default:
		return NULL;
	}
}

static void fields_put(struct jout *, const struct field *, bool in);

static void
text_put(struct jout *j, const struct field *f, bool in)
{
	const char *format = format_of(f->kind);

	type_put(j, "string", !in || !f->need);
	if (in && f->kind == F_ENUM && f->set != NULL)
		set_put(j, f->set, !f->need);
	/* in requests an empty text clears, so the format cannot be demanded */
	if (format != NULL && (!in || f->need))
		jout_put_str(j, "format", format);
	if (in && f->kind == F_TEXT)
		jout_put_int(j, "maxLength", f->max > 0 ? f->max : 2000);
	if (in && f->min > 0)
		jout_put_int(j, "minLength", f->min);
	if (in && f->secret)
		jout_put_bool(j, "writeOnly", true);
}

void
schema_field(struct jout *j, const struct field *f, bool in)
{
	bool null = !in || !f->need;

	jout_open(j, '{');
	if (f->kind == F_INT || f->kind == F_REAL)
		type_put(j, f->kind == F_INT ? "integer" : "number", null);
	else if (f->kind == F_BOOL)
		type_put(j, "boolean", null);
	else if (f->kind == F_LIST) {
		type_put(j, "array", null);
		jout_name(j, "items");
		jout_open(j, '{');
		if (in)
			jout_put_str(j, "type", "string");
		jout_close(j, '}');
	} else if (f->kind == F_OBJECT) {
		type_put(j, "object", null);
		if (f->sub != NULL)
			fields_put(j, f->sub, in);
	} else if (f->kind != F_ANY)
		text_put(j, f, in);
	if (f->about != NULL)
		jout_put_str(j, "description", f->about);
	jout_close(j, '}');
}

/* The members "properties" and "required" of an object's schema. */
static void
fields_put(struct jout *j, const struct field *f, bool in)
{
	bool some = false;

	jout_name(j, "properties");
	jout_open(j, '{');
	for (const struct field *p = f; p->name != NULL; p++) {
		jout_name(j, p->name);
		schema_field(j, p, in);
		some = some || p->need || (!in && !p->maybe);
	}
	jout_close(j, '}');
	if (!some)
		return;
	jout_name(j, "required");
	jout_open(j, '[');
	for (const struct field *p = f; p->name != NULL; p++)
		if (p->need || (!in && !p->maybe))
			jout_str(j, p->name);
	jout_close(j, ']');
}

void
schema_object(struct jout *j, const struct field *f, bool in)
{
	jout_open(j, '{');
	jout_put_str(j, "type", "object");
	fields_put(j, f, in);
	jout_close(j, '}');
}

/* The same from the columns of a statement. */
void
schema_columns(struct schema *d, const char *sql)
{
	static const char *const types[] = { [DB_TEXT] = "string",
		[DB_INT] = "integer",
		[DB_REAL] = "number",
		[DB_BOOL] = "boolean",
		[DB_TIME] = "string" };
	struct db_column c[COLUMNS_MAX];
	char name[64];
	int n;

	d->rc = db_describe(d->db, sql, c, COLUMNS_MAX, &n);
	jout_open(d->j, '{');
	jout_put_str(d->j, "type", "object");
	jout_name(d->j, "properties");
	jout_open(d->j, '{');
	for (int i = 0; i < n; i++) {
		if (c[i].name[0] == '_')
			continue;
		memcpy(name, c[i].name, c[i].len < 63 ? c[i].len : 63);
		name[c[i].len < 63 ? c[i].len : 63] = '\0';
		jout_name(d->j, name);
		jout_open(d->j, '{');
		if (c[i].kind != DB_JSON)
			type_put(d->j, types[c[i].kind], true);
		if (c[i].kind == DB_TIME)
			jout_put_str(d->j, "format", "date-time");
		jout_close(d->j, '}');
	}
	jout_close(d->j, '}');
	jout_close(d->j, '}');
}

void
schema_list(struct schema *d, const char *sql)
{
	struct jout *j = d->j;

	jout_open(j, '{');
	jout_put_str(j, "type", "object");
	jout_name(j, "properties");
	jout_open(j, '{');
	jout_name(j, "data");
	jout_open(j, '{');
	jout_put_str(j, "type", "array");
	jout_name(j, "items");
	schema_columns(d, sql);
	jout_close(j, '}');
	jout_name(j, "next_cursor");
	jout_open(j, '{');
	type_put(j, "string", true);
	jout_close(j, '}');
	jout_close(j, '}');
	jout_name(j, "required");
	jout_open(j, '[');
	jout_str(j, "data");
	jout_str(j, "next_cursor");
	jout_close(j, ']');
	jout_close(j, '}');
}
