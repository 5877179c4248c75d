/* twilio.c - the account's credentials and number at Twilio. */
#include <ctype.h>
#include <string.h>

#include "phone/number.h"
#include "user/onboarding.h"
#include "vault/vault.h"

#define SID_MIN 3 /* "AC" and something */
#define SID_MAX 64

const char *
vault_sid_must(const char *s)
{
	size_t n = strlen(s);

	for (const char *p = s; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p))
			n = 0;
	return str_starts(s, "AC") && n >= SID_MIN ?
	    NULL :
	    "an Account SID: "
	    "AC and letters or digits, as the Twilio console shows it";
}

static const struct field put_in[] = {
	{ "account_sid", F_TEXT, .need = true, .max = SID_MAX,
	    .must = vault_sid_must, .about = "AC and 32 hexadecimal digits" },
	{ "auth_token", F_TEXT, .need = true, .secret = true, .max = 200,
	    .must = vault_must },
	{ "phone_number", F_PHONE,
	    .about = "The number that people call; "
		     "absent: as before, null: none" },
	{ 0 }
};

SQL get_sql[] =
    "SELECT CASE WHEN c.id IS NULL THEN 0 ELSE 1 END"
    " AS \"has_credentials:bool\", c.preview AS \"account_sid_preview\","
    " c.phone_number FROM my_account a"
    " LEFT JOIN my_credential c ON c.account_id = a.account_id"
    " AND c.kind = 'twilio'";
SQL old_sql[] = "SELECT account_sid, phone_number FROM my_credential"
		" WHERE kind = 'twilio'";

/* A number that is not given stays, as long as the Twilio account does. */
static const char *
number_field(struct req *r, const struct row *old, const char *sid)
{
	if (req_has(r, "phone_number"))
		return req_text(r, "phone_number");
	if (!str_eq(row_text(old, "account_sid"), sid))
		return NULL;
	return row_text(old, "phone_number");
}

static enum rc
twilio_put(struct req *r)
{
	struct vault_item item = { .kind = VAULT_TWILIO };
	struct row old;

	item.account_sid = req_text(r, "account_sid");
	item.secret = vault_field(r, "auth_token");
	if (r->rc != OK || sql_find(r, old_sql, &old))
		return r->rc;
	item.phone_number = number_field(r, &old, item.account_sid);
	item.preview = arena_printf(r->arena, "AC%s",
	    vault_preview(r->arena, item.account_sid + 2));
	if (vault_put(r, &item) || directory_sids(r) || directory_numbers(r) ||
	    number_push_all(r) || onboarding_step(r, "twilio", false))
		return r->rc;
	return sql_one(r, get_sql);
}

static enum rc
twilio_drop(struct req *r)
{
	if (vault_drop(r, VAULT_TWILIO) || directory_sids(r) ||
	    number_unproven(r))
		return r->rc;
	return directory_numbers(r);
}

static const struct route routes[] = {
	{ "GET", "/twilio-settings", get_sql, ONE,
	    .about = "Are there credentials, and for which number?" },
	{ "POST", "/twilio-settings", get_sql, ONE, .who = ADMIN, .flags = LAX,
	    .in = put_in, .run = twilio_put,
	    .about = "Store the credentials, sealed" },
	{ "DELETE", "/twilio-settings", .status = 204, .who = ADMIN,
	    .run = twilio_drop, .about = "Forget the credentials" },
	{ 0 }
};

const struct resource vault_twilio = { "vault_twilio",
	"The account's credentials at Twilio", routes };
