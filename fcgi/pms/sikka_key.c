/* sikka_key.c - Sikka's credentials and the keys of the day, sealed. */
#include <string.h>

#include "base/conf.h"
#include "pms/sikka.h"
#include "vault/vault.h"

#define SECRET_MAX 200
#define MARGIN_MS  2000 /* a claim outlives the calls by so much */

SQL claim_sql[] =
    "UPDATE pms_link SET key_claim = :key_until"
    " WHERE account_id = app_account()"
    " AND (key_claim IS NULL OR key_claim <= :key_now) RETURNING id";
SQL release_sql[] = "UPDATE pms_link SET key_claim = NULL"
		    " WHERE account_id = app_account()";

/* The names under which frontends send each of them. */
static const char *const app_ids[] = { "app_id", "appId", "applicationId",
	"clientId", NULL };
static const char *const app_keys[] = { "app_key", "appKey", "applicationKey",
	"clientSecret", NULL };
static const char *const offices[] = { "office_id", "officeId", "practiceKey",
	NULL };
static const char *const secrets[] = { "secret_key", "secretKey",
	"spuInstallationKey", NULL };

struct sikka *
sikka_of(const struct pms *p)
{
	return &((struct own *)p->own)->s;
}

/* --- what the admin gave -------------------------------------------------- */

static const char *
given(struct pms *p, const cJSON *from, const char *const names[])
{
	const char *text = NULL, *must, *field;

	while (*names != NULL && json_get(from, *names) == NULL)
		names++;
	if (*names == NULL)
		return NULL;
	field = arena_printf(p->r->arena, "credentials.%s", *names);
	text = json_text(json_get(from, *names));
	if (text == NULL && cJSON_IsNull(json_get(from, *names)))
		return NULL;
	must = text == NULL	      ? "a text" :
	    strlen(text) > SECRET_MAX ? "at most 200 characters" :
					vault_must(text);
	if (must == NULL)
		return str_trim(p->r->arena, text);
	(void)fail_field(p->r, field, "must be %s", must);
	return NULL;
}

static struct own *
own_make(struct pms *p)
{
	struct own *own = arena_zero(p->r->arena, sizeof(*own));

	if (own == NULL)
		(void)fail(p->r, E_INTERNAL, "out of memory");
	p->own = own;
	return own;
}

/*
 * App id and key; the office and its secret, or (both left out) what the app
 * is authorised for. Some forms call the app's key the secret.
 */
enum rc
sikka_take(struct pms *p, const cJSON *credentials)
{
	struct own *own = own_make(p);
	struct sikka_app app = { 0 };

	if (own == NULL)
		return p->r->rc;
	app.app_id = given(p, credentials, app_ids);
	app.app_key = given(p, credentials, app_keys);
	app.office_id = given(p, credentials, offices);
	app.secret_key = given(p, credentials, secrets);
	if (app.app_key == NULL && app.office_id == NULL) {
		app.app_key = app.secret_key;
		app.secret_key = NULL;
	}
	if (p->r->rc == OK && app.app_id == NULL)
		(void)fail_field(p->r, "credentials.app_id", "is missing");
	if (p->r->mistake_count < 2 && app.app_key == NULL)
		(void)fail_field(p->r, "credentials.app_key", "is missing");
	if (p->r->rc == OK && app.office_id == NULL && app.secret_key != NULL)
		(void)fail_field(p->r, "credentials.office_id", "is missing");
	if (p->r->rc == OK && app.office_id != NULL && app.secret_key == NULL)
		(void)fail_field(p->r, "credentials.secret_key", "is missing");
	sikka_init(&own->s, p->r->arena, &app, conf->peer_timeout_ms);
	own->s.own = p;
	return p->r->rc;
}

/* --- sealed and opened ---------------------------------------------------- */

static enum rc
put(struct req *r, const char *kind, const char *preview, cJSON *json)
{
	struct vault_item item = { .kind = kind,
		.secret = json_print(r->arena, json),
		.preview = preview };

	if (item.secret == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	return vault_put(r, &item);
}

static enum rc
keys_put(struct req *r, const struct sikka_keys *keys)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "request_key", keys->request);
	if (keys->refresh != NULL)
		cJSON_AddStringToObject(json, "refresh_key", keys->refresh);
	cJSON_AddNumberToObject(json, "renew_ms", (double)keys->renew_ms);
	return put(r, VAULT_SIKKA_KEY, "****", json);
}

