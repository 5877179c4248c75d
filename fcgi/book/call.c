/* call.c - calls, as staff see them and as Twilio tells of them. */
#include "base/clock.h"
#include "book/book.h"
#include "book/call.h"

#define COLUMNS_SQL \
	"c.id, c.direction, c.from_number, c.to_number, c.status," \
	" c.assistant_id, c.contact_id, p.name AS contact_name," \
	" c.started_at AS \"started_at:time\", c.ended_at AS \"ended_at:time\"," \
	" c.duration_s AS \"duration_s:int\", c.ended_reason, c.summary," \
	" c.recording_url, c.cost AS \"cost:real\", c.twilio_sid, c.vapi_id," \
	" c.created_at AS \"created_at:time\", c.updated_at AS" \
	" \"updated_at:time\" FROM my_call c LEFT JOIN my_contact p" \
	" ON p.id = c.contact_id"

static const struct field list_query[] = {
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

/* Ids ascend with time; 'g' sorts behind all of them. */
SQL list_sql[] =
    "SELECT " COLUMNS_SQL " WHERE c.id < COALESCE(CAST(:cursor AS TEXT), 'g')"
    " ORDER BY c.id DESC LIMIT :limit";

SQL get_sql[] = "SELECT " COLUMNS_SQL " WHERE c.id = :id";

SQL meet_sql[] =
    "INSERT INTO call (id, account_id, twilio_sid, assistant_id, contact_id,"
    " direction, from_number, to_number, status, status_rank, sequence,"
    " started_at, ended_at, duration_s, created_at, updated_at)"
    " VALUES (:call_new, app_account(), :leg_sid, :leg_assistant,"
    " :leg_contact, :leg_direction, :leg_from, :leg_to, :leg_status,"
    " :leg_rank, :leg_sequence, :now_ms, :leg_ended, :leg_duration, :now_ms,"
    " :now_ms) ON CONFLICT (account_id, twilio_sid) DO UPDATE SET"
    " status = CASE WHEN excluded.status_rank > call.status_rank"
    " THEN excluded.status ELSE call.status END,"
    " ended_at = CASE WHEN excluded.status_rank > call.status_rank"
    " THEN COALESCE(excluded.ended_at, call.ended_at)"
    " ELSE call.ended_at END,"
    " status_rank = CASE WHEN excluded.status_rank > call.status_rank"
    " THEN excluded.status_rank ELSE call.status_rank END,"
    " sequence = CASE WHEN excluded.sequence > call.sequence"
    " THEN excluded.sequence ELSE call.sequence END,"
    " duration_s = COALESCE(excluded.duration_s, call.duration_s),"
    " assistant_id = COALESCE(call.assistant_id, excluded.assistant_id),"
    " contact_id = COALESCE(call.contact_id, excluded.contact_id),"
    " from_number = COALESCE(call.from_number, excluded.from_number),"
    " to_number = COALESCE(call.to_number, excluded.to_number)"
    " RETURNING id";

int
call_rank(const char *status)
{
	static const char *const ranks[] = { "queued|scheduled", "initiated",
		"ringing", "in-progress|forwarding", "ended",
		"completed|busy|failed|no-answer|canceled" };

	for (size_t i = 0; status != NULL && i < COUNT(ranks); i++)
		if (str_in(ranks[i], status))
			return (int)i;
	return 0;
}

bool
call_is_over(const char *status)
{
	return call_rank(status) >= call_rank("ended");
}

static struct val
known(int64_t n)
{
	return n >= 0 ? val_int(n) : val_null();
}

enum rc
call_meet(struct req *r, const struct call_leg *leg, const char **id)
{
	int rank = call_rank(leg->status);
	struct row row;
	enum rc rc;

	(void)req_new_id(r, "call_new");
	req_set(r, "leg_sid", val_text(leg->sid));
	req_set(r, "leg_assistant", val_text(leg->assistant));
	req_set(r, "leg_contact", val_text(leg->contact));
	req_set(r, "leg_direction",
	    val_text(str_in("outbound-api|outbound-dial",
			 leg->direction != NULL ? leg->direction : "") ?
		    "outbound" :
		    "inbound"));
	req_set(r, "leg_from", val_text(leg->from));
	req_set(r, "leg_to", val_text(leg->to));
	req_set(r, "leg_status",
	    val_text(leg->status != NULL ? leg->status : "queued"));
	req_set(r, "leg_rank", val_int(rank));
	req_set(r, "leg_sequence", val_int(leg->sequence));
	req_set(r, "leg_ended",
	    rank == call_rank("completed") ? val_int(r->now_ms) : val_null());
	req_set(r, "leg_duration", known(leg->duration_s));
	rc = sql_row(r, meet_sql, &row);
	*id = rc == OK ? row_text(&row, "id") : NULL;
	return rc == OK && call_is_over(leg->status) ? hold_drop(r, *id) : rc;
}

static const struct route routes[] = {
	{ "GET", "/calls", list_sql, MANY, .query = list_query,
	    .about = "Calls, the latest first." },
	{ "GET", "/calls/:id", get_sql, ONE, .about = "One call." },
	{ 0 },
};

const struct resource book_call = { "book_call", "Telephone calls", routes };
