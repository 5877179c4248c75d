/* patch.c - a PATCH that writes only what it changes. */
#include <string.h>

#include "user/patch.h"

void
patch_clean(struct req *r, const struct field *f)
{
	for (; f->name != NULL; f++) {
		const char *s = req_text(r, f->name);

		if (s != NULL && *s == '\0')
			req_set(r, f->name, val_null());
	}
}

static bool
same(struct val a, struct val b)
{
	if (a.type != b.type)
		return false;
	if (a.type == VAL_TEXT)
		return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
	if (a.type == VAL_REAL)
		return a.d >= b.d && a.d <= b.d;
	return a.type == VAL_NULL || a.i == b.i;
}

bool
patch_changes(const struct req *r, const struct row *row, const char *name)
{
	struct val v = req_get(r, name);

	return v.type != VAL_ABSENT && !same(v, row_val(row, name));
}

bool
patch_changes_any(const struct req *r, const struct row *row, const char *names)
{
	char name[64];

	while (*names != '\0') {
		size_t n = strcspn(names, "|");

		if (n < sizeof(name)) {
			memcpy(name, names, n);
			name[n] = '\0';
			if (patch_changes(r, row, name))
				return true;
		}
		names += n + (names[n] == '|');
	}
	return false;
}
