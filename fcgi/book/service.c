/* service.c - what can be booked, how long it takes, and under which rules. */
#include <string.h>

#include "book/book.h"

#define COLUMNS_SQL \
	"id, name, minutes AS \"minutes:int\"," \
	" step_minutes AS \"step_minutes:int\"," \
	" before_minutes AS \"before_minutes:int\"," \
	" after_minutes AS \"after_minutes:int\"," \
	" notice_minutes AS \"notice_minutes:int\"," \
	" horizon_days AS \"horizon_days:int\", per_day AS \"per_day:int\"," \
	" resource_ids AS \"resource_ids:json\", active AS \"active:bool\"," \
	" created_at AS \"created_at:time\", updated_at AS" \
	" \"updated_at:time\""

#define MEMBERS(needed) \
	{ "name", F_TEXT, .need = (needed), .max = 120, \
		.about = "As callers say it." }, \
	    { "minutes", F_INT, .min = 5, .max = 1440, .need = (needed), \
		    .about = "How long it takes." }, \
	    { "step_minutes", F_INT, .min = 5, .max = 1440, \
		    .about = \
			"From one possible start to the next; as long as it " \
			"takes by default." }, \
	    { "before_minutes", F_INT, .max = 480, \
		    .about = "Kept free before it." }, \
	    { "after_minutes", F_INT, .max = 480, \
		    .about = "Kept free behind it." }, \
	    { "notice_minutes", F_INT, .max = 525600, \
		    .about = "At least so long ahead." }, \
	    { "horizon_days", F_INT, .max = BOOK_AHEAD, \
		    .about = "At most so many days ahead; 0 is only today." }, \
	    { "per_day", F_INT, .min = 1, .max = 1000, \
		    .about = \
			"At most so many on one day; any number by default." }, \
	    { "resource_ids", F_LIST, .max = BOOK_CHAIRS, \
		    .about = "Who does it; an empty list: all." }, \
	    { "active", F_BOOL, .about = "Inactive: takes nothing new." }, \
	{ \
		0 \
	}

static const struct field add_in[] = { MEMBERS(true) };
static const struct field patch_in[] = { MEMBERS(false) };

static const struct field list_query[] = {
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

SQL list_sql[] = "SELECT " COLUMNS_SQL " FROM my_service"
		 " WHERE id > COALESCE(CAST(:cursor AS TEXT), '')"
		 " ORDER BY id LIMIT :limit";

SQL get_sql[] = "SELECT " COLUMNS_SQL " FROM my_service WHERE id = :id";

#define NUMBER(x, usual) "COALESCE(CAST(:" x " AS BIGINT), " usual ")"

SQL add_sql[] =
    "INSERT INTO service (id, account_id, name, minutes, step_minutes,"
    " before_minutes, after_minutes, notice_minutes, horizon_days, per_day,"
    " resource_ids, active, created_at, updated_at) VALUES (:new_id,"
    " app_account(), :name, :minutes, :step_minutes,"
    " " NUMBER("before_minutes", "0") ", " NUMBER("after_minutes",
	"0") ", " NUMBER("notice_minutes", "0") ", " NUMBER("horizon_days",
	"740") ", :per_day, COALESCE(CAST(:resource_ids AS TEXT), '[]'),"
	       " " NUMBER("active", "1") ", :now_ms, :now_ms)"
					 " RETURNING " COLUMNS_SQL;

#define GIVEN(x, type) \
	x " = CASE WHEN :has_" x " = 1 THEN CAST(:" x " AS " type ") ELSE " x \
	  " END, "
#define GIVEN_OR(x, usual) \
	x " = CASE WHEN :has_" x " = 1 THEN COALESCE(CAST(:" x \
	  " AS BIGINT), " usual ") ELSE " x " END, "

SQL patch_sql[] =
    "UPDATE service SET name = COALESCE(NULLIF(CAST(:name AS TEXT), ''),"
    " name), minutes = COALESCE(CAST(:minutes AS BIGINT), minutes),"
    " " GIVEN("step_minutes", "BIGINT") GIVEN("per_day",
	"BIGINT") GIVEN_OR("before_minutes", "0") GIVEN_OR("after_minutes",
	"0") GIVEN_OR("notice_minutes", "0") GIVEN_OR("horizon_days",
	"740") GIVEN_OR("active",
	"1") "resource_ids = CASE"
	     " WHEN :has_resource_ids = 1 THEN COALESCE(CAST(:resource_ids AS TEXT),"
	     " '[]') ELSE resource_ids END, updated_at = :now_ms"
	     " WHERE account_id = app_account() AND id = :id RETURNING " COLUMNS_SQL;

SQL resource_sql[] = "SELECT id FROM my_resource WHERE id = :one_resource";

SQL used_sql[] = "SELECT id FROM my_appointment WHERE service_id = :id"
		 " ORDER BY id LIMIT 1";

SQL drop_sql[] =
    "DELETE FROM service WHERE account_id = app_account() AND id = :id";

/* Each of the ids is one of the account's own resources. */
static enum rc
check_resources(struct req *r)
{
	const cJSON *id;
	struct row row;
	enum rc rc = OK;

	cJSON_ArrayForEach(id, json_get(r->json, "resource_ids"))
	{
		req_set(r, "one_resource", val_text(json_text(id)));
		rc = sql_find(r, resource_sql, &row);
		if (rc == OK && row.count == 0)
			rc = fail_field(r, "resource_ids",
			    "names something that is not one of your "
			    "resources");
		if (rc != OK)
			break;
	}
	return rc;
}

static enum rc
service_save(struct req *r)
{
	enum rc rc = check_resources(r);

	return rc == OK ? sql_one(r, r->route->sql) : rc;
}

static enum rc
service_drop(struct req *r)
{
	struct row row;
	enum rc rc = sql_find(r, used_sql, &row);

	if (rc == OK && row.count > 0)
		rc = fail(r, E_CONFLICT,
		    "it has appointments; make it inactive instead");
	return rc == OK ? sql_must(r, drop_sql) : rc;
}

static const struct route routes[] = {
	{ "GET", "/services", list_sql, MANY, .query = list_query,
	    .about = "What can be booked." },
	{ "GET", "/services/:id", get_sql, ONE, .about = "One service." },
	{ "POST", "/services", add_sql, ONE, 201, .in = add_in,
	    .run = service_save, .about = "One more." },
	{ "PATCH", "/services/:id", patch_sql, ONE, .in = patch_in,
	    .run = service_save,
	    .about = "Change what is given; null is the default." },
	{ "DELETE", "/services/:id", .run = service_drop,
	    .about = "Only one without appointments can go." },
	{ 0 },
};

const struct resource book_services = { "book_service", "What can be booked",
	routes };
