/* test_search.c - rows are found by words, each account's own alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"
#include "db/migrate.h"
#include "db/search.h"
#include "schema.h"

static struct db *db;
static struct arena *arena;
static int hours;

/* An appointment of an account; one hour each, so that none overlap. */
static void
add(const char *account, const char *id, const char *name, const char *phone,
    const char *reason)
{
	long long from = (100LL + hours) * 3600000, to = from + 3600000;
	const char *sql = scratch_text(
	    "INSERT INTO appointment (account_id, id, resource_id, name, phone,"
	    " reason, starts_at, ends_at, blocked_from, blocked_to, zone,"
	    " created_at, updated_at) VALUES (app_account(), '%s',"
	    " '%s-resource', '%s', '%s', '%s', %lld, %lld, %lld, %lld,"
	    " 'Etc/UTC', 1, 1) RETURNING id",
	    id, account, name, phone, reason, from, to, from, to);
	int64_t changes;

	hours++;
	db_scope(db, account);
	if (scratch_do(db, sql, &changes) != OK)
		fail_msg("%s: %s", sql, db_why(db));
	assert_int_equal(changes, 1);
}

static void
change(const char *sql, int64_t want)
{
	int64_t changes;

	if (scratch_do(db, scratch_text("%s", sql), &changes) != OK)
		fail_msg("%s: %s", sql, db_why(db));
	assert_int_equal(changes, want);
}

/* Ids of what is found, best first, each with a blank behind it. */
static const char *
found(const char *account, const char *text, int64_t limit)
{
	const char *ids = "";
	double last = 1e9;
	struct stmt *st;

	db_scope(db, account);
	if (db_search(db, "appointment", text, limit, &st) != OK)
		fail_msg("%.60s: %s", text, db_why(db));
	assert_int_equal(db_columns(st), 3);
	while (db_next(st)) {
		struct val rank = db_value(st, 1);

		assert_int_equal(rank.type, VAL_REAL);
		assert_true(rank.d <= last);
		last = rank.d;
		assert_int_equal(db_value(st, 2).type, VAL_TEXT);
		ids = scratch_text("%s%s ", ids, db_value(st, 0).s);
	}
	assert_int_equal(db_status(st), OK);
	db_done(st);
	return ids;
}

static int
blanks(const char *s)
{
	int n = 0;

	while (*s != '\0')
		n += *s++ == ' ';
	return n;
}

#define FINDS(text, want) assert_string_equal(found("a", text, 100), want)

/* The snippet of the first row, with [ and ] for the marks. */
static const char *
snippet(const char *text)
{
	char out[SNIPPET_ROOM] = "";
	struct stmt *st;

	db_scope(db, "a");
	assert_int_equal(db_search(db, "appointment", text, 1, &st), OK);
	if (db_next(st))
		snprintf(out, sizeof(out), "%s", db_value(st, 2).s);
	db_done(st);
	for (char *p = out; *p != '\0'; p++)
		if (*p == *DB_HIT || *p == *DB_HIT_END)
			*p = *p == *DB_HIT ? '[' : ']';
	return scratch_text("%s", out);
}

static int
fresh(void **state)
{
	(void)state;
	db_close(db);
	scratch_fresh();
	db = scratch_open();
	schema_fill(db, "a");
	schema_fill(db, "b");
	return 0;
}

static int
french(void **state)
{
	(void)fresh(state);
	add("a", "elodie", "Élodie Mercier", "+33415550111", "Détartrage");
	add("a", "jean", "Jean-François Œuvrard", "+33415550122",
	    "Mal de cœur, très fort");
	add("a", "dana", "דנה כהן", "+972501234567", "בדיקה שנתית");
	add("a", "niqqud", "שָׁלוֹם לֵוִי", "", "ניקוי");
	add("a", "mail", "O''Neil", "", "jane.doe@example.com AND (NEAR) *");
	return 0;
}

