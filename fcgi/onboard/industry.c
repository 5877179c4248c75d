/* industry.c - the list of industries, read from the text in the program. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "onboard/industry.h"

#define LIST_BYTES ((size_t)2 << 20)

extern const char industry_text[]; /* the files, made by the Makefile */

static struct {
	struct arena *arena;
	const struct industry *first;
	const char *mistake;
} known;

/* While the files are read. */
struct reading {
	struct arena *arena;
	struct category *category;
	struct industry *industry; /* NULL: lines are of the category */
	struct industry *first, *last;
};

/* Cut the next part of a line off, at " | "; blanks around it go. */
static char *
part(char **rest)
{
	char *s = *rest, *end;

	if (s == NULL)
		return NULL;
	end = strstr(s, " | ");
	*rest = end != NULL ? end + 3 : NULL;
	if (end != NULL)
		*end = '\0';
	s += strspn(s, " ");
	for (end = s + strlen(s); end > s && end[-1] == ' ';)
		*--end = '\0';
	return s;
}

/* The three languages; false when one is missing or there is a fourth. */
static bool
say_read(char *rest, struct say *out)
{
	for (int i = 0; i < LANG_COUNT; i++) {
		out->in[i] = part(&rest);
		if (out->in[i] == NULL || *out->in[i] == '\0')
			return false;
	}
	return rest == NULL;
}

static bool
says_add(struct says *s, char *rest)
{
	return (size_t)s->count < COUNT(s->list) &&
	    say_read(rest, &s->list[s->count++]);
}

static bool
category_read(struct reading *r, char *rest)
{
	struct category *c = arena_zero(r->arena, sizeof(*c));

	if (c == NULL)
		return false;
	r->category = c;
	r->industry = NULL;
	c->key = part(&rest);
	return say_read(rest, &c->name);
}

static bool
industry_read(struct reading *r, char *rest)
{
	struct industry *i = arena_zero(r->arena, sizeof(*i));
	char *id, *key;
	int64_t n;

	if (i == NULL || r->category == NULL)
		return false;
	id = part(&rest);
	key = strchr(id, ' ');
	if (key == NULL)
		return false;
	*key++ = '\0';
	if (!str_int(id, 1, INDUSTRY_ID_MAX, &n))
		return false;
	i->id = (int)n;
	i->key = key;
	i->category = r->category;
	i->words = "";
	if (r->last != NULL)
		r->last->next = i;
	else
		r->first = i;
	r->industry = r->last = i;
	return say_read(rest, &i->name);
}

static bool
service_read(struct industry *i, char *rest)
{
	struct service *s = &i->service[i->service_count];
	const char *minutes = part(&rest);
	int64_t n;

	if ((size_t)i->service_count++ == COUNT(i->service) ||
	    !str_int(minutes, 5, 480, &n))
		return false;
	s->minutes = (int)n;
	return say_read(rest, &s->name);
}

static struct says *
says_of(struct context *c, const char *word)
{
	if (str_eq(word, "insight"))
		return &c->insight;
	if (str_eq(word, "ask"))
		return &c->ask;
	if (str_eq(word, "goal"))
		return &c->goal;
	return str_eq(word, "note") ? &c->note : NULL;
}

static bool
line_read(struct reading *r, char *line)
{
	char *rest = line + strcspn(line, " ");
	struct says *says;

	if (*line == '\0' || *line == '#')
		return true;
	if (*rest != '\0')
		*rest++ = '\0';
	if (str_eq(line, "category"))
		return category_read(r, rest);
	if (str_eq(line, "industry"))
		return industry_read(r, rest);
	if (r->category == NULL)
		return false;
	says = says_of(r->industry != NULL ? &r->industry->context :
					     &r->category->context,
	    line);
	if (says != NULL)
		return says_add(says, rest);
	if (r->industry == NULL)
		return false;
	if (str_eq(line, "about"))
		return say_read(rest, &r->industry->about);
	if (str_eq(line, "service"))
		return service_read(r->industry, rest);
	r->industry->words = rest;
	return str_eq(line, "words");
}

static void
list_read(void)
{
	struct reading r = { .arena = known.arena };
	char *text = arena_str(known.arena, industry_text), *next;
	int number = 0;

	for (; text != NULL && *text != '\0'; text = next) {
		size_t n = strcspn(text, "\n");
		const char *copy = arena_copy(r.arena, text, n);

		next = text + n + (text[n] == '\n');
		text[n] = '\0';
		number++;
		if (line_read(&r, text))
			continue;
		known.mistake = arena_printf(r.arena, "line %d: %s", number,
		    copy != NULL ? copy : "");
		break;
	}
	known.first = r.first;
}

const struct industry *
industry_all(void)
{
	if (known.arena == NULL) {
		known.arena = arena_new(LIST_BYTES);
		if (known.arena != NULL)
			list_read();
	}
	return known.first;
}

const char *
industry_mistake(void)
{
	return industry_all() == NULL ? "there is no industry" : known.mistake;
}

const struct industry *
industry_find(int64_t id)
{
	const struct industry *i = industry_all();

	while (i != NULL && i->id != id)
		i = i->next;
	return i;
}

/* The texts of the industry, then those of its category. */
static void
says_put(struct jout *j, const char *name, const struct says *own,
    const struct says *shared, enum lang lang)
{
	jout_name(j, name);
	jout_open(j, '[');
	for (int i = 0; i < own->count; i++)
		jout_str(j, own->list[i].in[lang]);
	for (int i = 0; i < shared->count; i++)
		jout_str(j, shared->list[i].in[lang]);
	jout_close(j, ']');
}

void
industry_context(struct jout *j, const struct industry *i, enum lang lang)
{
	const struct context *own = &i->context,
			     *shared = &i->category->context;

	jout_open(j, '{');
	says_put(j, "openingQuestions", &own->ask, &shared->ask, lang);
	says_put(j, "callGoals", &own->goal, &shared->goal, lang);
	jout_name(j, "typicalServices");
	jout_open(j, '[');
	for (int k = 0; k < i->service_count; k++) {
		jout_open(j, '{');
		jout_put_str(j, "name", i->service[k].name.in[lang]);
		jout_put_int(j, "minutes", i->service[k].minutes);
		jout_close(j, '}');
	}
	jout_close(j, ']');
	says_put(j, "complianceNotes", &own->note, &shared->note, lang);
	jout_close(j, '}');
}
