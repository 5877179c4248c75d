/* migrate.c - the sub-command that brings the schema to this version. */
#include "base/arena.h"
#include "base/str.h"
#include "db/migrate.h"
#include "role.h"

#define ARENA_BYTES ((size_t)16 << 20)

static int
status(int version)
{
	for (const struct migration *m = migrations; m->version != 0; m++)
		printf("%s %04d %s\n",
		    m->version <= version ? "applied" : "pending", m->version,
		    m->name);
	return 0;
}

/* Where to go: up is the newest, down N steps back (one). */
static bool
target(struct args *a, const char *verb, int version, int *to)
{
	const char *word = args_word(a);
	int64_t n = 1;

	if (str_eq(verb, "up"))
		*to = migrate_latest();
	else if (str_eq(verb, "down") &&
	    (word == NULL || str_int(word, 1, 1000, &n)))
		*to = version > n ? version - (int)n : 0;
	else
		return false;
	return true;
}

int
role_migrate(struct args *a)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	const char *verb = args_word(a);
	struct db *db = NULL;
	int version, to, rc = 0;

	if (arena == NULL)
		return args_fail("out of memory");
	if (db_open_raw(&db) != OK || (version = migrate_version(db)) < 0)
		rc = args_fail("%s", db_why(db));
	else if (verb != NULL && str_eq(verb, "status"))
		rc = status(version);
	else if (verb == NULL || !target(a, verb, version, &to))
		rc = args_usage(a, "migrate up | down [N] | status");
	else if (version > migrate_latest())
		rc = args_fail("the database has schema %d, this program knows "
			       "%d: use the newer program",
		    version, migrate_latest());
	else if (migrate_to(db, arena, to, stdout) != OK)
		rc = args_fail("%s", db_why(db));
	db_close(db);
	arena_free(arena);
	return rc;
}
