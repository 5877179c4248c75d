/* postgres_schema.c - what the schema of the PostgreSQL engine is made of. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/str.h"
#include "db/postgres_int.h"

const char pg_begun[] = "SELECT count(*) FROM pg_catalog.pg_class"
			" WHERE oid = to_regclass('schema_migration')";

const char pg_tenants[] =
    "SELECT substr(viewname, 4) FROM pg_catalog.pg_views"
    " WHERE schemaname = current_schema() AND substr(viewname, 1, 3) = 'my_'";

const char pg_strays[] =
    "SELECT c.relname FROM pg_catalog.pg_class c"
    " WHERE c.relnamespace = current_schema()::regnamespace"
    " AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE 'schema\\_%'"
    " AND c.relname NOT LIKE 'find\\_%'"
    " AND c.relname NOT IN (SELECT name FROM schema_open)"
    " AND NOT (c.relrowsecurity AND c.relforcerowsecurity"
    " AND EXISTS (SELECT 1 FROM pg_catalog.pg_policy p"
    " WHERE p.polrelid = c.oid)"
    " AND to_regclass('my_' || c.relname) IS NOT NULL)"
    " ORDER BY c.relname";

/*
 * app_guard keeps foreign keys, to which no policy applies, from reaching into
 * another account, and touches updated_at; JSON in a TEXT column is read by
 * `->>`, as on SQLite.
 */
const char pg_start[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " version bigint PRIMARY KEY, name text NOT NULL,"
    " applied_at bigint NOT NULL);"
    "CREATE TABLE IF NOT EXISTS schema_open (name text PRIMARY KEY);"
    "CREATE OR REPLACE FUNCTION app_account() RETURNS text"
    " LANGUAGE plpgsql STABLE AS $$"
    " DECLARE a text := current_setting('frontdesk.account', true);"
    " BEGIN"
    "  IF coalesce(a, '') = '' THEN RAISE 'no account is set'; END IF;"
    "  RETURN a;"
    " END $$;"
    "CREATE OR REPLACE FUNCTION app_now() RETURNS bigint"
    " LANGUAGE sql VOLATILE AS $$"
    " SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000)"
    " AS bigint) $$;"
    "CREATE OR REPLACE FUNCTION app_json(t text) RETURNS boolean"
    " LANGUAGE plpgsql IMMUTABLE AS $$"
    " BEGIN PERFORM t::json; RETURN true;"
    " EXCEPTION WHEN invalid_text_representation THEN RETURN false;"
    " END $$;"
    "CREATE OR REPLACE FUNCTION app_member(t text, name text) RETURNS text"
    " LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT t::json ->> name $$;"
    "DO $$ BEGIN"
    " CREATE OPERATOR ->> (LEFTARG = text, RIGHTARG = text,"
    "  FUNCTION = app_member);"
    " EXCEPTION WHEN duplicate_function THEN NULL; END $$;"
    "CREATE OR REPLACE FUNCTION app_guard() RETURNS trigger"
    " LANGUAGE plpgsql AS $$"
    " BEGIN"
    "  IF OLD.account_id IS DISTINCT FROM app_account() THEN"
    "   RAISE 'denied: another account';"
    "  END IF;"
    "  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;"
    "  IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at"
    "  AND OLD.updated_at < app_now() THEN"
    "   NEW.updated_at := app_now();"
    "  END IF;"
    "  RETURN NEW;"
    " END $$;";

/*
 * The policy is asked once a statement, not once a row, which is what the
 * sub-select is for. FORCE binds the owner of the table as well.
 */
void
pg_tenant(struct buf *b, const char *x)
{
	buf_printf(b,
	    "ALTER TABLE %s ENABLE ROW LEVEL SECURITY;"
	    " ALTER TABLE %s FORCE ROW LEVEL SECURITY;\n"
	    "CREATE POLICY own ON %s"
	    " USING (account_id = (SELECT app_account()))"
	    " WITH CHECK (account_id = (SELECT app_account()));\n",
	    x, x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s BEFORE UPDATE OR DELETE ON %s"
	    " FOR EACH ROW EXECUTE FUNCTION app_guard();\n"
	    "CREATE VIEW my_%s WITH (security_invoker = true) AS"
	    " SELECT * FROM %s WHERE account_id = (SELECT app_account());\n",
	    x, x, x, x);
}

static const struct {
	const char *ours;
	const char *theirs;
} types[] = {
	/* bytes in order, as on SQLite; no language's rules */
	{ "TEXT", "TEXT COLLATE \"C\"" },
	{ "INTEGER", "BIGINT" },
	{ "REAL", "DOUBLE PRECISION" },
};

static const char *
type_of(const char *word, size_t n)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (strlen(types[i].ours) == n &&
		    memcmp(types[i].ours, word, n) == 0)
			return types[i].theirs;
	return NULL;
}

/* Types in capitals are translated, but for those of CAST (x AS TEXT). */
void
pg_line(struct buf *b, const char *line, size_t len)
{
	const char *end = line + len, *type;
	bool cast = false;

	while (line < end) {
		size_t n = 0;

		while (line + n < end &&
		    (isalnum((unsigned char)line[n]) || line[n] == '_'))
			n++;
		type = cast ? NULL : type_of(line, n);
		if (type != NULL)
			buf_add(b, type, strlen(type));
		else
			buf_add(b, line, n > 0 ? n : 1);
		if (n > 0)
			cast = n == 2 && memcmp(line, "AS", 2) == 0;
		line += n > 0 ? n : 1;
	}
	buf_add(b, "\n", 1);
}

/* --- who may
 * ------------------------------------------------------------------ */

