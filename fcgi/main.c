/* main.c - one binary, its roles by sub-command. */
#include <stdio.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/str.h"
#include "role.h"

static const struct {
	const char *name;
	const char *about;
	int (*run)(struct args *);
} roles[] = {
#define ROLE(name, about) { #name, about, role_##name },
#include "role.def"
#undef ROLE
};

int
role_help(struct args *a)
{
	(void)a;
	printf("frontdesk: the back end for AI phone agents.\n\n");
	for (size_t i = 0; i < COUNT(roles); i++)
		printf("  frontdesk %-8s %s\n", roles[i].name, roles[i].about);
	printf("\nSettings come from the environment and from "
	       "DATA/frontdesk.conf; `frontdesk conf`\nprints them all.\n");
	return 0;
}

static void
level_set(void)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

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
	fprintf(stderr,
	    "frontdesk: there is no \"%s\"; try `frontdesk "
	    "help`\n",
	    a.role);
	return 2;
}
