/* effect.c - jobs: what follows from the steps of the wizard. */
#include "assistant/assistant.h"
#include "setup/setup.h"
#include "vault/vault.h"

SQL put_sql[] =
    "INSERT INTO integration (id, account_id, name, type, status, settings,"
    " created_at, updated_at) VALUES (:i_id, app_account(), :i_name, :i_type,"
    " :i_status, :i_settings, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, name) DO UPDATE SET type = excluded.type,"
    " status = excluded.status, settings = excluded.settings,"
    " updated_at = :now_ms";
SQL leave_sql[] = "UPDATE integration SET status = 'disconnected'"
		  " WHERE account_id = app_account() AND type = :i_type"
		  " AND status <> 'disconnected'"
		  " AND (CAST(:i_name AS TEXT) IS NULL OR name <> :i_name)";
SQL pms_sql[] = "SELECT status, settings FROM my_integration"
		" WHERE name = :i_name AND type = 'pms'";
SQL applied_sql[] = "SELECT voice FROM my_setup";
SQL apply_sql[] =
    "UPDATE setup SET voice = :v_voice WHERE account_id = app_account()";
SQL studio_sql[] =
    "INSERT INTO studio (account_id, number, strategy, transfer_number,"
    " created_at, updated_at) VALUES (app_account(), :p_number, 'attach',"
    " :p_staff, :now_ms, :now_ms) ON CONFLICT (account_id) DO UPDATE SET"
    " number = coalesce(excluded.number, studio.number),"
    " strategy = CASE WHEN excluded.number IS NULL THEN studio.strategy"
    " ELSE excluded.strategy END, transfer_number ="
    " coalesce(excluded.transfer_number, studio.transfer_number),"
    " updated_at = :now_ms";
/* A number is in use once calls to it can be proved, or reach a line. */
SQL ready_sql[] =
    "SELECT s.number, (SELECT count(*) FROM my_credential c"
    " WHERE c.kind = 'twilio') AS \"twilio:int\","
    " (SELECT count(*) FROM my_credential c WHERE c.kind = 'vapi_key')"
    " AS \"vapi:int\", (SELECT count(*) FROM my_assistant a"
    " WHERE a.line_uri IS NOT NULL) AS \"lines:int\""
    " FROM my_account o LEFT JOIN my_studio s ON s.account_id = o.account_id";

enum rc
integration_put(struct req *r, const struct integration *i)
{
	(void)req_new_id(r, "i_id");
	req_set(r, "i_name", val_text(i->name));
	req_set(r, "i_type", val_text(i->type));
	req_set(r, "i_status", val_text(i->status));
	req_set(r, "i_settings",
	    val_text(i->settings != NULL ? i->settings : "{}"));
	return sql_do(r, put_sql);
}

enum rc
integration_leave(struct req *r, const char *type, const char *but)
{
	req_set(r, "i_type", val_text(type));
	req_set(r, "i_name", val_text(but));
	return sql_do(r, leave_sql);
}

/* A JSON object of two texts. */
static const char *
two_json(struct req *r, const char *const name[2], const char *const text[2])
{
	struct jout j;
	struct buf b;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, name[0], text[0]);
	jout_put_str(&j, name[1], text[1]);
	jout_close(&j, '}');
	return buf_text(&b);
}

static const cJSON *
parse(struct req *r, const char *text)
{
	const char *why;

	return text != NULL ? json_parse(r->arena, text, strlen(text), &why) :
			      NULL;
}

enum rc
setup_voice_job(struct req *r)
{
	static const char *const names[] = { "provider", "voiceId" };
	struct integration i = { "Voice", "voice", "disconnected", NULL };
	struct row row, ready;
	cJSON *data;

	if (setup_read(r, SETUP_VOICE, &data) || data == NULL ||
	    sql_find(r, applied_sql, &row) || sql_row(r, ready_sql, &ready))
		return r->rc;
	i.settings = two_json(r, names,
	    (const char *[]) { json_path_text(data, "provider"),
		json_path_text(data, "voiceId") });
	if (row_int(&ready, "vapi") > 0)
		i.status = "connected";
	req_set(r, "v_voice", val_text(i.settings));
	if (assistant_voice(r, parse(r, i.settings),
		parse(r, row_text(&row, "voice"))) ||
	    sql_do(r, apply_sql))
		return r->rc;
	return integration_put(r, &i);
}

/* What a PMS has made of the same choice already stays as it is. */
static enum rc
pms_keep(struct req *r, struct integration *i)
{
	struct row row;

	req_set(r, "i_name", val_text(i->name));
	if (sql_find(r, pms_sql, &row) || row.count == 0)
		return r->rc;
	if (str_eq(row_text(&row, "settings"), i->settings))
		i->status = row_text(&row, "status");
	return OK;
}

enum rc
setup_pms_job(struct req *r)
{
	static const char *const names[] = { "provider", "connectionId" };
	struct integration i = { NULL, "pms", "disconnected", NULL };
	const char *provider;
	cJSON *data;

	if (setup_read(r, SETUP_INTEGRATIONS, &data) || data == NULL)
		return r->rc;
	provider = json_path_text(data, "provider");
	if (provider == NULL || *provider == '\0')
		provider = json_path_text(data, "pmsProvider");
	if (str_eq(provider, "sikka"))
		i.name = "Sikka";
	else if (str_eq(provider, "builtin"))
		i.name = "Built-in book";
	if (integration_leave(r, "pms", i.name) || i.name == NULL)
		return r->rc;
	i.settings = two_json(r, names,
	    (const char *[]) { provider,
		json_path_text(data, "pmsConnectionId") });
	if (pms_keep(r, &i))
		return r->rc;
	if (str_eq(provider, "builtin"))
		i.status = "connected";
	if (integration_put(r, &i))
		return r->rc;
	return event_put(r, "pms.chosen", r->account, i.settings);
}

enum rc
setup_phone_job(struct req *r)
{
	static const char *const names[] = { "method", "number" };
	struct integration i = { "Phone", "telephony", "disconnected", NULL };
	struct phone_choice p;
	struct row ready;
	cJSON *data;

	if (setup_read(r, SETUP_PHONE, &data) || data == NULL)
		return r->rc;
	phone_choice_read(data, &p);
	req_set(r, "p_number", val_text(p.number));
	req_set(r, "p_staff", val_text(p.staff));
	if ((p.number != NULL || p.staff != NULL) &&
	    (sql_do(r, studio_sql) || directory_numbers(r)))
		return r->rc;
	if (sql_row(r, ready_sql, &ready))
		return r->rc;
	i.settings =
	    two_json(r, names, (const char *[]) { p.method, p.number });
	if ((row_text(&ready, "number") != NULL &&
		row_int(&ready, "twilio") > 0) ||
	    (str_eq(p.method, "sip") && row_int(&ready, "lines") > 0))
		i.status = "connected";
	return integration_put(r, &i);
}
