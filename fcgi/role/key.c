/* key.c - the sub-command for the keys that seal credentials. */
#include <stdlib.h>

#include "base/conf.h"
#include "dispatch.h"
#include "role.h"
#include "safe/seal.h"
#include "vault/vault.h"

static int
list(void)
{
	int ids[255];
	int n = seal_keys(ids);

	for (int i = 0; i < n; i++)
		printf("%d%s\n", ids[i],
		    ids[i] == seal_current() ? " seals" : " opens");
	return 0;
}

/* A new key, then every credential under it. */
static int
rotate(void)
{
	static struct req r;
	int64_t count = 0;
	char why[256];
	int id, status = 0;

	if (db_open(&r.db) != OK)
		return args_fail("%s", db_why(r.db));
	if (seal_add_key(conf->key_file, &id, why) != OK) {
		db_close(r.db);
		return args_fail("%s", why);
	}
	r.arena = arena_new(REQ_ARENA_BYTES);
	r.now_ms = clock_now_ms();
	if (r.arena == NULL || vault_reseal(&r, &count) != OK)
		status = args_fail("key %d is in force, but not all "
				   "credentials are under it: %s; run it again",
		    id, r.reason != NULL ? r.reason : "out of memory");
	else
		printf("key %d seals now; %lld credentials sealed anew\n", id,
		    (long long)count);
	arena_free(r.arena);
	db_close(r.db);
	return status;
}

int
role_key(struct args *a)
{
	const char *verb = args_word(a);
	char why[256];
	enum rc rc;
	int id;

	if (verb == NULL || !str_in("init|list|rotate", verb))
		return args_usage(a, "key init | list | rotate");
	rc = seal_load(conf->key_file, why);
	if (str_eq(verb, "init") && rc == E_MISSING) {
		if (seal_add_key(conf->key_file, &id, why) != OK)
			return args_fail("%s", why);
		printf("wrote %s; keep a copy of it apart from the "
		       "database's\n",
		    conf->key_file);
		return 0;
	}
	if (rc != OK)
		return args_fail("%s", why);
	return str_eq(verb, "rotate") ? rotate() : list();
}
