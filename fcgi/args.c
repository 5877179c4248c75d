/* args.c - arguments of the sub-commands. */
#include <stdarg.h>
#include <string.h>

#include "base/conf.h"
#include "base/str.h"
#include "role.h"

const char *
args_option(struct args *a, const char *name, const char *def)
{
	size_t n = strlen(name);

	for (int i = 0; i < a->count; i++) {
		const char *s = a->list[i];

		if (!str_starts(s, "--") || strncmp(s + 2, name, n) != 0)
			continue;
		if (s[n + 2] == '=') {
			a->used[i] = 1;
			return s + n + 3;
		}
		if (s[n + 2] == '\0' && i + 1 < a->count) {
			a->used[i] = a->used[i + 1] = 1;
			return a->list[i + 1];
		}
	}
	return def;
}

bool
args_flag(struct args *a, const char *name)
{
	for (int i = 0; i < a->count; i++)
		if (str_starts(a->list[i], "--") &&
		    str_eq(a->list[i] + 2, name)) {
			a->used[i] = 1;
			return true;
		}
	return false;
}

const char *
args_word(struct args *a)
{
	for (int i = 0; i < a->count; i++)
		if (!a->used[i] && a->list[i][0] != '-') {
			a->used[i] = 1;
			return a->list[i];
		}
	return NULL;
}

bool
args_workers(struct args *a, int *workers)
{
	const char *s = args_option(a, "workers", NULL);
	int64_t n = conf->workers;

	if (s != NULL && !str_int(s, 1, 64, &n))
		return false;
	*workers = n < 1 ? 1 : n > 64 ? 64 : (int)n;
	return args_all_used(a);
}

bool
args_all_used(const struct args *a)
{
	for (int i = 0; i < a->count; i++)
		if (!a->used[i])
			return false;
	return true;
}

int
args_usage(const struct args *a, const char *usage)
{
	(void)a;
	fprintf(stderr, "usage: frontdesk %s\n", usage);
	return 2;
}

int
args_fail(const char *fmt, ...)
{
	va_list ap;

	fputs("frontdesk: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return 1;
}
