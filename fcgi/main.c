/* main.c - one binary, its roles by sub-command. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/str.h"
#include "role.h"

static const struct {
	const char	*name;
	const char	*about;
	int		(*run)(struct args *);
} roles[] = {
#define ROLE(name, about) { #name, about, role_##name },
#include "role.def"
#undef ROLE
};

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

int
role_help(struct args *a)
{
	(void)a;
	printf("frontdesk: the back end for AI phone agents.\n\n");
	for (size_t i = 0; i < COUNT(roles); i++)
		printf("  frontdesk %-8s %s\n", roles[i].name,
		    roles[i].about);
	printf("\nSettings come from the environment and from "
	    "DATA/frontdesk.conf; `frontdesk conf`\nprints them all.\n");
	return 0;
}

static void
level_set(void)
{
	static const char *const names[] = { "debug", "info", "warn",
	    "error" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(names[i], conf->log_level))
			log_level_set((enum log_level)i);
}

int
main(int argc, char **argv)
{
	struct args a = { .role = argc > 1 ? argv[1] : "help" };
	char why[256];

	if (argc > 2) {
		a.count = argc - 2 < 64 ? argc - 2 : 64;
		a.list = argv + 2;
	}
	if (str_eq(a.role, "--help") || str_eq(a.role, "-h"))
		a.role = "help";
	if (str_eq(a.role, "--version"))
		a.role = "version";
	if (conf_load(why) != OK)
		return args_fail("%s", why);
	level_set();
	for (size_t i = 0; i < COUNT(roles); i++)
		if (str_eq(roles[i].name, a.role))
			return roles[i].run(&a);
	fprintf(stderr, "frontdesk: there is no \"%s\"; try `frontdesk "
	    "help`\n", a.role);
	return 2;
}
