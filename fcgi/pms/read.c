/*
 * read.c - patients, appointments, providers and writebacks, as frontends of
 * practices read them: from the mirror, or from the book where there is none.
 */
#include <stdio.h>
#include <string.h>

#include "base/zone.h"
#include "pms/pms.h"

/* A date, or a time. */
static const char *
when_must(const char *s)
{
	int64_t t;

	return clock_parse(s, &t) || clock_day(s, &t) ?
	    NULL :
	    "a date such as 2026-02-11, or a time";
}

#define LIMIT_FIELD \
	{ \
		"limit", F_INT, .min = 1, .max = 500, \
				.about = "How many at once; 100 by default." \
	}

static const struct field patients_query[] = {
	{ "query", F_TEXT, .max = 100, .about = "Beginning of the last name" },
	{ "phone", F_TEXT, .max = 40, .about = "A number, in any form" },
	LIMIT_FIELD,
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};
static const struct field appointments_query[] = {
	{ "startDate", F_TEXT, .max = 40, .must = when_must,
	    .about = "The first day, or a time" },
	{ "endDate", F_TEXT, .max = 40, .must = when_must,
	    .about = "The last day, or the time before which they start" },
	{ "patientId", F_TEXT, .max = 64 },
	{ "providerId", F_TEXT, .max = 64 },
	{ "status", F_ENUM,
	    .set = "scheduled|confirmed|completed|cancelled|no_show" },
	LIMIT_FIELD,
	{ "cursor", F_TEXT, .max = 60,
	    .about = "next_cursor of the page before." },
	{ 0 },
};
static const struct field providers_query[] = {
	LIMIT_FIELD,
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};
static const struct field writebacks_query[] = {
	{ "status", F_ENUM, .set = "pending|completed|failed|dropped" },
	LIMIT_FIELD,
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

/* --- patients ---------------------------------------------------------------
 */

#define PATIENT_SQL \
	"SELECT p.ext_id AS \"id\", p.first_name AS \"firstName\"," \
	" p.last_name AS \"lastName\", p.birth_date AS \"dateOfBirth\"," \
	" COALESCE(p.cell, p.home_phone, p.work_phone) AS \"phone\"," \
	" p.cell AS \"cell\", p.home_phone AS \"homePhone\"," \
	" p.work_phone AS \"workPhone\", p.email AS \"email\"," \
	" p.status AS \"status\", p.provider_ext AS \"providerId\"," \
	" p.last_visit AS \"lastVisit\", p.updated_at AS \"updatedAt:time\"," \
	" p.id AS _cursor FROM my_pms_patient p"

SQL patients_sql[] =
    PATIENT_SQL " WHERE p.id > COALESCE(CAST(:cursor AS TEXT), '')"
		" ORDER BY p.id LIMIT :limit";
SQL patients_named_sql[] =
    PATIENT_SQL " WHERE p.name_key >= :name_from AND p.name_key < :name_to"
		" AND p.id > COALESCE(CAST(:cursor AS TEXT), '')"
		" ORDER BY p.id LIMIT :limit";
SQL patients_phone_sql[] = PATIENT_SQL
    " WHERE p.id IN (SELECT c.id FROM my_pms_patient c"
    " WHERE c.cell_key = :phone_key UNION SELECT h.id FROM my_pms_patient h"
    " WHERE h.home_key = :phone_key UNION SELECT o.id FROM my_pms_patient o"
    " WHERE o.work_key = :phone_key)"
    " AND p.id > COALESCE(CAST(:cursor AS TEXT), '')"
    " ORDER BY p.id LIMIT :limit";
SQL contacts_sql[] =
    "SELECT c.id AS \"id\", c.name AS \"firstName\","
    " CAST(NULL AS TEXT) AS \"lastName\","
    " CAST(NULL AS TEXT) AS \"dateOfBirth\", c.phone AS \"phone\","
    " c.phone AS \"cell\", CAST(NULL AS TEXT) AS \"homePhone\","
    " CAST(NULL AS TEXT) AS \"workPhone\", CAST(NULL AS TEXT) AS \"email\","
    " CAST(NULL AS TEXT) AS \"status\","
    " CAST(NULL AS TEXT) AS \"providerId\","
    " CAST(NULL AS TEXT) AS \"lastVisit\","
    " c.updated_at AS \"updatedAt:time\", c.id AS _cursor FROM my_contact c"
    " WHERE c.id > COALESCE(CAST(:cursor AS TEXT), '')"
    " AND (CAST(:phone AS TEXT) IS NULL OR c.phone = :phone)"
    " ORDER BY c.id LIMIT :limit";

static enum rc
patients(struct req *r)
{
	const char *phone = req_text(r, "phone");
	const char *name = req_text(r, "query");
	struct pms p;

	if (pms_find_link(r, &p))
		return r->rc;
	if (!pms_outside(&p))
		return sql_many(r, contacts_sql);
	if (phone != NULL) {
		req_set(r, "phone_key", val_text(pms_digits(r->arena, phone)));
		return sql_many(r, patients_phone_sql);
	}
	if (name == NULL)
		return sql_many(r, patients_sql);
	name = pms_fold(r->arena, name);
	req_set(r, "name_from", val_text(name));
	/* behind all that begin so: the last character of Unicode */
	req_set(r, "name_to",
	    val_text(arena_printf(r->arena, "%s\xf4\x8f\xbf\xbf", name)));
	return sql_many(r, patients_named_sql);
}

/* --- appointments -----------------------------------------------------------
 */

SQL visits_sql[] =
    "SELECT a.ext_id AS \"id\", a.patient_ext AS \"patientId\","
    " a.patient_name AS \"patientName\", a.provider_ext AS \"providerId\","
    " v.last_name AS \"providerName\", a.type AS \"appointmentType\","
    " a.starts_at AS \"startTime:time\", a.ends_at AS \"endTime:time\","
    " (a.ends_at - a.starts_at) / 60000 AS \"duration:int\","
    " a.state AS \"status\", a.status AS \"systemStatus\","
    " a.operatory AS \"operatory\", a.note AS \"notes\","
    " a.appointment_id AS \"bookingId\","
    " CAST(a.starts_at AS TEXT) || '_' || a.id AS _cursor"
    " FROM my_pms_appointment a LEFT JOIN my_pms_provider v"
    " ON v.ext_id = a.provider_ext"
    " WHERE a.starts_at >= :after_ms AND a.starts_at < :before_ms"
    " AND (a.starts_at > :after_ms OR a.id > :after_id)"
    " AND (CAST(:patientId AS TEXT) IS NULL OR a.patient_ext = :patientId)"
    " AND (CAST(:providerId AS TEXT) IS NULL"
    " OR a.provider_ext = :providerId)"
    " AND (CAST(:status AS TEXT) IS NULL OR a.state = :status)"
    " ORDER BY a.starts_at, a.id LIMIT :limit";
SQL booked_sql[] =
    "SELECT a.id AS \"id\", a.contact_id AS \"patientId\","
    " a.name AS \"patientName\", a.resource_id AS \"providerId\","
    " d.name AS \"providerName\", a.kind AS \"appointmentType\","
    " a.starts_at AS \"startTime:time\", a.ends_at AS \"endTime:time\","
    " (a.ends_at - a.starts_at) / 60000 AS \"duration:int\","
    " a.status AS \"status\", a.status AS \"systemStatus\","
    " CAST(NULL AS TEXT) AS \"operatory\", a.reason AS \"notes\","
    " a.id AS \"bookingId\","
    " CAST(a.starts_at AS TEXT) || '_' || a.id AS _cursor"
    " FROM my_appointment a JOIN my_resource d ON d.id = a.resource_id"
    " WHERE a.starts_at >= :after_ms AND a.starts_at < :before_ms"
    " AND (a.starts_at > :after_ms OR a.id > :after_id)"
    " AND (CAST(:patientId AS TEXT) IS NULL OR a.contact_id = :patientId)"
    " AND (CAST(:providerId AS TEXT) IS NULL"
    " OR a.resource_id = :providerId)"
    " AND (CAST(:status AS TEXT) IS NULL OR a.status = :status)"
    " ORDER BY a.starts_at, a.id LIMIT :limit";

/* The instant that a query names; a bare date begins, or ends, with its day. */
static int64_t
instant_of(const struct pms *p, const char *s, int days)
{
	struct civil c = { 0 };
	int64_t t;

	if (clock_parse(s, &t))
		return t;
	if (!clock_day(s, &t))
		return 0;
	clock_date(t + days, &c.year, &c.month, &c.day);
	return zone_instant(p->zone, &c);
}

static enum rc
appointments(struct req *r)
{
	const char *from = req_text(r, "startDate");
	const char *to = req_text(r, "endDate"), *after_id = "";
	int64_t after_ms = INT64_MIN;
	struct pms p;

	if (pms_find_link(r, &p))
		return r->rc;
	if (from != NULL)
		after_ms = instant_of(&p, from, 0);
	if (req_cursor(r, &after_ms, &after_id))
		return r->rc;
	req_set(r, "after_ms", val_int(after_ms));
	req_set(r, "after_id", val_text(after_id));
	req_set(r, "before_ms",
	    val_int(to != NULL ? instant_of(&p, to, 1) : INT64_MAX));
	return sql_many(r, pms_outside(&p) ? visits_sql : booked_sql);
}

/* --- providers --------------------------------------------------------------
 */

SQL providers_sql[] =
    "SELECT v.ext_id AS \"id\", v.first_name AS \"firstName\","
    " v.last_name AS \"lastName\", v.specialty AS \"specialty\","
    " v.active AS \"isActive:bool\", v.resource_id AS \"resourceId\","
    " v.id AS _cursor FROM my_pms_provider v"
    " WHERE v.id > COALESCE(CAST(:cursor AS TEXT), '')"
    " ORDER BY v.id LIMIT :limit";
SQL resources_sql[] =
    "SELECT d.id AS \"id\", CAST(NULL AS TEXT) AS \"firstName\","
    " d.name AS \"lastName\", CAST(NULL AS TEXT) AS \"specialty\","
    " 1 AS \"isActive:bool\", d.id AS \"resourceId\", d.id AS _cursor"
    " FROM my_resource d WHERE d.id > COALESCE(CAST(:cursor AS TEXT), '')"
    " ORDER BY d.id LIMIT :limit";

static enum rc
providers(struct req *r)
{
	struct pms p;

	if (pms_find_link(r, &p))
		return r->rc;
	return sql_many(r, pms_outside(&p) ? providers_sql : resources_sql);
}

/* --- writebacks -------------------------------------------------------------
 */

SQL writebacks_sql[] =
    "SELECT w.id AS \"id\", w.appointment_id AS \"appointmentId\","
    " w.verb AS \"operation\", w.provider AS \"provider\","
    " CASE w.state WHEN 'done' THEN 'completed' WHEN 'conflict' THEN 'failed'"
    " WHEN 'dropped' THEN 'dropped' ELSE 'pending' END AS \"status\","
    " w.state AS \"state\", w.stage AS \"stage\","
    " w.patient_ext AS \"patientId\", w.ext_id AS \"externalId\","
    " w.remote_id AS \"remoteId\", w.tries AS \"attempts:int\","
    " w.last_error AS \"error\", w.created_at AS \"createdAt:time\","
    " w.updated_at AS \"updatedAt:time\", w.done_at AS \"completedAt:time\","
    " w.id AS _cursor FROM my_pms_writeback w"
    " WHERE w.id < COALESCE(CAST(:cursor AS TEXT), 'g')"
    " AND (CAST(:status AS TEXT) IS NULL"
    " OR CASE w.state WHEN 'done' THEN 'completed' WHEN 'conflict'"
    " THEN 'failed' WHEN 'dropped' THEN 'dropped' ELSE 'pending' END"
    " = :status) ORDER BY w.id DESC LIMIT :limit";

static const struct route routes[] = {
	{ "GET", "/pms/patients", patients_sql, MANY, .query = patients_query,
	    .run = patients, .about = "Patients of the practice" },
	{ "GET", "/pms/appointments", visits_sql, MANY,
	    .query = appointments_query, .run = appointments,
	    .about = "Appointments of the practice, by start" },
	{ "GET", "/pms/providers", providers_sql, MANY,
	    .query = providers_query, .run = providers,
	    .about = "Who works in the practice" },
	{ "GET", "/pms/writebacks", writebacks_sql, MANY,
	    .query = writebacks_query,
	    .about = "What the practice's system is told, the latest first" },
	{ 0 },
};

const struct resource pms_read = { "pms_read", "What a practice's system holds",
	routes };
