/* rule.c - the weekly hours of a resource. */
#include "book/book.h"

#define COLUMNS_SQL \
	"id, resource_id, weekday AS \"weekday:int\"," \
	" from_min AS \"from_min:int\", to_min AS \"to_min:int\"," \
	" created_at AS \"created_at:time\", updated_at AS" \
	" \"updated_at:time\""

static const struct field rule_in[] = {
	{ "resource_id", F_ID, .need = true },
	{ "weekday", F_INT, .min = 0, .max = 6, .need = true,
	    .about = "0 Monday to 6 Sunday." },
	{ "from_min", F_INT, .min = 0, .max = 1439, .need = true,
	    .about = "Minutes after midnight." },
	{ "to_min", F_INT, .min = 1, .max = 2880, .need = true,
	    .about = "The same; over 1440 is the next day." },
	{ 0 },
};

static const struct field hours_in[] = {
	{ "hours", F_TEXT, .need = true, .max = 500,
	    .about = "As people write them: Mon-Fri 9-12, 14-18. Empty text "
		     "is refused; to keep the business's hours, delete the "
		     "rules." },
	{ 0 },
};

static const struct field list_query[] = {
	{ "resource_id", F_ID, .about = "Only those of this resource." },
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

SQL list_sql[] =
    "SELECT " COLUMNS_SQL " FROM my_availability_rule"
    " WHERE id > COALESCE(CAST(:cursor AS TEXT), '')"
    " AND (CAST(:resource_id AS TEXT) IS NULL OR resource_id = :resource_id)"
    " ORDER BY id LIMIT :limit";

SQL add_sql[] =
    "INSERT INTO availability_rule (id, account_id, resource_id, weekday,"
    " from_min, to_min, created_at, updated_at) SELECT :new_id,"
    " app_account(), d.id, :weekday, :from_min, :to_min, :now_ms, :now_ms"
    " FROM my_resource d WHERE d.id = :resource_id RETURNING " COLUMNS_SQL;

SQL drop_sql[] = "DELETE FROM availability_rule WHERE account_id ="
		 " app_account() AND id = :id";

SQL of_sql[] = "SELECT " COLUMNS_SQL " FROM my_availability_rule"
	       " WHERE resource_id = :id ORDER BY weekday, from_min, id"
	       " LIMIT :limit";

SQL resource_sql[] = "SELECT id FROM my_resource WHERE id = :id";

SQL clear_sql[] =
    "DELETE FROM availability_rule WHERE account_id = app_account()"
    " AND resource_id = :rule_resource";

SQL put_sql[] =
    "INSERT INTO availability_rule (id, account_id, resource_id, weekday,"
    " from_min, to_min, created_at, updated_at) VALUES (:rule_id,"
    " app_account(), :rule_resource, :rule_weekday, :rule_from, :rule_to,"
    " :now_ms, :now_ms)";

enum rc
book_rules(struct req *r, const char *resource, const struct hours *list,
    int count)
{
	enum rc rc;

	req_set(r, "rule_resource", val_text(resource));
	rc = sql_do(r, clear_sql);
	for (int i = 0; i < count && rc == OK; i++) {
		(void)req_new_id(r, "rule_id");
		req_set(r, "rule_weekday", val_int(list[i].weekday));
		req_set(r, "rule_from", val_int(list[i].from_min));
		req_set(r, "rule_to", val_int(list[i].to_min));
		rc = sql_do(r, put_sql);
	}
	return rc;
}

static enum rc
rule_add(struct req *r)
{
	struct row row;
	enum rc rc;

	if (req_get(r, "to_min").i <= req_get(r, "from_min").i)
		return fail_field(r, "to_min", "must be after from_min");
	rc = sql_find(r, add_sql, &row);
	if (rc == OK && row.count == 0)
		return fail_field(r, "resource_id",
		    "is not one of your resources");
	if (rc != OK)
		return rc;
	jout_open(&r->json_out, '{');
	row_json(&r->json_out, &row);
	jout_close(&r->json_out, '}');
	return OK;
}

static enum rc
rule_drop(struct req *r)
{
	return sql_must(r, drop_sql);
}

static enum rc
hours_put(struct req *r)
{
	struct hours list[HOURS_MAX];
	struct row row;
	char why[200];
	int n = hours_parse(req_text(r, "hours"), list, why);
	enum rc rc;

	if (n <= 0)
		return fail_field(r, "hours", "cannot be used: %s",
		    n < 0 ? why : "there are no hours in it");
	rc = sql_row(r, resource_sql, &row);
	if (rc == OK)
		rc = book_rules(r, row_text(&row, "id"), list, n);
	return rc == OK ? sql_many(r, of_sql) : rc;
}

static const struct route routes[] = {
	{ "GET", "/availability-rules", list_sql, MANY, .query = list_query,
	    .about = "Weekly opening hours of all resources." },
	{ "POST", "/availability-rules", add_sql, ONE, 201, .in = rule_in,
	    .run = rule_add, .about = "One more opening in each week." },
	{ "DELETE", "/availability-rules/:id", .run = rule_drop,
	    .about = "Take an opening away." },
	{ "PUT", "/resources/:id/hours", of_sql, MANY, .in = hours_in,
	    .run = hours_put,
	    .about = "Replace a resource's week by hours as people write "
		     "them." },
	{ 0 },
};

const struct resource book_rule = { "book_rule", "Weekly opening hours",
	routes };
