/* exception.c - closed days, absences and extra hours. */
#include "base/clock.h"
#include "book/except.h"
#include "book/holiday.h"

#define YEARS	 10 /* that one exception may last */
#define TEXT_MAX 400000

#define COLUMNS_SQL \
	"id, resource_id, kind, from_date, to_date," \
	" from_min AS \"from_min:int\", to_min AS \"to_min:int\", note, source," \
	" created_at AS \"created_at:time\", updated_at AS" \
	" \"updated_at:time\""

static const struct field add_in[] = {
	{ "resource_id", F_ID,
	    .about = "Who is away or there; the whole business by default." },
	{ "kind", F_ENUM, .need = true, .set = "closed|open",
	    .about = "Closed, or extra hours." },
	{ "from_date", F_DATE, .need = true, .about = "The first day." },
	{ "to_date", F_DATE, .about = "The last; the first by default." },
	{ "from_min", F_INT, .min = 0, .max = 1439,
	    .about = "Minutes after midnight, on each of the days; without "
		     "them closed is all day." },
	{ "to_min", F_INT, .min = 1, .max = 2880,
	    .about = "The same; over 1440 is the next day." },
	{ "note", F_TEXT, .max = 200 },
	{ 0 },
};

static const struct field list_query[] = {
	{ "from", F_DATE, .about = "Only those that last until then." },
	{ "to", F_DATE, .about = "Only those that begin by then." },
	{ "resource_id", F_ID, .about = "Only those of this resource." },
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

static const struct field import_in[] = {
	{ "ics", F_TEXT, .need = true, .max = TEXT_MAX,
	    .about = "An iCalendar file (RFC 5545) with the closed days." },
	{ "source", F_TEXT, .max = 60,
	    .about = "Name of the calendar, holidays by default; what came "
		     "under that name before is replaced." },
	{ 0 },
};

static const struct field import_out[] = {
	{ "source", F_TEXT },
	{ "imported", F_INT },
	{ "removed", F_INT },
	{ "skipped", F_INT },
	{ 0 },
};

SQL list_sql[] =
    "SELECT " COLUMNS_SQL " FROM my_availability_exception"
    " WHERE id > COALESCE(CAST(:cursor AS TEXT), '')"
    " AND to_date >= COALESCE(CAST(:from AS TEXT), '')"
    " AND from_date <= COALESCE(CAST(:to AS TEXT), '9999-12-31')"
    " AND (CAST(:resource_id AS TEXT) IS NULL OR resource_id = :resource_id)"
    " ORDER BY id LIMIT :limit";

SQL get_sql[] =
    "SELECT " COLUMNS_SQL " FROM my_availability_exception WHERE id = :id";

SQL resource_sql[] = "SELECT id FROM my_resource WHERE id = :resource_id";

SQL add_sql[] =
    "INSERT INTO availability_exception (id, account_id, resource_id, kind,"
    " from_date, to_date, from_min, to_min, note, created_at, updated_at)"
    " VALUES (:new_id, app_account(), :resource_id, :kind, :from_date,"
    " COALESCE(CAST(:to_date AS TEXT), :from_date), :from_min, :to_min,"
    " :note, :now_ms, :now_ms) RETURNING " COLUMNS_SQL;

SQL drop_sql[] = "DELETE FROM availability_exception WHERE account_id ="
		 " app_account() AND id = :id";

static enum rc
check_dates(struct req *r)
{
	const char *last = req_text(r, "to_date");
	int64_t from, to;

	if (last == NULL)
		return OK;
	if (!clock_day(req_text(r, "from_date"), &from) ||
	    !clock_day(last, &to) || to < from)
		return fail_field(r, "to_date", "must not be before from_date");
	if (to - from > YEARS * INT64_C(366))
		return fail_field(r, "to_date",
		    "must be at most %d years behind from_date", YEARS);
	return OK;
}

static enum rc
check_minutes(struct req *r)
{
	struct val from = req_get(r, "from_min"), to = req_get(r, "to_min");
	bool some = from.type == VAL_INT;

	if (some != (to.type == VAL_INT))
		return fail_field(r, some ? "to_min" : "from_min",
		    "is missing; both or none");
	if (!some && str_eq(req_text(r, "kind"), "open"))
		return fail_field(r, "from_min",
		    "is missing: extra hours need a beginning and an end");
	if (some && to.i <= from.i)
		return fail_field(r, "to_min", "must be after from_min");
	return OK;
}

static enum rc
exception_add(struct req *r)
{
	struct row row;
	enum rc rc = check_dates(r);

	if (check_minutes(r) != OK || rc != OK)
		return E_INPUT;
	if (req_text(r, "resource_id") != NULL) {
		rc = sql_find(r, resource_sql, &row);
		if (rc == OK && row.count == 0)
			return fail_field(r, "resource_id",
			    "is not one of your resources");
	}
	return rc == OK ? sql_one(r, add_sql) : rc;
}

static enum rc
exception_drop(struct req *r)
{
	return sql_must(r, drop_sql);
}

static const struct route routes[] = {
	{ "GET", "/availability-exceptions", list_sql, MANY,
	    .query = list_query,
	    .about = "Closed days, absences and extra hours." },
	{ "GET", "/availability-exceptions/:id", get_sql, ONE,
	    .about = "One of them." },
	{ "POST", "/availability-exceptions", add_sql, ONE, 201, .in = add_in,
	    .run = exception_add, .about = "One more." },
	{ "POST", "/availability-exceptions/import", .pool = WAIT, .tx = TX_OWN,
	    .in = import_in, .out = import_out, .run = holiday_import,
	    .about = "Closed days from a calendar file, in place of those of "
		     "the last time." },
	{ "DELETE", "/availability-exceptions/:id", .run = exception_drop,
	    .about = "Take it back." },
	{ 0 },
};

const struct resource book_exception = { "book_exception",
	"Days that differ from the week", routes };
