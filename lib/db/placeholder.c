/* placeholder.c - statements with `:name`, for a server that counts `$1`. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/placeholder.h"

#define NUMBER_MAX 12 /* bytes of "$2147483647" */

static bool
name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The number of the name of n bytes, counted from 1; 0: out of memory. */
static int
number_of(struct placeholders *p, const char *name, size_t n)
{
	char **more;

	for (int i = 0; i < p->count; i++)
		if (strlen(p->name[i]) == n && memcmp(p->name[i], name, n) == 0)
			return i + 1;
	more = realloc(p->name, ((size_t)p->count + 1) * sizeof(*more));
	if (more == NULL)
		return 0;
	p->name = more;
	p->name[p->count] = strndup(name, n);
	if (p->name[p->count] == NULL)
		return 0;
	return ++p->count;
}

/* Bytes at s that are taken as they are: quoted, `::`, or one. */
static size_t
plain_bytes(const char *s)
{
	const char *end;

	if (*s == '\'' || *s == '"') {
		end = strchr(s + 1, *s);
		return end != NULL ? (size_t)(end - s) + 1 : strlen(s);
	}
	return s[0] == ':' && s[1] == ':' ? 2 : 1;
}

bool
placeholders_number(struct placeholders *p, const char *sql)
{
	size_t len = 0, room = strlen(sql) + 1, n;
	int number;

	memset(p, 0, sizeof(*p));
	/* `:a` grows to eleven bytes at the most */
	for (const char *s = sql; *s != '\0'; s++)
		room += *s == ':' ? NUMBER_MAX : 0;
	p->text = malloc(room);
	while (p->text != NULL && *sql != '\0') {
		if (*sql != ':' || !name_char(sql[1])) {
			n = plain_bytes(sql);
			memcpy(p->text + len, sql, n);
			len += n;
			sql += n;
			continue;
		}
		for (n = 1; name_char(sql[n]); n++)
			;
		number = number_of(p, sql + 1, n - 1);
		if (number == 0)
			return false;
		len +=
		    (size_t)snprintf(p->text + len, NUMBER_MAX, "$%d", number);
		sql += n;
	}
	if (p->text != NULL)
		p->text[len] = '\0';
	return p->text != NULL;
}

void
placeholders_free(struct placeholders *p)
{
	for (int i = 0; i < p->count; i++)
		free(p->name[i]);
	free(p->name);
	free(p->text);
	memset(p, 0, sizeof(*p));
}
