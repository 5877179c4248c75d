/* opening.c - the business hours of the studio as rules of the book. */
#include "base/hours.h"
#include "book/book.h"
#include "user/opening.h"

SQL clear_sql[] =
    "DELETE FROM availability_rule WHERE account_id = app_account()"
    " AND resource_id = :rule_resource";
SQL add_sql[] =
    "INSERT INTO availability_rule (id, account_id, resource_id, weekday,"
    " from_min, to_min, created_at, updated_at) VALUES (:rule_id,"
    " app_account(), :rule_resource, :rule_weekday, :rule_from, :rule_to,"
    " :now_ms, :now_ms)";

static enum rc
rule_add(struct req *r, const struct hours *h)
{
	(void)req_new_id(r, "rule_id");
	req_set(r, "rule_weekday", val_int(h->weekday));
	req_set(r, "rule_from", val_int(h->from_min));
	req_set(r, "rule_to", val_int(h->to_min));
	return sql_do(r, add_sql);
}

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
	req_set(r, "rule_resource", val_text(resource));
	if (sql_do(r, clear_sql))
		return r->rc;
	for (int i = 0; i < n; i++)
		if (rule_add(r, &list[i]))
			return r->rc;
	return OK;
}
