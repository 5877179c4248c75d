/* link.c - connecting a practice's system, and how it stands. */
#include <string.h>

#include "base/zone.h"
#include "job/circuit.h"
#include "pms/sync.h"
#include "pms/write.h"

static const char *
provider_must(const char *s)
{
	return pms_named(s) != NULL ? NULL : "SIKKA or BUILTIN";
}

static const struct field put_in[] = {
	{ "provider", F_TEXT, .need = true, .max = 40, .must = provider_must,
	    .about = "SIKKA, or BUILTIN for the book that is built in" },
	{ "credentials", F_OBJECT, .secret = true,
	    .about = "Of SIKKA: app_id, app_key, and office_id with "
		     "secret_key or, where the app is authorised for more "
		     "than one practice, practice_id" },
	{ "config", F_OBJECT, .about = "timezone, and what a frontend keeps" },
	{ 0 },
};

static const struct field breaker_out[] = {
	{ "state", F_ENUM, .set = "closed|open|half-open" },
	{ "failures", F_INT },
	{ "openUntil", F_TIME },
	{ "lastError", F_TEXT },
	{ 0 },
};
static const struct field features_out[] = {
	{ "appointments", F_BOOL },
	{ "patients", F_BOOL },
	{ "providers", F_BOOL },
	{ "writebacks", F_BOOL },
	{ 0 },
};
static const struct field integration_out[] = {
	{ "id", F_TEXT },
	{ "provider", F_TEXT },
	{ "status", F_ENUM, .set = "ACTIVE|SETUP_REQUIRED|ERROR" },
	{ "officeId", F_TEXT },
	{ "practiceId", F_TEXT },
	{ "practiceName", F_TEXT },
	{ "system", F_TEXT },
	{ "credentialsPreview", F_TEXT },
	{ "config", F_OBJECT },
	{ "features", F_OBJECT, .sub = features_out },
	{ "lastSyncAt", F_TIME },
	{ "lastFullSyncAt", F_TIME },
	{ "lastError", F_TEXT },
	{ "pendingWritebacks", F_INT },
	{ "breaker", F_OBJECT, .sub = breaker_out },
	{ 0 },
};
static const struct field setup_out[] = {
	{ "success", F_BOOL },
	{ "integration", F_OBJECT, .sub = integration_out },
	{ 0 },
};
static const struct field nothing_in[] = { { 0 } };

SQL put_sql[] =
    "INSERT INTO pms_link (account_id, id, provider, status, practice_id,"
    " config, created_at, updated_at) VALUES (app_account(), :l_id,"
    " :l_provider, 'pending', COALESCE(CAST(:l_practice AS TEXT), '1'),"
    " :l_config, :now_ms, :now_ms)"
    " ON CONFLICT (account_id) DO UPDATE SET id = excluded.id,"
    " status = 'pending',"
    " practice_id = excluded.practice_id, config = excluded.config,"
    " last_error = NULL, full_at = NULL, pass = NULL, noun = NULL, page = 0,"
    " updated_at = excluded.updated_at";
SQL drop_sql[] = "DELETE FROM pms_link WHERE account_id = app_account()";
SQL open_sql[] = "SELECT id FROM my_pms_writeback"
		 " WHERE state IN ('queued', 'sending', 'sent') ORDER BY id";
SQL dropped_sql[] =
    "UPDATE pms_writeback SET state = 'dropped', done_at = :now_ms,"
    " last_error = 'the system was disconnected'"
    " WHERE account_id = app_account()"
    " AND state IN ('queued', 'sending', 'sent')";
SQL count_sql[] =
    "SELECT (SELECT count(*) FROM my_pms_writeback"
    " WHERE state IN ('queued', 'sending', 'sent')) AS pending,"
    " (SELECT preview FROM my_credential WHERE kind = :l_provider) AS preview";

/* --- the answer ------------------------------------------------------------
 */

static void
put_when(struct jout *j, const char *name, int64_t t_ms)
{
	jout_name(j, name);
	if (t_ms > 0)
		jout_time(j, t_ms);
	else
		jout_null(j);
}

static void
tell_breaker(struct jout *j, const struct circuit *b)
{
	jout_name(j, "breaker");
	jout_open(j, '{');
	jout_put_str(j, "state", b->state);
	jout_put_int(j, "failures", b->failures);
	put_when(j, "openUntil", b->open_until);
	jout_put_str(j, "lastError", b->why);
	jout_close(j, '}');
}