static void
words_and_accents(void **state)
{
	(void)state;
	FINDS("Élodie", "elodie ");
	FINDS("elodie", "elodie ");
	FINDS("ELODIE mercier", "elodie ");
	FINDS("mercier élodie", "elodie ");
	FINDS("E\xcc\x81lodie", "elodie ");
	FINDS("elo mer", "elodie ");
	FINDS("lodie", "");
	FINDS("elodie francois", "");
	FINDS("detartrage", "elodie ");
	FINDS("DÉTARTRAGE", "elodie ");
	FINDS("jean francois", "jean ");
	FINDS("JEAN-FRANÇOIS", "jean ");
	FINDS("oeuvrard", "jean ");
	FINDS("œuvrard", "jean ");
	FINDS("coeur", "jean ");
	FINDS("tres fort", "jean ");
	FINDS("o'neil", "mail ");
	FINDS("neil", "mail ");
	FINDS("example.com", "mail ");
	FINDS("jane.doe@example.com", "mail ");
}

static void
hebrew(void **state)
{
	(void)state;
	FINDS("דנה", "dana ");
	FINDS("כהן דנה", "dana ");
	FINDS("שנת", "dana ");
	FINDS("שלום", "niqqud ");
	FINDS("שָׁלוֹם", "niqqud ");
	FINDS("לוי", "niqqud ");
	FINDS("דָּנָה", "dana ");
	assert_string_equal(snippet("שלום לוי"), "[שָׁלוֹם] [לֵוִי] · ניקוי");
}

/* As it is stored, as one dials it at home, by its end, while one types. */
static void
numbers(void **state)
{
	(void)state;
	FINDS("+33415550111", "elodie ");
	FINDS("33415550111", "elodie ");
	FINDS("+33 4 15 55 01 11", "elodie ");
	FINDS("+3341555011", "elodie ");
	FINDS("+33 4 15 55", "elodie jean ");
	FINDS("04 15 55 01 11", "elodie ");
	FINDS("0415550111", "elodie ");
	FINDS("00 33 4 15 55 01 11", "elodie ");
	FINDS("04.15.55.01.22", "jean ");
	FINDS("0122", "jean ");
	FINDS("elodie 0111", "elodie ");
	FINDS("elodie 0122", "");
	FINDS("050-123-4567", "dana ");
	FINDS("(+972) 50 1234567", "dana ");
	assert_string_equal(snippet("0111"),
	    "Élodie Mercier · +[33415550111] · Détartrage");
}

static void
snippets(void **state)
{
	const char *s, *ones = "un deux trois quatre cinq six sept huit neuf ";

	(void)state;
	assert_string_equal(snippet("elo det"),
	    "[Élodie] Mercier · +33415550111 · [Détartrage]");
	add("a", "tags", "<b>Bold</b>", "", "mark \x02here\x03 & end");
	assert_string_equal(snippet("here"),
	    "<b>Bold</b> · mark  [here]  & end");
	add("a", "long",
	    scratch_text("%s%s%s%s%s", ones, ones, ones, ones, ones), "",
	    scratch_text("cible %s%s%s%s%s%s%s%s", ones, ones, ones, ones, ones,
		ones, ones, ones));
	s = snippet("cible");
	assert_non_null(strstr(s, "· [cible] un"));
	assert_true(str_starts(s, "…") && str_utf8(s, strlen(s)));
	assert_string_equal(s + strlen(s) - strlen("…"), "…");
	assert_in_range(strlen(s), SNIPPET_BYTES / 2, SNIPPET_BYTES + 20);
	add("a", "wide", "x", "", scratch_text("%0500d", 7));
	s = snippet("00000000000000");
	assert_true(
	    str_starts(s, "x · [0000") && strlen(s) <= SNIPPET_BYTES + 10);
}

/* More of it, in less text, is better; equals by id. */
static void
ranking(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		add("a", scratch_text("other%d", i), "Other", "", "nothing");
	add("a", "weak", "Anna", "",
	    "asked whether implants are a possibility and what an appointment"
	    " about that takes, with all that comes before and after it");
	add("a", "strong", "Implants", "", "implants");
	add("a", "twin2", "Bella", "", "crown");
	add("a", "twin1", "Bella", "", "crown");
	FINDS("implants", "strong weak ");
	FINDS("bella", "twin1 twin2 ");
	assert_string_equal(found("a", "implants", 1), "strong ");
	assert_string_equal(found("a", "other", 0), "");
	assert_int_equal(blanks(found("a", "other", 7)), 7);
	FINDS("other nothing bella", "");
}

