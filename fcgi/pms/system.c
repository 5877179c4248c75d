/* system.c - which system an account has, and what all of them share. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/zone.h"
#include "pms/pms.h"

#define DIGITS	   10
#define DIGITS_MIN 7
#define SLOT_MS	   (INT64_C(30) * 60000)

SQL link_sql[] =
    "SELECT l.id, l.provider, l.status, l.office_id, l.practice_id,"
    " l.practice_name, l.system_name, l.config, l.cancel_status, l.pass,"
    " l.pass_at, l.noun, l.page, l.rows_seen, l.full_at, l.last_sync_at,"
    " l.last_error, l.created_at, l.config ->> 'timezone' AS zone,"
    " s.timezone, s.slot_minutes FROM my_pms_link l"
    " LEFT JOIN my_studio s ON s.account_id = l.account_id";

SQL integration_sql[] =
    "INSERT INTO integration (id, account_id, name, type, status, settings,"
    " last_sync, created_at, updated_at) VALUES (:i_id, app_account(),"
    " :i_name, 'pms', :i_status, :i_settings, :i_sync, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, name) DO UPDATE SET status = excluded.status,"
    " last_sync = COALESCE(excluded.last_sync, integration.last_sync),"
    " updated_at = :now_ms";

static const struct pms_system *const systems[] = { &pms_sikka, &pms_builtin };

const struct pms_system *
pms_named(const char *name)
{
	for (size_t i = 0; name != NULL && i < COUNT(systems); i++)
		if (strcasecmp(systems[i]->name, name) == 0 ||
		    strcasecmp(systems[i]->label, name) == 0)
			return systems[i];
	return NULL;
}

bool
pms_outside(const struct pms *p)
{
	return p->system->open != NULL;
}

enum rc
pms_find_link(struct req *r, struct pms *p)
{
	int64_t minutes;

	memset(p, 0, sizeof(*p));
	p->r = r;
	p->system = &pms_builtin;
	p->zone = "UTC";
	p->slot_ms = SLOT_MS;
	if (sql_find(r, link_sql, &p->link) || p->link.count == 0)
		return r->rc;
	p->system = pms_named(row_text(&p->link, "provider"));
	if (p->system == NULL)
		return fail(r, E_INTERNAL,
		    "this version does not know the practice's system");
	minutes = row_int(&p->link, "slot_minutes");
	if (minutes > 0)
		p->slot_ms = minutes * 60000;
	if (zone_valid(row_text(&p->link, "zone")))
		p->zone = row_text(&p->link, "zone");
	else if (row_text(&p->link, "timezone") != NULL)
		p->zone = row_text(&p->link, "timezone");
	return OK;
}

enum rc
pms_same(const struct pms *p, bool *same)
{
	struct pms now;
	enum rc rc = pms_find_link(p->r, &now);

	*same = rc == OK &&
	    str_eq(row_text(&now.link, "id"), row_text(&p->link, "id"));
	return rc;
}

enum rc
pms_integration(struct req *r, const struct pms_system *system,
    const char *status, int64_t synced_ms)
{
	(void)req_new_id(r, "i_id");
	req_set(r, "i_name", val_text(system->title));
	req_set(r, "i_status", val_text(status));
	req_set(r, "i_settings",
	    val_text(
		arena_printf(r->arena, "{\"provider\":\"%s\"}", system->name)));
	req_set(r, "i_sync", synced_ms > 0 ? val_int(synced_ms) : val_null());
	return sql_do(r, integration_sql);
}

const char *
pms_digits(struct arena *a, const char *phone)
{
	char *out = phone != NULL ? arena_get(a, strlen(phone) + 1) : NULL;
	size_t n = 0;

	if (out == NULL)
		return NULL;
	for (; *phone != '\0'; phone++)
		if (isdigit((unsigned char)*phone))
			out[n++] = *phone;
	out[n] = '\0';
	if (n < DIGITS_MIN)
		return NULL;
	return n > DIGITS ? out + n - DIGITS : out;
}

const char *
pms_fold(struct arena *a, const char *s)
{
	char *out = arena_get(a, s != NULL ? strlen(s) + 1 : 1);
	size_t n = 0;

	if (out == NULL)
		return NULL;
	for (; s != NULL && *s != '\0'; s++)
		if (!isspace((unsigned char)*s))
			out[n++] = (char)tolower((unsigned char)*s);
		else if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
	if (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return out;
}

const char *
pms_date(const struct pms *p, int64_t t_ms)
{
	struct civil c = zone_civil(p->zone, t_ms);

	return arena_printf(p->r->arena, "%04d-%02d-%02d", c.year, c.month,
	    c.day);
}

const char *
pms_time(const struct pms *p, int64_t t_ms)
{
	struct civil c = zone_civil(p->zone, t_ms);

	return arena_printf(p->r->arena, "%02d:%02d", c.hour, c.minute);
}
