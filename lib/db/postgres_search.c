/*
 * postgres_search.c - the index of words on PostgreSQL: a table find_x, which
 * a trigger keeps in step with table x, and the function that reads it.
 *
 * A policy on x would keep its index of words from being used, because the
 * operator might tell what is in rows that are not shown. So the words stand
 * in a table on which whoever serves has no rights; both functions run as its
 * owner, and the one that reads answers only rows of the account.
 */
#include "db/postgres_int.h"
#include "db/words.h"

#define TEXT(x)	 TEXT_(x)
#define TEXT_(x) #x

/* What a text is split by, as words.c has it. */
static const char words_sql[] =
    "CREATE OR REPLACE FUNCTION app_fold(t text) RETURNS text"
    " LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$"
    " SELECT regexp_replace(translate(replace(replace(replace(normalize("
    "  regexp_replace(normalize(lower(t COLLATE \"und-x-icu\"), NFD),"
    "  '(?<=[a-z])[\\u0300-\\u036f]+|[\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2"
    "\\u05c4\\u05c5\\u05c7\\u0610-\\u061a\\u064b-\\u065f\\u0670"
    "\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed]+',"
    "  '', 'g'), NFC), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'),"
    "  'øłđıſςµϐϑϕϖϰϱϵ', 'oldisσμβθφπκρε'), '[^[:alnum:]]+', ' ', 'g') $$;"
    "CREATE OR REPLACE FUNCTION app_words(account text, t text)"
    " RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$"
    " SELECT CAST(coalesce(string_agg('''' || left(encode(sha256("
    "  convert_to(account, 'UTF8')), 'hex'), " TEXT(
	WORDS_KEY) ") || v ||"
		   "  ''':' || least(n, 16383), ' '), '') AS tsvector)"
		   " FROM (SELECT left(w, " TEXT(
		       WORD_CHARS) ") AS w, n FROM"
				   "  unnest(string_to_array(btrim(app_fold(left(t, " TEXT(
				       WORDS_CHARS) ")), ' '), ' ')) WITH ORDINALITY u (w, n)"
						    "  WHERE n <= " TEXT(
							WORDS_MAX) ") one CROSS JOIN LATERAL ("
								   "  SELECT w AS v UNION ALL SELECT right(w, k) FROM"
								   "  generate_series(" TEXT(
								       ENDING_MIN) ", length(w) - 1) k"
										   "  WHERE n <= " TEXT(WORDS_NUMBERS) " AND w ~ '^[0-9]{" TEXT(
										       NUMBER_MIN) "," TEXT(NUMBER_MAX) "}$') each $$;";

/* The columns of a row that is called by prefix, in one. */
static void
joined(struct buf *b, const char *prefix, const char *by, char *const *column)
{
	buf_printf(b, "concat_ws('%s'", by);
	for (; *column != NULL; column++)
		buf_printf(b, ", nullif(%s%s, '')", prefix, *column);
	buf_str(b, ")");
}

static void
keeper(struct buf *b, const char *x, char *const *column)
{
	buf_printf(b,
	    "CREATE FUNCTION find_%s_keep() RETURNS trigger LANGUAGE plpgsql"
	    " SECURITY DEFINER AS $$ BEGIN"
	    " IF TG_OP = 'UPDATE' AND NEW.account_id = OLD.account_id"
	    " AND NEW.id = OLD.id",
	    x);
	for (int i = 0; column[i] != NULL; i++)
		buf_printf(b, " AND NEW.%s IS NOT DISTINCT FROM OLD.%s",
		    column[i], column[i]);
	buf_printf(b,
	    " THEN RETURN NULL; END IF;"
	    " IF TG_OP <> 'INSERT' THEN DELETE FROM find_%s"
	    "  WHERE account_id = OLD.account_id AND id = OLD.id; END IF;"
	    " IF TG_OP <> 'DELETE' THEN INSERT INTO find_%s VALUES"
	    "  (NEW.account_id, NEW.id, app_words(NEW.account_id, ",
	    x, x);
	joined(b, "NEW.", " ", column);
	buf_printf(b,
	    ")); END IF; RETURN NULL; END $$;\n"
	    "CREATE TRIGGER guard_%s_find AFTER INSERT OR UPDATE OR DELETE"
	    " ON %s FOR EACH ROW EXECUTE FUNCTION find_%s_keep();\n",
	    x, x, x);
}

static void
reader(struct buf *b, const char *x, char *const *column)
{
	buf_printf(b,
	    "CREATE FUNCTION find_%s(words text, most bigint) RETURNS TABLE"
	    " (id text, rank double precision, snippet text)"
	    " LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$"
	    " #variable_conflict use_column\n"
	    " DECLARE a text := app_account(); q tsquery := words::tsquery;"
	    " BEGIN RETURN QUERY SELECT f.id, f.rank, ",
	    x);
	joined(b, "x.", " · ", column);
	buf_printf(b,
	    " FROM (SELECT i.id, ts_rank(i.words, q, 1)::double precision AS"
	    "  rank FROM find_%s i WHERE i.words @@ q AND i.account_id = a"
	    "  ORDER BY 2 DESC, 1 LIMIT most) f"
	    " JOIN %s x ON x.account_id = a AND x.id = f.id"
	    " ORDER BY 2 DESC, 1; END $$;\n",
	    x, x);
}

/* Names that a definer's function looks up are those of our schema alone. */
static void
paths_set(struct buf *b, const char *x)
{
	buf_printf(b,
	    "DO $$ DECLARE s text := current_schema(); BEGIN"
	    " EXECUTE format('ALTER FUNCTION find_%s_keep()"
	    " SET search_path = %%I, pg_temp', s);"
	    " EXECUTE format('ALTER FUNCTION find_%s(text, bigint)"
	    " SET search_path = %%I, pg_temp', s); END $$;\n",
	    x, x);
}

/* The rows there are belong to all accounts, whom a policy would hide. */
void
pg_index(struct buf *b, const char *x, char *const *column)
{
	buf_str(b, words_sql);
	buf_printf(b,
	    "\nCREATE TABLE find_%s (account_id text COLLATE \"C\" NOT NULL,"
	    " id text COLLATE \"C\" NOT NULL, words tsvector NOT NULL,"
	    " PRIMARY KEY (account_id, id));\n"
	    "CREATE INDEX find_%s_words ON find_%s USING gin (words)"
	    " WITH (fastupdate = off);\n",
	    x, x, x);
	keeper(b, x, column);
	reader(b, x, column);
	paths_set(b, x);
	buf_printf(b,
	    "ALTER TABLE %s NO FORCE ROW LEVEL SECURITY;"
	    " INSERT INTO find_%s SELECT account_id, id,"
	    " app_words(account_id, ",
	    x, x);
	joined(b, "", " ", column);
	buf_printf(b, ") FROM %s; ALTER TABLE %s FORCE ROW LEVEL SECURITY;\n",
	    x, x);
}

void
pg_index_drop(struct buf *b, const char *x)
{
	buf_printf(b,
	    "DROP FUNCTION IF EXISTS find_%s(text, bigint);"
	    " DROP FUNCTION IF EXISTS find_%s_keep() CASCADE;"
	    " DROP TABLE IF EXISTS find_%s;\n",
	    x, x, x);
}

void
pg_search(struct buf *b, const char *x)
{
	buf_printf(b,
	    "SELECT id, rank AS \"rank:real\", snippet"
	    " FROM find_%s(:words, :limit)",
	    x);
}