/* What is typed is words, whatever it looks like. */
static void
hostile(void **state)
{
	static const char *const none[] = { "", " ", "\t\n", "\"", "'", "*",
		"()", "((((", "))", "-", "!&|", ":*", "\\", "%", "_", "…", "«»",
		"\"\"", "''", "\xff\xfe", "\xc3", "AND OR", "NOT x",
		"find_appointment", "words:elodie xyz", "\xf0\x9f\x92\xa9" };
	static const char *const one[] = { "elodie*", "\"elodie\"", "elodie\"",
		"'elodie'", "(elodie", "elodie)", "^elodie", "-elodie",
		"!elodie", "elodie:*", "elodie & mercier", "elodie + mercier",
		"{elodie} : mercier", "elodie \\", "elodie';--", "%elodie%" };
	char many[60000] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++)
		FINDS(none[i], "");
	for (size_t i = 0; i < COUNT(one); i++)
		FINDS(one[i], "elodie ");
	FINDS("and near", "mail ");
	FINDS("AND (NEAR) *", "mail ");
	FINDS("elodie OR jean", "");
	FINDS("elodie | jean", "");
	FINDS("NOT elodie", "");
	for (int i = 0; i < 10000; i++)
		memcpy(many + i * 4, "elo ", 5);
	FINDS(many, "elodie ");
	memset(many, 'e', sizeof(many) - 1);
	FINDS(many, "");
	memset(many, '0', sizeof(many) - 1);
	FINDS(many, "");
	for (int i = 0; i + 3 < (int)sizeof(many); i += 3)
		memcpy(many + i, "07 ", 4);
	FINDS(many, "");
}

/* Neither by words nor by what keeps the words apart. */
static void
others(void **state)
{
	static const char *const texts[] = { "secretword", "secret",
		"a OR secretword", "\"secretword\"", "secretword*", "b", "a",
		"\" OR words : \"secretword", "')::tsquery || 'secretword",
		"account_id:a", "a-appointment" };
	char key[WORDS_KEY + 1];

	(void)state;
	add("a", "mine", "Secretword", "", "");
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_string_equal(found("b", texts[i], 100), "");
	(void)words_key("a", key);
	assert_string_equal(found("b", key, 100), "");
	assert_string_equal(found("b", scratch_text("%ssecretword", key), 100),
	    "");
	assert_string_equal(found("a", "secretword", 100), "mine ");
	db_scope(db, "b");
	change("UPDATE appointment SET name = 'x' WHERE id = 'mine'", 0);
	change("DELETE FROM appointment WHERE id = 'mine'", 0);
	FINDS("secretword", "mine ");
}

/* The index is out of reach of every statement of the program. */
static void
out_of_reach(void **state)
{
	static const char *const texts[] = { "SELECT * FROM find_appointment",
		"SELECT * FROM \"find_appointment\"",
		"SELECT * FROM 'find_appointment'",
		"SELECT words FROM find_appointment",
		"SELECT * FROM find_appointment_text",
		"SELECT * FROM find_appointment_word",
		"SELECT * FROM find_appointment('x', 9)",
		"DELETE FROM find_appointment",
		"DELETE FROM find_appointment_word",
		"UPDATE find_appointment SET words = 'x'",
		"INSERT INTO find_appointment (account_id, id) VALUES ('a', 1)",
		"UPDATE appointment SET name = (SELECT words FROM"
		" find_appointment LIMIT 1)" };

	(void)state;
	db_scope(db, "a");
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_not_equal(scratch_do(db, texts[i], NULL), OK);
		assert_non_null(strstr(db_why(db), "refused"));
	}
	/* and without the rules on texts */
	for (size_t i = 0; i < COUNT(texts); i++) {
		db->guard.on = scratch_pg() ? false : db->guard.on;
		db->guard.search = scratch_pg();
		if (strstr(texts[i], "('x', 9)") != NULL)
			continue; /* it answers rows of the account alone */
		assert_int_not_equal(scratch_do(db, texts[i], NULL), OK);
		db->guard.on = true;
		db->guard.search = false;
	}
	db->guard.search = false;
}

