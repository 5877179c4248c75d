/* guard.c - what a statement may touch: text rules and the authorizer. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "db/guard.h"

/* A token of SQL: a word, a quoted name, a string, a number or one sign. */
struct token {
	const char	*at;
	size_t		 len;
	bool		 word;		/* keyword or name, quoted or not */
};

struct scan {
	struct guard	*guard;
	struct token	 last;		/* the token before */
	struct token	 now;
	const char	*rest;
	char		*why;
	int		 bare;		/* target named without a dot */
	bool		 write;
};

static bool
is(const struct token *t, const char *text)
{
	return t->len == strlen(text) &&
	    strncasecmp(t->at, text, t->len) == 0;
}

static bool
begins(const struct token *t, const char *text)
{
	return t->word && t->len > strlen(text) &&
	    strncasecmp(t->at, text, strlen(text)) == 0;
}

static bool
word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The token at s; false at the end. A quote without end takes the rest. */
static bool
token_read(const char **s, struct token *t)
{
	const char *p = *s + strspn(*s, " \t\r\n");

	memset(t, 0, sizeof(*t));
	t->at = p;
	if (*p == '\0') {
		*s = p;
		return false;
	}
	if (*p == '"' || *p == '\'') {
		char quote = *p;

		for (p++; *p != '\0' && *p != quote; p++)
			;
		t->word = quote == '"';
		t->at += t->word;
		t->len = (size_t)(p - t->at) + !t->word;
		*s = *p != '\0' ? p + 1 : p;
		return true;
	}
	if (word_char(*p)) {
		while (word_char(*p))
			p++;
		t->word = true;
	} else
		p++;
	t->len = (size_t)(p - t->at);
	*s = p;
	return true;
}

static struct token
token_peek(const char *s)
{
	struct token t;

	(void)token_read(&s, &t);
	return t;
}

/* Is the name of n characters in the list? */
static bool
listed(char (*list)[GUARD_NAME], int count, const char *name, size_t n)
{
	for (int i = 0; i < count; i++)
		if (strlen(list[i]) == n && strncasecmp(list[i], name, n) == 0)
			return true;
	return false;
}

static bool
refuse(struct scan *s, const char *reason)
{
	snprintf(s->why, 160, "%s, near \"%.40s\"", reason, s->now.at);
	return false;
}

/* Names with our prefixes are only ever used, never defined. */
static bool
prefix_rule(struct scan *s)
{
	struct token next = token_peek(s->rest);

	if (!begins(&s->now, "my_") && !begins(&s->now, "guard_"))
		return true;
	if (is(&next, "."))
		return true;
	if (!is(&s->last, "FROM") && !is(&s->last, "JOIN") &&
	    !is(&s->last, ","))
		return refuse(s, "a name with a reserved prefix is defined");
	if (is(&next, "(") )
		return refuse(s, "a name with a reserved prefix is defined");
	if (is(&next, "AS")) {
		const char *p = s->rest;
		struct token t;

		(void)token_read(&p, &t);
		(void)token_read(&p, &t);
		if (is(&t, "(") || is(&t, "MATERIALIZED") || is(&t, "NOT"))
			return refuse(s,
			    "a name with a reserved prefix is defined");
	}
	return true;
}

/*
 * A table with an account stands for itself only where it is written. As
 * `x.column` it may stand anywhere: that reaches nothing by itself.
 */
static bool
tenant_rule(struct scan *s, const struct token *next)
{
	struct guard *g = s->guard;

	if (!s->now.word || is(&s->last, ":") || is(next, ".") ||
	    !listed(g->tenant, g->tenants, s->now.at, s->now.len))
		return true;
	if (!is(&s->now, g->target))
		return refuse(s, "a table that is read without its view");
	if (++s->bare > 1)
		return refuse(s, "the written table is named again");
	return true;
}

