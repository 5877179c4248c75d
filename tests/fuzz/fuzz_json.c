/*
 * fuzz_json.c - what json_parse takes, it takes again when printed, and the
 * text does not change any more.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "wire/json.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_node(const cJSON *node, int depth)
{
	const cJSON *c;

	CHECK(depth <= JSON_DEPTH);
	if (cJSON_IsString(node))
		CHECK(str_utf8(node->valuestring, strlen(node->valuestring)));
	cJSON_ArrayForEach(c, node)
	{
		if (cJSON_IsObject(node)) {
			CHECK(str_utf8(c->string, strlen(c->string)));
			CHECK(json_get(node, c->string) == c);
		}
		check_node(c, depth + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(64 << 20);
	const char *why = NULL;
	cJSON *tree = json_parse(a, (const char *)data, size, &why);
	char *once, *twice;

	if (tree == NULL) {
		CHECK(why != NULL && *why != '\0');
		CHECK(str_utf8(why, strlen(why)));
	} else {
		check_node(tree, 0);
		once = json_print(a, tree);
		CHECK(once != NULL);
		tree = json_parse(a, once, strlen(once), &why);
		CHECK(tree != NULL);
		twice = json_print(a, tree);
		CHECK(twice != NULL && strcmp(once, twice) == 0);
	}
	arena_free(a);
	return 0;
}