static void
tell_features(struct jout *j, bool outside)
{
	jout_name(j, "features");
	jout_open(j, '{');
	jout_put_bool(j, "appointments", true);
	jout_put_bool(j, "patients", true);
	jout_put_bool(j, "providers", true);
	jout_put_bool(j, "writebacks", outside);
	jout_close(j, '}');
}

static const char *
status_of(const struct pms *p)
{
	const char *status = row_text(&p->link, "status");

	return status == NULL || str_eq(status, "active") ? "ACTIVE" :
	    str_eq(status, "pending")			  ? "SETUP_REQUIRED" :
							    "ERROR";
}

static void
tell_link(struct jout *j, const struct pms *p)
{
	const struct row *row = &p->link;
	const char *config = row_text(row, "config");

	jout_put_str(j, "id", row_text(row, "id"));
	jout_put_str(j, "provider", p->system->label);
	jout_put_str(j, "status", status_of(p));
	jout_put_str(j, "officeId", row_text(row, "office_id"));
	jout_put_str(j, "practiceId", row_text(row, "practice_id"));
	jout_put_str(j, "practiceName", row_text(row, "practice_name"));
	jout_put_str(j, "system", row_text(row, "system_name"));
	jout_name(j, "config");
	jout_raw(j, config != NULL ? config : "{}");
	put_when(j, "lastSyncAt", row_int(row, "last_sync_at"));
	put_when(j, "lastFullSyncAt", row_int(row, "full_at"));
	jout_put_str(j, "lastError", row_text(row, "last_error"));
}

static enum rc
setup_get(struct req *r)
{
	struct jout *j = &r->json_out;
	struct circuit breaker;
	struct row row;
	struct pms p;

	if (pms_find_link(r, &p) || circuit_read(r, p.system->name, &breaker))
		return r->rc;
	req_set(r, "l_provider", val_text(p.system->name));
	if (sql_row(r, count_sql, &row))
		return r->rc;
	jout_open(j, '{');
	jout_put_bool(j, "success", true);
	jout_name(j, "integration");
	jout_open(j, '{');
	tell_link(j, &p);
	jout_put_str(j, "credentialsPreview", row_text(&row, "preview"));
	tell_features(j, pms_outside(&p));
	jout_put_int(j, "pendingWritebacks", row_int(&row, "pending"));
	tell_breaker(j, &breaker);
	jout_close(j, '}');
	jout_close(j, '}');
	return OK;
}

/* --- disconnect ------------------------------------------------------------
 */

