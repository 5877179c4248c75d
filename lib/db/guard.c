/* guard.c - what the text of a statement may name. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "db/guard.h"

/* A token of SQL: a word, a quoted name, a string, a number or one sign. */
struct token {
	const char *at;
	size_t len;
	bool word; /* keyword or name, quoted or not */
};

struct scan {
	struct guard *guard;
	struct token last; /* the token before */
	struct token now;
	const char *rest;
	char *why;
	int bare; /* target named without a dot */
	bool write;
};

/* Is the name of n characters in the list? */
bool
guard_listed(const char (*list)[GUARD_NAME], int count, const char *name,
    size_t n)
{
	for (int i = 0; i < count; i++)
		if (strlen(list[i]) == n && strncasecmp(list[i], name, n) == 0)
			return true;
	return false;
}

static bool
is(const struct token *t, const char *text)
{
	return t->len == strlen(text) && strncasecmp(t->at, text, t->len) == 0;
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
	if (is(&next, "("))
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
	    !guard_listed(g->tenant, g->tenants, s->now.at, s->now.len))
		return true;
	if (!is(&s->now, g->target))
		return refuse(s, "a table that is read without its view");
	if (++s->bare > 1)
		return refuse(s, "the written table is named again");
	return true;
}

/*
 * SQLite takes a string for a name where only a name can stand. So a string
 * must not define one of our prefixes, and in a write none of our tables may
 * stand as a string where a table could.
 */
static bool
string_rule(struct scan *s)
{
	static const char *const before[] = { "FROM", "JOIN", "INTO", "UPDATE",
		"IN", ",", "(" };
	struct guard *g = s->guard;
	struct token name = { .at = s->now.at + 1, .word = true };

	if (*s->now.at != '\'' || s->now.word || s->now.len < 2)
		return true;
	name.len = s->now.len - 2;
	if (begins(&name, "my_") || begins(&name, "guard_") ||
	    begins(&name, "find_"))
		return refuse(s, "a string that begins with a reserved prefix");
	if (!s->write ||
	    !guard_listed(g->tenant, g->tenants, name.at, name.len))
		return true;
	for (size_t i = 0; i < COUNT(before); i++)
		if (is(&s->last, before[i]))
			return refuse(s, "a table's name as a string");
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
	if (is(&s->now, "?") || is(&s->now, "@") || is(&s->now, "$"))
		return refuse(s, "a placeholder that is not :name");
	if (is(&s->now, "OR") && (is(&next, "REPLACE") || is(&next, "IGNORE")))
		return refuse(s, "OR REPLACE or OR IGNORE");
	if (!s->write &&
	    (is(&s->now, "INSERT") || is(&s->now, "UPDATE") ||
		is(&s->now, "DELETE") || is(&s->now, "REPLACE")) &&
	    !is(&next, "("))
		return refuse(s, "a write that does not come first");
	if (begins(&s->now, "find_") && !is(&s->last, ":"))
		return refuse(s, "an index of words");
	if (is(&s->now, "set_config") || begins(&s->now, "pg_"))
		return refuse(s, "a function or table of the server");
	if (is(&next, ".") && (is(&s->now, "main") || is(&s->now, "temp")))
		return refuse(s, "the name of a schema");
	return tenant_rule(s, &next) && prefix_rule(s) && string_rule(s);
}

/* INSERT INTO x, UPDATE x, DELETE FROM x: x is the target. */
static bool
target_find(struct scan *s)
{
	struct token t;
	const char *p = s->rest;

	s->write = true;
	if (!is(&s->now, "UPDATE") &&
	    (!token_read(&p, &t) || (!is(&t, "INTO") && !is(&t, "FROM"))))
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