enum rc
sikka_seal(struct pms *p)
{
	const struct sikka *s = sikka_of(p);
	cJSON *json = cJSON_CreateObject();
	const char *shown = s->app.office_id != NULL ? s->app.secret_key : NULL;

	cJSON_AddStringToObject(json, "app_id", s->app.app_id);
	cJSON_AddStringToObject(json, "app_key", s->app.app_key);
	if (shown != NULL) {
		cJSON_AddStringToObject(json, "office_id", s->app.office_id);
		cJSON_AddStringToObject(json, "secret_key", shown);
	}
	if (put(p->r, VAULT_SIKKA, vault_preview(p->r->arena, s->app.app_key),
		json))
		return p->r->rc;
	if (s->keys.request == NULL)
		return vault_drop(p->r, VAULT_SIKKA_KEY);
	return keys_put(p->r, &s->keys);
}

enum rc
sikka_forget(struct req *r)
{
	if (vault_drop(r, VAULT_SIKKA_KEY))
		return r->rc;
	return vault_drop(r, VAULT_SIKKA);
}

static enum rc
opened(struct req *r, const char *kind, const cJSON **json)
{
	const char *text, *why;

	*json = NULL;
	if (vault_open(r, kind, &text, NULL) || text == NULL)
		return r->rc;
	*json = json_parse(r->arena, text, strlen(text), &why);
	return OK;
}

static enum rc
keys_read(struct req *r, struct sikka_keys *keys)
{
	const cJSON *json, *when;

	memset(keys, 0, sizeof(*keys));
	if (opened(r, VAULT_SIKKA_KEY, &json) || json == NULL)
		return r->rc;
	when = json_get(json, "renew_ms");
	keys->request = json_path_text(json, "request_key");
	keys->refresh = json_path_text(json, "refresh_key");
	keys->renew_ms = cJSON_IsNumber(when) ? (int64_t)when->valuedouble : 0;
	return OK;
}

/* --- one at a time fetches keys ------------------------------------------- */

static enum sikka_turn
claim(struct sikka *s)
{
	struct req *r = ((struct pms *)s->own)->r;
	int64_t now = clock_now_ms();
	struct sikka_keys keys;
	struct row row;

	req_set(r, "key_now", val_int(now));
	req_set(r, "key_until",
	    val_int(now + conf->peer_timeout_ms + MARGIN_MS));
	if (req_begin(r, DB_WRITE) || sql_find(r, claim_sql, &row) ||
	    keys_read(r, &keys))
		return SIKKA_THEIRS;
	if (keys.request != NULL && !str_eq(keys.request, s->keys.request) &&
	    keys.renew_ms > now) {
		s->keys = keys;
		req_rollback(r);
		return SIKKA_FRESH;
	}
	if (keys.request != NULL)
		s->keys.refresh = keys.refresh;
	if (req_commit(r))
		return SIKKA_THEIRS;
	return row.count > 0 ? SIKKA_MINE : SIKKA_THEIRS;
}

/* A refresh key works once: the new one is on disk before anything else. */
static void
keep(struct sikka *s, bool got)
{
	struct req *r = ((struct pms *)s->own)->r;

	if (req_begin(r, DB_WRITE) || (got && keys_put(r, &s->keys)) ||
	    sql_do(r, release_sql) || req_commit(r))
		log_msg(LOG_WARN, "a new key of Sikka could not be kept");
}

enum rc
sikka_open(struct pms *p)
{
	struct own *own = own_make(p);
	struct sikka_app app = { 0 };
	const cJSON *json;

	if (own == NULL || opened(p->r, VAULT_SIKKA, &json))
		return p->r->rc;
	if (json == NULL)
		return fail(p->r, E_CONFLICT,
		    "there are no credentials of Sikka; connect it again");
	app.app_id = json_path_text(json, "app_id");
	app.app_key = json_path_text(json, "app_key");
	app.office_id = json_path_text(json, "office_id");
	app.secret_key = json_path_text(json, "secret_key");
	sikka_init(&own->s, p->r->arena, &app, conf->peer_timeout_ms);
	own->s.own = p;
	own->s.claim = claim;
	own->s.keep = keep;
	own->open = true;
	return keys_read(p->r, &own->s.keys);
}