/* Rows of the index, of all accounts. */
static const char *
indexed(void)
{
	return scratch_dump("SELECT account_id, id FROM find_appointment"
			    " ORDER BY 1, 2");
}

static void
in_step(void **state)
{
	(void)state;
	add("a", "x1", "Before", "", "reason");
	FINDS("before", "x1 ");
	change("UPDATE appointment SET name = 'After' WHERE id = 'x1'"
	       " RETURNING id, name",
	    1);
	FINDS("before", "");
	FINDS("after reason", "x1 ");
	change("UPDATE appointment SET status = 'cancelled'"
	       " WHERE id = 'x1'",
	    1);
	FINDS("after", "x1 ");
	change("UPDATE appointment SET reason = NULL, phone = ''"
	       " WHERE id = 'x1'",
	    1);
	FINDS("reason", "");
	assert_string_equal(snippet("after"), "[After]");
	change("UPDATE appointment SET id = 'x2' WHERE id = 'x1'", 1);
	FINDS("after", "x2 ");
	change("INSERT INTO appointment (account_id, id, resource_id, name,"
	       " starts_at, ends_at, blocked_from, blocked_to, zone,"
	       " created_at, updated_at) SELECT"
	       " account_id, id, resource_id, 'Upserted', starts_at, ends_at,"
	       " blocked_from, blocked_to,"
	       " zone, 1, 1 FROM my_appointment WHERE id = 'x2'"
	       " ON CONFLICT (account_id, id) DO UPDATE SET name ="
	       " excluded.name",
	    1);
	FINDS("after", "");
	FINDS("upserted", "x2 ");
	change("DELETE FROM appointment WHERE id = 'x2' RETURNING id", 1);
	FINDS("upserted", "");
	assert_string_equal(indexed(), "a|a-appointment\nb|b-appointment\n");
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	add("a", "undone", "Undone", "", "");
	FINDS("undone", "undone ");
	db_rollback(db);
	FINDS("undone", "");
}

/* Whatever deletes a row deletes its words. */
static void
cascade(void **state)
{
	(void)state;
	add("b", "gone", "Gone", "+14155550123", "a reason");
	assert_string_equal(found("b", "gone", 9), "gone ");
	db_scope(db, "b");
	change("DELETE FROM account WHERE account_id = app_account()", 1);
	assert_string_equal(found("b", "gone", 9), "");
	assert_string_equal(indexed(), "a|a-appointment\n");
	assert_string_equal(found("a", "c", 9), "a-appointment ");
}

/* Nothing typed, nothing stored takes a turn that ends in an error. */
static void
extremes(void **state)
{
	char *text = arena_get(arena, 3000000);
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 20000; i++)
		n += (size_t)sprintf(text + n, "%015d %s ", i, "דנהכהןשלום");
	add("a", "numbers", "Numbers", "", text);
	FINDS("numbers 000000000000123", "numbers ");
	memset(text, 'y', 2000000);
	text[2000000] = '\0';
	add("a", "wide", "Wide", "", text);
	FINDS("wide yyyyyy", "wide ");
	for (n = 0; n < 2000000; n += 4)
		memcpy(text + n, "\xf0\xa0\x80\x80", 4);
	add("a", "far", "Far", "", text);
	FINDS("far \xf0\xa0\x80\x80\xf0\xa0\x80\x80", "far ");
	add("a", "empty", "", "", "");
	add("a", "marks", "\xcc\x81", "", "\xd6\xb0\xd6\xb0");
	FINDS("empty", "");
}

