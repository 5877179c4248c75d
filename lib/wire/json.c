/* json.c - JSON in, checked before and after cJSON reads it. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "wire/jout.h"
#include "wire/json.h"
#include "wire/json_scan.h"

#define FEW 8 /* members compared one by one */

static const char full[] = "the JSON needs more memory than allowed";

static struct arena *current;

static void *
take(size_t size)
{
	return current != NULL ? arena_get(current, size) : malloc(size);
}

static void
drop(void *p)
{
	if (current == NULL)
		free(p);
}

void
json_arena(struct arena *a)
{
	cJSON_Hooks hooks = { take, drop };

	cJSON_InitHooks(&hooks);
	current = a;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that two of the n names share, or NULL. */
static const char *
twin_of(const char **names, size_t n)
{
	if (n <= FEW) {
		for (size_t i = 1; i < n; i++)
			for (size_t k = 0; k < i; k++)
				if (strcmp(names[i], names[k]) == 0)
					return names[i];
		return NULL;
	}
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 1; i < n; i++)
		if (strcmp(names[i], names[i - 1]) == 0)
			return names[i];
	return NULL;
}

static bool
twin_said(struct arena *a, const char *name, const char **why)
{
	size_t n = strlen(name);

	if (n > 60)
		for (n = 60; ((unsigned char)name[n] & 0xc0) == 0x80;)
			n--;
	*why = arena_printf(a, "the name \"%.*s\" stands twice", (int)n, name);
	if (*why == NULL)
		*why = "a name stands twice";
	return false;
}

/* No object has a name twice; the depth is limited already. */
static bool
names_differ(struct arena *a, const cJSON *node, const char **why)
{
	const char *few[FEW], **names = few, *twin;
	const cJSON *c;
	size_t n = 0, count = 0;

	cJSON_ArrayForEach(c, node)
	{
		count++;
		if (c->child != NULL && !names_differ(a, c, why))
			return false;
	}
	if (!cJSON_IsObject(node))
		return true;
	if (count > FEW)
		names = arena_get(a, count * sizeof(*names));
	if (names == NULL) {
		*why = full;
		return false;
	}
	cJSON_ArrayForEach(c, node) names[n++] = c->string;
	twin = twin_of(names, n);
	return twin == NULL || twin_said(a, twin, why);
}

cJSON *
json_parse(struct arena *a, const char *text, size_t len, const char **why)
{
	struct arena *was = current;
	cJSON *tree;

	*why = "";
	if (!json_scan(a, text, len, why))
		return NULL;
	json_arena(a);
	tree = cJSON_ParseWithLength(text, len);
	json_arena(was);
	if (tree == NULL) {
		*why = arena_full(a) ? full : "the JSON cannot be read";
		return NULL;
	}
	return names_differ(a, tree, why) ? tree : NULL;
}

cJSON *
json_get(const cJSON *object, const char *name)
{
	if (!cJSON_IsObject(object))
		return NULL;
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const cJSON *
member(const cJSON *object, const char *name, size_t len)
{
	const cJSON *c;

	if (!cJSON_IsObject(object))
		return NULL;
	cJSON_ArrayForEach(c, object) if (strncmp(c->string, name, len) == 0 &&
	    c->string[len] == '\0') return c;
	return NULL;
}

cJSON *
json_path(const cJSON *object, const char *path)
{
	while (object != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		object = member(object, path, n);
		path += n + (path[n] == '.');
	}
	return (cJSON *)(uintptr_t)object;
}

const char *
json_text(const cJSON *node)
{
	return cJSON_IsString(node) ? node->valuestring : NULL;
}

const char *
json_path_text(const cJSON *object, const char *path)
{
	return json_text(json_path(object, path));
}

static void
print(struct jout *j, const cJSON *node)
{
	const cJSON *c;
	bool object = cJSON_IsObject(node);

	if (object || cJSON_IsArray(node)) {
		jout_open(j, object ? '{' : '[');
		cJSON_ArrayForEach(c, node)
		{
			if (object)
				jout_name(j, c->string);
			print(j, c);
		}
		jout_close(j, object ? '}' : ']');
	} else if (cJSON_IsString(node)) {
		jout_str(j, node->valuestring);
	} else if (cJSON_IsNumber(node)) {
		jout_real(j, node->valuedouble);
	} else if (cJSON_IsBool(node)) {
		jout_bool(j, cJSON_IsTrue(node));
	} else {
		jout_raw(j, cJSON_IsRaw(node) ? node->valuestring : NULL);
	}
}

char *
json_print(struct arena *a, const cJSON *node)
{
	struct buf b;
	struct jout j;

	buf_init(&b, a);
	jout_init(&j, &b);
	print(&j, node);
	return b.bad ? NULL : b.data;
}
