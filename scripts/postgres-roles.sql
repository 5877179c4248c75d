-- postgres-roles.sql - makes a PostgreSQL server ready for frontdesk.
--
-- Run once by a superuser; a second run changes nothing but passwords given:
--
--	psql -v database=frontdesk -v owner=frontdesk_owner \
--	    -v runtime=frontdesk postgres -f scripts/postgres-roles.sql
--
-- owner has the tables and runs `frontdesk migrate`: FRONTDESK_DATABASE_OWNER.
-- runtime is what serves: FRONTDESK_DATABASE. It owns nothing, so no statement
-- of the program can turn its row-level security off.
--
-- Passwords: `\password frontdesk` afterwards keeps them out of every log, or
-- -v owner_password=… -v runtime_password=… where nobody else looks on.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
-- A statement with a password in it shall not be in the log of the server.
SET log_statement = none;
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;

SELECT format('CREATE ROLE %I', name)
FROM (VALUES (:'owner'), (:'runtime')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = wanted.name)
\gexec
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE
	NOREPLICATION;
ALTER ROLE :"runtime" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE
	NOREPLICATION;
\if :{?owner_password}
ALTER ROLE :"owner" PASSWORD :'owner_password';
\endif
\if :{?runtime_password}
ALTER ROLE :"runtime" PASSWORD :'runtime_password';
\endif

-- What serves never waits long: a request is over after 25 seconds
-- (FRONTDESK_HARD_MS), and a worker that died holds no lock beyond that.
ALTER ROLE :"runtime" SET statement_timeout = '20s';
ALTER ROLE :"runtime" SET lock_timeout = '5s';
ALTER ROLE :"runtime" SET idle_in_transaction_session_timeout = '30s';
-- Both ends notice within a minute that the other one is gone.
ALTER ROLE :"runtime" SET tcp_keepalives_idle = '20';
ALTER ROLE :"runtime" SET tcp_keepalives_interval = '10';
ALTER ROLE :"runtime" SET tcp_keepalives_count = '3';

-- Texts are compared byte by byte, here as on SQLite; which characters are
-- letters is Unicode's to say where the system knows it.
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING ''UTF8'''
	' LC_COLLATE ''C'' LC_CTYPE %L', :'database',
	coalesce((SELECT min(collctype) FROM pg_collation
	WHERE lower(collctype) IN ('c.utf8', 'c.utf-8')), 'C'))
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"owner", :"runtime";
ALTER DATABASE :"database" SET search_path = frontdesk;

\connect :"database"
SET client_min_messages = warning;
-- Nothing of ours is in public but an extension, and nobody can add to it.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
CREATE SCHEMA IF NOT EXISTS frontdesk;
ALTER SCHEMA frontdesk OWNER TO :"owner";
REVOKE ALL ON SCHEMA frontdesk FROM PUBLIC;
GRANT USAGE ON SCHEMA frontdesk TO :"runtime";