static bool
token_rule(struct scan *s)
{
	struct token next = token_peek(s->rest);

	if (is(&s->now, ";"))
		return refuse(s, "more than one statement");
	if ((is(&s->now, "-") && *s->rest == '-') ||
	    (is(&s->now, "/") && *s->rest == '*'))
		return refuse(s, "a comment");
	if (is(&s->now, "[") || is(&s->now, "`"))
		return refuse(s, "a quoting sign that is not portable");
	if (is(&s->now, "OR") && (is(&next, "REPLACE") || is(&next, "IGNORE")))
		return refuse(s, "OR REPLACE or OR IGNORE");
	if (!s->write && (is(&s->now, "INSERT") || is(&s->now, "UPDATE") ||
	    is(&s->now, "DELETE") || is(&s->now, "REPLACE")) &&
	    !is(&next, "("))
		return refuse(s, "a write that does not come first");
	if (is(&next, ".") && (is(&s->now, "main") || is(&s->now, "temp")))
		return refuse(s, "the name of a schema");
	return tenant_rule(s, &next) && prefix_rule(s);
}

/* INSERT INTO x, UPDATE x, DELETE FROM x: x is the target. */
static bool
target_find(struct scan *s)
{
	struct token t;
	const char *p = s->rest;

	s->write = true;
	if (!is(&s->now, "UPDATE") && (!token_read(&p, &t) ||
	    (!is(&t, "INTO") && !is(&t, "FROM"))))
		return refuse(s, "INTO or FROM must follow");
	if (!token_read(&p, &t) || !t.word || t.len >= GUARD_NAME)
		return refuse(s, "a table's name must follow");
	memcpy(s->guard->target, t.at, t.len);
	s->guard->target[t.len] = '\0';
	return true;
}

bool
guard_scan(struct guard *g, const char *sql, char why[160])
{
	struct scan s = { .guard = g, .rest = sql, .why = why };

	g->target[0] = '\0';
	if (!token_read(&s.rest, &s.now))
		return refuse(&s, "no statement");
	if (is(&s.now, "INSERT") || is(&s.now, "UPDATE") ||
	    is(&s.now, "DELETE")) {
		if (!target_find(&s))
			return false;
	} else if (!is(&s.now, "SELECT") && !is(&s.now, "WITH"))
		return refuse(&s, "only SELECT, INSERT, UPDATE and DELETE");
	s.last = s.now;
	while (token_read(&s.rest, &s.now)) {
		if (!token_rule(&s))
			return false;
		s.last = s.now;
	}
	return true;
}

/* May table be read, or written, from inside a view or trigger (or not)? */
static int
table_rule(struct guard *g, const char *table, const char *inside)
{
	size_t n = strlen(table);

	if (inside != NULL && (str_starts(inside, "my_") ||
	    str_starts(inside, "guard_")))
		return SQLITE_OK;
	if (listed(g->open, g->opens, table, n) || str_starts(table, "my_"))
		return SQLITE_OK;
	/* the target, or keys that foreign keys compare: see guard.h */
	if (g->target[0] != '\0' && listed(g->tenant, g->tenants, table, n))
		return SQLITE_OK;
	return SQLITE_DENY;
}

static int
authorize(void *ctx, int action, const char *a, const char *b, const char *db,
    const char *inside)
{
	struct guard *g = ctx;

	(void)b;
	(void)db;
	if (!g->on)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_TRANSACTION:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return table_rule(g, a, inside);
	default:
		return SQLITE_DENY;
	}
}

static enum rc
names_read(sqlite3 *db, const char *sql, char (*list)[GUARD_NAME], int *count)
{
	sqlite3_stmt *st;

	*count = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		return E_INTERNAL;
	while (sqlite3_step(st) == SQLITE_ROW && *count < GUARD_TABLES)
		snprintf(list[(*count)++], GUARD_NAME, "%s",
		    (const char *)sqlite3_column_text(st, 0));
	if (sqlite3_finalize(st) != SQLITE_OK || *count == GUARD_TABLES)
		return E_INTERNAL;
	return OK;
}

enum rc
guard_install(struct guard *g, sqlite3 *db)
{
	static const char open_sql[] = "SELECT name FROM schema_open";
	static const char tenant_sql[] =
	    "SELECT substr(name, 4) FROM sqlite_master WHERE type = 'view'"
	    " AND substr(name, 1, 3) = 'my_'";

	if (names_read(db, open_sql, g->open, &g->opens) != OK ||
	    names_read(db, tenant_sql, g->tenant, &g->tenants) != OK)
		return E_INTERNAL;
	g->on = true;
	return sqlite3_set_authorizer(db, authorize, g) == SQLITE_OK ? OK :
	    E_INTERNAL;
}
