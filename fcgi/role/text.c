/* text.c - the sub-commands that only print: conf, routes, openapi, version. */
#include <stdio.h>

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <sqlite3.h>

#include "base/conf.h"
#include "db/migrate.h"
#include "dispatch.h"
#include "role.h"

int
role_conf(struct args *a)
{
	(void)a;
	conf_print(stdout);
	return 0;
}

int
role_version(struct args *a)
{
	(void)a;
	printf("frontdesk %s, schema %d\n", VERSION, migrate_latest());
	printf("SQLite %s, libsodium %s, %s, libcurl %s, cJSON %s\n",
	    sqlite3_libversion(), sodium_version_string(),
	    OpenSSL_version(OPENSSL_VERSION),
	    curl_version_info(CURLVERSION_NOW)->version, cJSON_Version());
	return 0;
}

/*
 * A line of nginx's map from method and address to pool. Parts that a route
 * binds match anything without a slash.
 */
static void
nginx_line(const struct route *t)
{
	bool bare = t->who == VAPI || t->who == TWILIO;

	printf("\"~^%s %s", t->method,
	    bare ? "(?:/api(?:/v1)?)?" : "/api(?:/v1)?");
	for (const char *p = t->path; *p != '\0'; p++) {
		if (*p == ':') {
			printf("[^/]+");
			while (p[1] != '\0' && p[1] != '/')
				p++;
		} else
			putchar(*p);
	}
	printf("$\" %s;\n", pool_names[t->pool]);
}

int
role_routes(struct args *a)
{
	static const char *const who[WHO_COUNT] = { "member", "admin", "anyone",
		"runner", "vapi", "twilio" };
	bool nginx = args_flag(a, "nginx");
	const struct resource *res;
	const struct route *t;

	if (!args_all_used(a))
		return args_usage(a, "routes [--nginx]");
	for (int i = 0; (t = route_at(i, &res)) != NULL; i++) {
		if (t->who == RUNNER && nginx)
			continue;
		if (!nginx)
			printf("%-6s %-34s %-4s %-7s %s\n", t->method, t->path,
			    pool_names[t->pool], who[t->who],
			    t->about != NULL ? t->about : "");
		else if (t->pool != WEB)
			nginx_line(t);
	}
	return 0;
}

int
role_openapi(struct args *a)
{
	struct arena *arena = arena_new(REQ_ARENA_BYTES);
	struct db *db = NULL;
	struct buf text;
	int status = 0;

	(void)a;
	if (arena == NULL)
		return args_fail("out of memory");
	buf_init(&text, arena);
	if (db_open(&db) != OK)
		status = args_fail("%s", db_why(db));
	else if (describe_api(arena, db, &text) != OK)
		status = args_fail("the description could not be made: %s",
		    db_why(db));
	else
		puts(buf_text(&text));
	db_close(db);
	arena_free(arena);
	return status;
}
