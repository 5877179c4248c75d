/* opening.c - the business hours of the studio as rules of the book. */
#include "base/hours.h"
#include "book/book.h"
#include "user/opening.h"

enum rc
opening_save(struct req *r, const char *text, const char **error)
{
	struct hours list[HOURS_MAX];
	const char *resource;
	char why[200] = "";
	int n;

	*error = NULL;
	n = hours_parse(text != NULL ? text : "", list, why);
	if (n < 0) {
		*error = arena_printf(r->arena,
		    "These hours are kept but not "
		    "used, the former ones stay in force: %s",
		    why);
		return *error != NULL ? OK :
					fail(r, E_INTERNAL, "out of memory");
	}
	if (book_resource(r, &resource))
		return r->rc;
	return book_rules(r, resource, list, n);
}
