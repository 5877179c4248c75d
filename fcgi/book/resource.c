/* resource.c - practitioners, rooms and reps. */
#include "book/book.h"

#define COLUMNS_SQL \
	"id, name, kind, active AS \"active:bool\"," \
	" created_at AS \"created_at:time\", updated_at AS" \
	" \"updated_at:time\""

#define ACTIVE "Inactive: keeps what is booked, takes nothing new."

static const struct field add_in[] = {
	{ "name", F_TEXT, .need = true, .max = 120,
	    .about = "As callers say it." },
	{ "kind", F_ENUM, .need = true, .set = "practitioner|room|rep" },
	{ "active", F_BOOL, .about = ACTIVE },
	{ 0 },
};

static const struct field patch_in[] = {
	{ "name", F_TEXT, .max = 120 },
	{ "kind", F_ENUM, .set = "practitioner|room|rep" },
	{ "active", F_BOOL, .about = ACTIVE },
	{ 0 },
};

static const struct field list_query[] = {
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

SQL list_sql[] = "SELECT " COLUMNS_SQL " FROM my_resource"
		 " WHERE id > COALESCE(CAST(:cursor AS TEXT), '')"
		 " ORDER BY id LIMIT :limit";

SQL get_sql[] = "SELECT " COLUMNS_SQL " FROM my_resource WHERE id = :id";

SQL count_sql[] = "SELECT count(*) AS \"n:int\" FROM my_resource";

SQL add_sql[] =
    "INSERT INTO resource (id, account_id, name, kind, active, created_at,"
    " updated_at) VALUES (:new_id, app_account(), :name, :kind,"
    " COALESCE(CAST(:active AS BIGINT), 1), :now_ms, :now_ms)"
    " RETURNING " COLUMNS_SQL;

SQL patch_sql[] =
    "UPDATE resource SET name = COALESCE(NULLIF(CAST(:name AS TEXT), ''),"
    " name), kind = COALESCE(CAST(:kind AS TEXT), kind),"
    " active = COALESCE(CAST(:active AS BIGINT), active),"
    " updated_at = :now_ms WHERE account_id = app_account() AND id = :id"
    " RETURNING " COLUMNS_SQL;

SQL used_sql[] = "SELECT id FROM my_appointment WHERE resource_id = :id"
		 " ORDER BY id LIMIT 1";

SQL drop_sql[] =
    "DELETE FROM resource WHERE account_id = app_account() AND id = :id";

/* More than are looked at would never be offered. */
static enum rc
resource_add(struct req *r)
{
	struct row row;
	enum rc rc = sql_row(r, count_sql, &row);

	if (rc == OK && row_int(&row, "n") >= BOOK_CHAIRS)
		rc = fail(r, E_CONFLICT, "an account has at most %d resources",
		    BOOK_CHAIRS);
	return rc == OK ? sql_one(r, add_sql) : rc;
}

/* The first one's hours are the business's. */
static enum rc
resource_drop(struct req *r)
{
	struct row row;
	enum rc rc;

	if (str_eq(req_text(r, "id"), r->account))
		return fail(r, E_CONFLICT,
		    "the hours of the business hang on this resource; make it "
		    "inactive instead");
	rc = sql_find(r, used_sql, &row);
	if (rc == OK && row.count > 0)
		rc = fail(r, E_CONFLICT,
		    "it has appointments; make it inactive instead");
	return rc == OK ? sql_must(r, drop_sql) : rc;
}

static const struct route routes[] = {
	{ "GET", "/resources", list_sql, MANY, .query = list_query,
	    .about = "Who and what can be booked." },
	{ "GET", "/resources/:id", get_sql, ONE, .about = "One of them." },
	{ "POST", "/resources", add_sql, ONE, 201, .in = add_in,
	    .run = resource_add,
	    .about = "One more; it keeps the business's hours until it has "
		     "its own." },
	{ "PATCH", "/resources/:id", patch_sql, ONE, .in = patch_in,
	    .about = "Change what is given." },
	{ "DELETE", "/resources/:id", .run = resource_drop,
	    .about = "Only one without appointments can go." },
	{ 0 },
};

const struct resource book_resources = { "book_resource",
	"Practitioners, rooms and reps", routes };