/* The user that the workers are, as the URL or the environment has it. */
static char *
runtime_user(void)
{
	PQconninfoOption *all = PQconninfoParse(conf->database, NULL), *o;
	const char *user = getenv("PGUSER");
	char *copy;

	for (o = all; o != NULL && o->keyword != NULL; o++)
		if (str_eq(o->keyword, "user") && o->val != NULL)
			user = o->val;
	copy = user != NULL ? strdup(user) : NULL;
	PQconninfoFree(all);
	return copy;
}

/* What the workers may do with the tables there are now. */
enum rc
pg_grant(struct db *db)
{
	struct pg *pg = pg_of(db);
	char *user = runtime_user(), *name = NULL;
	struct arena *a = arena_new(1 << 16);
	const char *sql = NULL;
	enum rc rc = E_INTERNAL;

	if (user != NULL && str_eq(user, PQuser(pg->conn)))
		rc = OK; /* the owner; db_open will refuse to work as it */
	else if (user != NULL && a != NULL)
		name = PQescapeLiteral(pg->conn, user, strlen(user));
	if (name != NULL)
		sql = arena_printf(a,
		    "DO $$ DECLARE u text := %s; s text := current_schema();"
		    " t regclass;"
		    " BEGIN"
		    " EXECUTE format('GRANT USAGE ON SCHEMA %%I TO %%I', s, u);"
		    " EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON"
		    " ALL TABLES IN SCHEMA %%I TO %%I', s, u);"
		    " EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON"
		    " schema_migration, schema_open FROM %%I', u);"
		    " FOR t IN SELECT oid FROM pg_catalog.pg_class"
		    "  WHERE relkind = 'r' AND relname LIKE 'find\\_%%'"
		    "  AND relnamespace = s::regnamespace LOOP"
		    "  EXECUTE format('REVOKE ALL ON %%s FROM %%I', t, u);"
		    " END LOOP;"
		    " END $$",
		    name);
	if (sql != NULL)
		rc = pg_plain(pg, sql, NULL);
	else if (rc != OK)
		(void)db_blame(db, rc, "FRONTDESK_DATABASE names no user");
	PQfreemem(name);
	free(user);
	arena_free(a);
	return rc;
}

/* Row-level security must hold for the one we are. */
enum rc
pg_guard(struct db *db)
{
	static const char sql[] =
	    "SELECT CASE WHEN r.rolsuper OR r.rolbypassrls"
	    " THEN 'stands above row-level security'"
	    " WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_class c"
	    " WHERE c.relnamespace = current_schema()::regnamespace"
	    " AND pg_has_role(c.relowner, 'MEMBER'))"
	    " THEN 'owns the tables, so that row-level security does not bind"
	    " it' END, r.rolname"
	    " FROM pg_catalog.pg_roles r WHERE r.rolname = current_user";
	struct pg *pg = pg_of(db);
	PGresult *res;
	enum rc rc = pg_plain(pg, sql, &res);

	if (rc != OK)
		return rc;
	if (PQntuples(res) != 1 || !PQgetisnull(res, 0, 0))
		rc = db_blame(db, E_CONFLICT,
		    "the role \"%s\" %s: name another one in "
		    "FRONTDESK_DATABASE, and this one in "
		    "FRONTDESK_DATABASE_OWNER",
		    PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 0));
	PQclear(res);
	return rc;
}

/* --- the whole of it
 * ------------------------------------------------------------ */

/* Who else is connected; a background worker is nobody. */
static enum rc
alone(struct pg *pg)
{
	static const char sql[] =
	    "SELECT count(*), string_agg(DISTINCT usename, ', ')"
	    " FROM pg_catalog.pg_stat_activity"
	    " WHERE datname = current_database() AND usesysid IS NOT NULL"
	    " AND pid <> pg_backend_pid()";
	PGresult *res;
	enum rc rc = pg_plain(pg, sql, &res);

	if (rc != OK)
		return rc;
	if (!str_eq(PQgetvalue(res, 0, 0), "0"))
		rc = db_blame(&pg->db, E_CONFLICT,
		    "%s connections are open (%s): stop frontdesk, and "
		    "pgbouncer if there is one",
		    PQgetvalue(res, 0, 0), PQgetvalue(res, 0, 1));
	PQclear(res);
	return rc;
}

/* Each table locked, so that nobody comes in between; policies put aside. */
enum rc
pg_seize(struct db *db)
{
	static const char sql[] =
	    "DO $$ DECLARE t record; BEGIN"
	    " FOR t IN SELECT oid::regclass AS name, relrowsecurity AS own"
	    "  FROM pg_catalog.pg_class WHERE relkind = 'r'"
	    "  AND relnamespace = current_schema()::regnamespace ORDER BY 1"
	    " LOOP"
	    "  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', t.name);"
	    "  IF t.own THEN"
	    "   EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY',"
	    "    t.name);"
	    "  END IF;"
	    " END LOOP; END $$";
	enum rc rc = db_script(db, sql);

	return rc == OK ? alone(pg_of(db)) : rc;
}

enum rc
pg_release(struct db *db)
{
	static const char sql[] =
	    "DO $$ DECLARE t record; BEGIN"
	    " FOR t IN SELECT oid::regclass AS name"
	    "  FROM pg_catalog.pg_class WHERE relkind = 'r' AND relrowsecurity"
	    "  AND relnamespace = current_schema()::regnamespace ORDER BY 1"
	    " LOOP"
	    "  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY',"
	    "   t.name);"
	    " END LOOP; END $$";

	return db_script(db, sql);
}