/* In a write transaction: link and mirror go, what waits is told to nobody. */
static enum rc
disconnect(struct req *r)
{
	const struct pms_system *system;
	struct row *list;
	struct pms p;

	if (pms_find_link(r, &p) || !pms_outside(&p))
		return r->rc;
	system = p.system;
	if (system->forget(r) || sql_rows(r, open_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next)
		if (job_drop(r, PMS_WRITE_JOB, row_text(list, "id")))
			return r->rc;
	if (sql_do(r, dropped_sql) || sql_do(r, drop_sql) ||
	    job_drop(r, PMS_SYNC_JOB, r->account) ||
	    circuit_tell(r, system->name, NULL) ||
	    pms_integration(r, system, "disconnected", 0))
		return r->rc;
	return event_put(r, "pms.disconnected", system->name, NULL);
}

/* --- connect ---------------------------------------------------------------
 */

static const char *
practice_of(struct req *r, const cJSON *credentials)
{
	const cJSON *v = json_get(credentials, "practice_id");
	const char *s;

	if (v == NULL)
		v = json_get(credentials, "practiceId");
	s = cJSON_IsNumber(v) ? json_print(r->arena, v) : json_text(v);
	if (v == NULL || cJSON_IsNull(v))
		return NULL;
	if (s != NULL && *s != '\0' && strlen(s) <= 40)
		return s;
	(void)fail_field(r, "credentials.practice_id",
	    "must be a text of at most 40 characters");
	return NULL;
}

static const char *
config_of(struct req *r)
{
	const cJSON *config = json_get(r->json, "config");
	const char *zone = json_path_text(config, "timezone");

	if (zone != NULL && !zone_valid(zone))
		(void)fail_field(r, "config.timezone",
		    "must be a time zone, such as Europe/Paris");
	if (!cJSON_IsObject(config))
		return "{}";
	return json_print(r->arena, config);
}

/* Another practice than before starts from nothing. */
static enum rc
replace(struct pms *p, const struct pms *old, const char *office)
{
	if (old->link.count == 0 ||
	    (old->system == p->system && office != NULL &&
		str_eq(office, row_text(&old->link, "office_id"))))
		return OK;
	return disconnect(p->r);
}

/* What waits is told at once. */
static enum rc
wake(struct req *r)
{
	struct row *list;

	if (sql_rows(r, open_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next)
		if (job_put(r, PMS_WRITE_JOB, row_text(list, "id"), NULL,
			r->now_ms))
			return r->rc;
	return sync_again(r, r->now_ms);
}

static enum rc
connect_put(struct pms *p, const struct pms_practice *practice)
{
	struct req *r = p->r;
	struct pms old;

	if (req_begin(r, DB_WRITE) || pms_find_link(r, &old) ||
	    replace(p, &old, practice->office))
		return r->rc;
	(void)req_new_id(r, "l_id");
	req_set(r, "l_provider", val_text(p->system->name));
	req_set(r, "l_practice", val_text(practice->id));
	if (sql_do(r, put_sql) || p->system->seal(p))
		return r->rc;
	if (p->said.end == PMS_OK && sync_known(p, practice))
		return r->rc;
	if (wake(r) || setup_get(r))
		return r->rc;
	return req_commit(r);
}

/*
 * The credentials are tried at once. With nobody there to ask they are kept,
 * and the runner tries them (202); refused ones are not kept.
 */
static enum rc
connect_outside(struct req *r, const struct pms_system *system)
{
	const cJSON *credentials = json_get(r->json, "credentials");
	struct pms p = { .r = r, .system = system, .zone = "UTC" };
	struct pms_practice practice = { .id = practice_of(r, credentials) };

	req_set(r, "l_config", val_text(config_of(r)));
	if (system->take(&p, credentials) || r->rc != OK)
		return r->rc;
	system->check(&p, &practice);
	if (r->rc != OK)
		return r->rc;
	if (p.said.end == PMS_KEY || p.said.end == PMS_REFUSED)
		return fail(r, E_CONFLICT, "%s refuses these credentials: %s",
		    system->label, p.said.why);
	if (p.said.end != PMS_OK)
		r->status = 202;
	return connect_put(&p, &practice);
}

static enum rc
setup_put(struct req *r)
{
	const struct pms_system *system = pms_named(req_text(r, "provider"));

	if (system->open != NULL)
		return connect_outside(r, system);
	if (req_begin(r, DB_WRITE) || disconnect(r) || setup_get(r))
		return r->rc;
	return req_commit(r);
}

static const struct route routes[] = {
	{ "GET", "/pms/setup", .out = setup_out, .run = setup_get,
	    .about = "Which system, and how it stands" },
	{ "POST", "/pms/setup", .also = 202, .who = ADMIN, .pool = WAIT,
	    .tx = TX_OWN, .flags = LAX, .in = put_in, .out = setup_out,
	    .run = setup_put,
	    .about = "Connect a system; 202: its credentials could not be "
		     "tried yet" },
	{ "DELETE", "/pms/setup", .status = 204, .who = ADMIN,
	    .run = disconnect,
	    .about = "Disconnect it, and forget what it held" },
	{ "JOB", PMS_SYNC_JOB, .who = RUNNER, .tx = TX_OWN, .in = nothing_in,
	    .run = pms_sync_run,
	    .about = "Read a page of the practice's system" },
	{ "JOB", PMS_WRITE_JOB, .who = RUNNER, .tx = TX_OWN, .in = nothing_in,
	    .run = pms_write_run,
	    .about = "Tell the practice's system of one change" },
	{ 0 },
};

const struct resource pms_setup = { "pms_setup",
	"The connection to a practice's system", routes };

/* The book that is built in: there is nothing outside. */
const struct pms_system pms_builtin = { .name = "builtin",
	.label = "BUILTIN",
	.title = "Built-in book" };
