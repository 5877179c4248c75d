/* health.c - is it alive, is it ready, what is it, what does it offer? */
#include "base/conf.h"
#include "db/migrate.h"
#include "dispatch.h"
#include "safe/seal.h"

static const struct field health_out[] = {
	{ "status", F_TEXT },
	{ 0 },
};
static const struct field version_out[] = {
	{ "name", F_TEXT },
	{ "version", F_TEXT },
	{ "schema", F_INT },
	{ 0 },
};

SQL_WHOLE ready_sql[] = "SELECT count(*) AS \"jobs:int\" FROM job"
			" WHERE state = 'dead'";

static enum rc
status_tell(struct req *r, const char *status)
{
	jout_open(&r->json_out, '{');
	jout_put_str(&r->json_out, "status", status);
	jout_close(&r->json_out, '}');
	return OK;
}

/* The worker runs; nothing else is asked. */
static enum rc
health(struct req *r)
{
	return status_tell(r, "ok");
}

/* The database answers and a key is loaded: calls can be served. */
static enum rc
ready(struct req *r)
{
	char why[256];
	struct row row;
	enum rc rc = sql_row(r, ready_sql, &row);

	if (rc != OK)
		return rc;
	if (seal_current() == 0 && seal_load(conf->key_file, why) != OK) {
		log_msg(LOG_ERROR, "%s", why);
		return fail(r, E_BUSY,
		    "there is no key to open credentials "
		    "with; run `frontdesk key init`");
	}
	return status_tell(r, "ready");
}

static enum rc
version(struct req *r)
{
	struct jout *j = &r->json_out;

	jout_open(j, '{');
	jout_put_str(j, "name", "frontdesk");
	jout_put_str(j, "version", VERSION);
	jout_put_int(j, "schema", migrate_latest());
	jout_close(j, '}');
	return OK;
}

static const struct field openapi_out[] = {
	{ "openapi", F_TEXT },
	{ "info", F_OBJECT },
	{ "paths", F_OBJECT },
	{ "components", F_OBJECT },
	{ 0 },
};

static enum rc
openapi(struct req *r)
{
	enum rc rc = describe_api(r->arena, r->db, &r->out);

	return rc == OK ? OK : fail_db(r, rc);
}

static const struct route routes[] = {
	{ "GET", "/health", .who = ANYONE, .tx = TX_OWN, .out = health_out,
	    .run = health, .about = "Is a worker alive?" },
	{ "GET", "/ready", .who = ANYONE, .out = health_out, .run = ready,
	    .about = "Can calls be served?" },
	{ "GET", "/version", .who = ANYONE, .tx = TX_OWN, .out = version_out,
	    .run = version, .about = "Name, version and schema" },
	{ "GET", "/openapi.json", .who = ANYONE, .tx = TX_OWN,
	    .out = openapi_out, .run = openapi,
	    .about = "This description, OpenAPI 3.1" },
	{ 0 },
};
const struct resource ops_health = { "ops_health",
	"Health, version and description", routes };
