/* schema.c - tables with an account as the schema has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "schema.h"

/* The lines of a dump, one after the other; NULL at the end. */
static const char *
line_next(const char **rest)
{
	size_t n = strcspn(*rest, "\n");
	const char *line;

	if (**rest == '\0')
		return NULL;
	line = scratch_text("%.*s", (int)n, *rest);
	*rest += n + 1;
	return line;
}

/* Names that a query gives for a table: %s in it, once. */
static int
names_read(const char *sqlite, const char *postgres, const char *table,
    const char **out)
{
	const char *sql = scratch_sql(sqlite, postgres), *name,
		   *mark = strstr(sql, "%s"),
		   *rest = scratch_dump(scratch_text("%.*s%s%s",
		       (int)(mark - sql), sql, table, mark + 2));
	int n = 0;

	while ((name = line_next(&rest)) != NULL && n < COLUMNS_MAX)
		out[n++] = name;
	return n;
}

/* Columns that may be written, and the primary key. */
static void
columns_read(struct table *t)
{
	static const char columns[] =
	    "SELECT name FROM pragma_table_info('%s')";
	static const char pg_columns[] =
	    "SELECT attname FROM pg_attribute WHERE attrelid ="
	    " to_regclass('%s') AND attnum > 0 AND NOT attisdropped"
	    " AND attgenerated = '' ORDER BY attnum";
	static const char keys[] = "SELECT name FROM pragma_table_info('%s')"
				   " WHERE pk > 0 ORDER BY pk";
	static const char pg_keys[] =
	    "SELECT a.attname FROM pg_constraint k CROSS JOIN"
	    " unnest(k.conkey) WITH ORDINALITY u (n, i) JOIN pg_attribute a"
	    " ON a.attrelid = k.conrelid AND a.attnum = u.n WHERE"
	    " k.contype = 'p' AND k.conrelid = to_regclass('%s')"
	    " ORDER BY u.i";
	const char *key[COLUMNS_MAX];

	t->columns = names_read(columns, pg_columns, t->name, t->column);
	t->keys = names_read(keys, pg_keys, t->name, key);
	assert_in_range(t->keys, 1, KEYS_MAX);
	memcpy(t->key, key, (size_t)t->keys * sizeof(*key));
}

/* Lines are `number|parent|column`. */
static void
links_read(struct table *t)
{
	static const char sqlite[] =
	    "SELECT f.id || '|' || f.\"table\" || '|' || f.\"from\" FROM"
	    " (SELECT '%s' AS t) o, pragma_foreign_key_list(o.t) f WHERE"
	    " EXISTS (SELECT 1 FROM pragma_foreign_key_list(o.t) g"
	    " WHERE g.id = f.id AND g.seq > 0) ORDER BY f.id, f.seq";
	static const char postgres[] =
	    "SELECT k.oid, k.confrelid::regclass, a.attname FROM"
	    " pg_constraint k CROSS JOIN unnest(k.conkey) WITH ORDINALITY"
	    " u (n, i) JOIN pg_attribute a ON a.attrelid = k.conrelid AND"
	    " a.attnum = u.n WHERE k.contype = 'f' AND"
	    " array_length(k.conkey, 1) > 1 AND"
	    " k.conrelid = to_regclass('%s') ORDER BY k.oid, u.i";
	const char *line[COLUMNS_MAX];
	int n = names_read(sqlite, postgres, t->name, line);
	char last[16] = "", id[16], parent[64], from[64];

	for (int i = 0; i < n; i++) {
		struct link *l = &t->link[t->links];

		assert_int_equal(sscanf(line[i], "%15[^|]|%63[^|]|%63s", id,
				     parent, from),
		    3);
		if (!str_eq(id, last)) {
			assert_true(t->links < KEYS_MAX);
			t->links++;
		} else
			l--;
		l->parent = scratch_text("%s", parent);
		l->from[l->count++] = scratch_text("%s", from);
		snprintf(last, sizeof(last), "%s", id);
	}
}

int
schema_read(struct table table[TABLES_MAX])
{
	const char *name,
	    *rest = scratch_dump(scratch_sql(
		"SELECT substr(name, 4) FROM sqlite_master WHERE type = 'view'"
		" AND substr(name, 1, 3) = 'my_' ORDER BY name",
		"SELECT substr(relname, 4) FROM pg_class WHERE relkind = 'v'"
		" AND relnamespace = to_regnamespace('frontdesk')"
		" AND substr(relname, 1, 3) = 'my_' ORDER BY 1"));
	int n = 0;

	while ((name = line_next(&rest)) != NULL) {
		struct table *t = &table[n++];

		assert_true(n <= TABLES_MAX);
		memset(t, 0, sizeof(*t));
		t->name = name;
		columns_read(t);
		links_read(t);
	}
	return n;
}

/* An expression that gives a column's value as an SQL literal. */
static const char *
literal_of(const char *column)
{
	return scratch_pg() ? scratch_text("quote_nullable(%s::text)", column) :
			      scratch_text("quote(%s)", column);
}

const char *
schema_dump_sql(const char *account)
{
	static struct table table[TABLES_MAX];
	int n = schema_read(table);
	const char *all = "";

	for (int i = 0; i < n; i++) {
		const char *list = "";

		for (int c = 0; c < table[i].columns; c++)
			list = scratch_text("%s || '|' || %s", list,
			    literal_of(table[i].column[c]));
		all = scratch_text("%s%sSELECT '%s'%s FROM %s WHERE"
				   " account_id = '%s'",
		    all, i > 0 ? " UNION ALL " : "", table[i].name, list,
		    table[i].name, account);
	}
	return scratch_text("%s ORDER BY 1", all);
}

const char *
schema_dump(const char *account)
{
	return scratch_dump(schema_dump_sql(account));
}

const char *
schema_value(const char *table, const char *column, const char *account)
{
	const char *rest = scratch_dump(
	    scratch_text("SELECT %s FROM %s WHERE account_id = '%s' LIMIT 1",
		literal_of(column), table, account));
	const char *line = line_next(&rest);

	if (line == NULL)
		fail_msg("account %s has no row in %s", account, table);
	return line;
}