static void
failures(void **state)
{
	struct stmt *st, *other;

	(void)state;
	db_scope(db, NULL);
	assert_int_not_equal(db_search(db, "appointment", "x", 9, &st), OK);
	assert_non_null(strstr(db_why(db), "no account is set"));
	db_scope(db, "a");
	assert_int_not_equal(db_search(db, "resource", "x", 9, &st), OK);
	fault_arm(1);
	assert_int_not_equal(db_search(db, "appointment", "c", 9, &st), OK);
	fault_arm(0);
	assert_int_equal(db_search(db, "appointment", "c", 9, &st), OK);
	assert_int_not_equal(db_search(db, "appointment", "c", 9, &other), OK);
	assert_true(db_next(st));
	assert_non_null(strchr(db_value(st, 2).s, *DB_HIT));
	db_done(st);
}

/* Rows that were there before are found; without the index they stay. */
static void
up_and_down(void **state)
{
	struct db *raw = scratch_raw();
	static const char all[] = "SELECT * FROM appointment ORDER BY id";
	const char *before = scratch_dump(all);
	int v = 1;

	(void)state;
	while (!str_eq(migrations[v - 1].name, "search"))
		v++;
	assert_int_equal(migrate_to(raw, arena, v - 1, NULL), OK);
	if (migrate_to(raw, arena, migrate_latest(), NULL) != OK)
		fail_msg("%s", db_why(raw));
	db_close(raw);
	db_close(db);
	db = scratch_open();
	assert_string_equal(scratch_dump(all), before);
	FINDS("elodie", "elodie ");
	FINDS("שלום", "niqqud ");
	FINDS("0122", "jean ");
	change("DELETE FROM appointment WHERE id = 'elodie'", 1);
	FINDS("elodie", "");
}

/* --- both engines split alike ----------------------------------------------
 */

static bool
word_join(void *ctx, const struct word *w)
{
	const char **all = ctx;

	*all = scratch_text("%s%s%s", *all, **all != '\0' ? " " : "", w->text);
	return true;
}

/* Letters that Unicode or unicode61 has changed its mind about. */
static bool
disputed(unsigned c)
{
	static const unsigned list[] = { 0x1e0, 0x1e1, 0x374, 0x37f, 0x528,
		0x52a, 0x52c, 0x52e };

	for (size_t i = 0; i < COUNT(list); i++)
		if (list[i] == c)
			return true;
	return false;
}

/*
 * What the server makes of a sign between two letters: of every Latin one, and
 * of the letters of Greek, Cyrillic, Hebrew and Arabic.
 */
static void
split_alike(void **state)
{
	struct words *w = words_new();
	int compared = 0;

	(void)state;
	for (unsigned c = 0x80; scratch_pg() && c < 0x700; c++) {
		char text[8] = { 'a', (char)(0xc0 | c >> 6),
			(char)(0x80 | (c & 0x3f)), 'b' };
		const char *ours = "", *theirs;

		theirs = scratch_dump(
		    scratch_text("SELECT frontdesk.app_fold('%s') WHERE"
				 " %u < 592 OR chr(%u) ~ '[[:alnum:]]'"
				 " COLLATE \"und-x-icu\"",
			text, c, c));
		if (*theirs == '\0' || disputed(c))
			continue;
		assert_true(words_each(w, text, 4, word_join, &ours));
		assert_string_equal(theirs, scratch_text("%s\n", ours));
		compared++;
	}
	words_free(w);
	assert_true(!scratch_pg() || compared > 900);
}

static int
setup(void **state)
{
	arena = arena_new((size_t)64 << 20);
	return arena != NULL ? scratch_setup(state) : -1;
}

static int
teardown(void **state)
{
	db_close(db);
	arena_free(arena);
	return scratch_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(words_and_accents, french),
		cmocka_unit_test_setup(hebrew, french),
		cmocka_unit_test_setup(numbers, french),
		cmocka_unit_test_setup(snippets, french),
		cmocka_unit_test_setup(ranking, fresh),
		cmocka_unit_test_setup(hostile, french),
		cmocka_unit_test_setup(others, fresh),
		cmocka_unit_test_setup(out_of_reach, fresh),
		cmocka_unit_test_setup(in_step, fresh),
		cmocka_unit_test_setup(cascade, fresh),
		cmocka_unit_test_setup(extremes, fresh),
		cmocka_unit_test_setup(failures, fresh),
		cmocka_unit_test_setup(up_and_down, french),
		cmocka_unit_test_setup(split_alike, fresh),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
