/* test_industry.c - the list of industries, and who is guessed to be what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "base/str.h"
#include "onboard/classify.h"
#include "unit.h"

#define COMPANIES "tests/unit/companies.tsv"
/*
 * Percent that must be right. The list has two halves: words may be added
 * because of names in the first one only; the second tells how good they are
 * for names nobody looked at.
 */
#define FLOOR_SEEN   90
#define FLOOR_UNSEEN 90

static void
folds(void **state)
{
	(void)state;
	assert_string_equal(fold(arena, "Café  Crème & Cie", 99),
	    "cafe creme cie");
	assert_string_equal(fold(arena, "BrightSmile, Inc.", 99),
	    "bright smile inc");
	assert_string_equal(fold(arena, "McDentist's", 99), "mcdentist s");
	assert_string_equal(fold(arena, "L\xe2\x80\x99\xc5\x92uvre", 99),
	    "l oeuvre");
	assert_string_equal(fold(arena, "עו\"ד כהן", 99), "עוד כהן");
	assert_string_equal(fold(arena, "ג'ודו", 99), "גודו");
	assert_string_equal(fold(arena, "שָׁלוֹם", 99), "שלום");
	assert_string_equal(fold(arena, "\xff\xfe", 2), "");
	assert_string_equal(fold(arena, "", 9), "");
	assert_string_equal(fold(arena, "abcdef", 3), "abc");
}

static bool
has_all(const struct say *s)
{
	for (int i = 0; i < LANG_COUNT; i++)
		if (s->in[i] == NULL || *s->in[i] == '\0' ||
		    !str_utf8(s->in[i], strlen(s->in[i])))
			return false;
	return true;
}

/* A text that is Hebrew has a Hebrew letter, the others have none. */
static void
in_its_language(const struct says *s)
{
	for (int i = 0; i < s->count; i++) {
		assert_true(has_all(&s->list[i]));
		assert_null(strstr(s->list[i].in[LANG_EN], "\xd7"));
		assert_null(strstr(s->list[i].in[LANG_FR], "\xd7"));
		assert_non_null(strstr(s->list[i].in[LANG_HE], "\xd7"));
	}
}

static void
complete(void **state)
{
	bool seen[INDUSTRY_ID_MAX + 1] = { false };
	int n = 0;

	(void)state;
	if (industry_mistake() != NULL)
		fail_msg("%s", industry_mistake());
	for (const struct industry *i = industry_all(); i != NULL;
	     i = i->next, n++) {
		const struct context *c = &i->category->context;

		if (seen[i->id] || !has_all(&i->name) || !has_all(&i->about) ||
		    *i->words == '\0' || i->service_count < 2 ||
		    i->context.ask.count + c->ask.count < 2 ||
		    i->context.goal.count + c->goal.count < 2 ||
		    i->context.note.count + c->note.count < 1 ||
		    c->insight.count < 2 || strlen(i->name.in[0]) > 100 ||
		    strlen(i->category->key) > 50)
			fail_msg("industry %d %s", i->id, i->key);
		in_its_language(&i->context.ask);
		in_its_language(&i->context.goal);
		in_its_language(&i->context.note);
		in_its_language(&c->insight);
		seen[i->id] = true;
		assert_ptr_equal(industry_find(i->id), i);
	}
	assert_true(n >= 60);
	assert_non_null(industry_find(INDUSTRY_OTHER));
	assert_null(industry_find(0));
	assert_null(industry_find(-1));
}

static void
plain_cases(void **state)
{
	struct guess g[3];
	const struct industry *found[5];

	(void)state;
	assert_int_equal(classify(arena, "", NULL, g, 3), 0);
	assert_int_equal(classify(arena, "Qwxyz 17", NULL, g, 3), 0);
	assert_true(classify_sure(g, 0) <= 0);
	assert_true(classify(arena, "Qwxyz", "We repair teeth", g, 3) > 0);
	assert_string_equal(g[0].industry->key, "dental-practice");
	assert_true(classify(arena, "המרפאה הווטרינרית", NULL, g, 1) == 1);
	assert_true(classify_search(arena, "dent", found, 5) >= 1);
	assert_string_equal(found[0]->key, "dental-practice");
	assert_int_equal(classify_search(arena, "  ", found, 5), 0);
	assert_true(classify_search(arena, "מס", found, 5) >= 1);
}

struct tally {
	int right, all;
};

static int
percent(struct tally t)
{
	return t.all > 0 ? t.right * 100 / t.all : 0;
}

/* "name<TAB>key[<TAB>description]" */
static void
judge(char *line, struct tally *t)
{
	char *key = strchr(line, '\t'), *about = NULL;
	struct guess g[2];
	const char *got;
	int n;

	line[strcspn(line, "\r\n")] = '\0';
	if (key == NULL)
		return;
	*key++ = '\0';
	about = strchr(key, '\t');
	if (about != NULL)
		*about++ = '\0';
	n = classify(arena, line, about, g, 2);
	got = n > 0 ? g[0].industry->key : "other-business";
	t->all++;
	t->right += str_eq(got, key);
	if (!str_eq(got, key) && getenv("TEST_VERBOSE") != NULL)
		print_message("%s: %s is %s\n", line, got, key);
}

static void
accuracy(void **state)
{
	struct tally half[2] = { { 0, 0 }, { 0, 0 } };
	FILE *f = fopen(COMPANIES, "re");
	char line[1000];
	int n = 0;

	(void)state;
	if (f == NULL)
		fail_msg("%s cannot be read; run from the top", COMPANIES);
	while (fgets(line, sizeof(line), f) != NULL)
		if (*line != '#' && *line != '\n')
			judge(line, &half[n++ % 2]);
	fclose(f);
	print_message("industry by name: seen half %d of %d (%d %%), "
		      "unseen half %d of %d (%d %%)\n",
	    half[0].right, half[0].all, percent(half[0]), half[1].right,
	    half[1].all, percent(half[1]));
	assert_true(n >= 150);
	assert_true(percent(half[0]) >= FLOOR_SEEN);
	assert_true(percent(half[1]) >= FLOOR_UNSEEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds),
		cmocka_unit_test(complete),
		cmocka_unit_test(plain_cases),
		cmocka_unit_test(accuracy),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
