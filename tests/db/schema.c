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

static void
columns_read(struct db *raw, struct table *t)
{
	const char *name,
	    *rest = scratch_dump(raw,
		scratch_text("SELECT name FROM pragma_table_info('%s')",
		    t->name));

	while ((name = line_next(&rest)) != NULL && t->columns < COLUMNS_MAX)
		t->column[t->columns++] = name;
	rest = scratch_dump(raw,
	    scratch_text("SELECT name FROM"
			 " pragma_table_info('%s') WHERE pk > 0 ORDER BY pk",
		t->name));
	while ((name = line_next(&rest)) != NULL && t->keys < KEYS_MAX)
		t->key[t->keys++] = name;
}

/* Lines are `number|parent|column`. */
static void
links_read(struct db *raw, struct table *t)
{
	const char *line,
	    *rest = scratch_dump(raw,
		scratch_text(
		    "SELECT id, \"table\", \"from\" FROM"
		    " pragma_foreign_key_list('%s') f WHERE EXISTS (SELECT 1 FROM"
		    " pragma_foreign_key_list('%s') g WHERE g.id = f.id"
		    " AND g.seq > 0) ORDER BY id, seq",
		    t->name, t->name));
	char last[16] = "", id[16], parent[64], from[64];

	while ((line = line_next(&rest)) != NULL) {
		struct link *l = &t->link[t->links];

		assert_int_equal(sscanf(line, "%15[^|]|%63[^|]|%63s", id,
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
schema_read(struct db *raw, struct table table[TABLES_MAX])
{
	const char *name,
	    *rest = scratch_dump(raw,
		"SELECT substr(name, 4) FROM sqlite_master WHERE type = 'view'"
		" AND substr(name, 1, 3) = 'my_' ORDER BY name");
	int n = 0;

	while ((name = line_next(&rest)) != NULL) {
		struct table *t = &table[n++];

		assert_true(n <= TABLES_MAX);
		memset(t, 0, sizeof(*t));
		t->name = name;
		columns_read(raw, t);
		links_read(raw, t);
	}
	return n;
}

const char *
schema_dump(struct db *raw, const char *account)
{
	static struct table table[TABLES_MAX];
	int n = schema_read(raw, table);
	const char *all = "";

	for (int i = 0; i < n; i++) {
		const char *list = "";

		for (int c = 0; c < table[i].columns; c++)
			list = scratch_text("%s, quote(%s)", list,
			    table[i].column[c]);
		all = scratch_text("%s%s", all,
		    scratch_dump(raw,
			scratch_text("SELECT '%s'%s FROM %s WHERE account_id ="
				     " '%s' ORDER BY rowid",
			    table[i].name, list, table[i].name, account)));
	}
	return all;
}

const char *
schema_value(struct db *raw, const char *table, const char *column,
    const char *account)
{
	const char *rest = scratch_dump(raw,
	    scratch_text("SELECT quote(%s)"
			 " FROM %s WHERE account_id = '%s' LIMIT 1",
		column, table, account));
	const char *line = line_next(&rest);

	if (line == NULL)
		fail_msg("account %s has no row in %s", account, table);
	return line;
}
