/* step.c - the wizard's steps but for files: voice, integrations, phone. */
#include <ctype.h>
#include <string.h>

#include "setup/setup.h"

static const char *
voice_must(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s == 0x7f)
			return "an id as the provider of voices writes it, "
			       "without blanks";
	return NULL;
}

static const char *
area_must(const char *s)
{
	return strlen(s) == 3 && strspn(s, "0123456789") == 3 ?
	    NULL :
	    "an area code of three digits";
}

/* A host, or a SIP address of one. */
static const char *
sip_must(const char *s)
{
	const char *host = strrchr(s, '@');

	if (str_starts(s, "sip:") || str_starts(s, "sips:"))
		s = strchr(s, ':') + 1;
	host = host != NULL ? host + 1 : s;
	if (*host != '\0' && strlen(s) <= 253 &&
	    strspn(s,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789.-_+:@[]") == strlen(s))
		return NULL;
	return "a SIP address or host, such as sip:desk@pbx.example.com";
}

/* Nothing is needed here: a wrapped body is looked at again, unwrapped. */
static const struct field voice_in[] = {
	{ "provider", F_ENUM,
	    .set = "11labs|elevenlabs|eleven_labs|eleven-labs|azure|cartesia|"
		   "custom-voice|deepgram|hume|inworld|lmnt|microsoft|minimax|"
		   "neuphonic|openai|playht|rime-ai|sesame|smallest-ai|tavus|"
		   "vapi|wellsaid|xai" },
	{ "voiceId", F_TEXT, .max = 200, .must = voice_must },
	{ "name", F_TEXT, .max = 200 },
	{ 0 },
};
static const struct field integrations_in[] = {
	{ "pmsConnected", F_BOOL },
	{ "provider", F_ENUM, .set = "sikka|builtin|none" },
	{ "pmsProvider", F_ENUM, .set = "sikka|builtin|none",
	    .about = "The same as provider" },
	{ "pmsConnectionId", F_TEXT, .max = 200 },
	{ "pmsSettings", F_OBJECT },
	{ "skipped", F_BOOL },
	{ 0 },
};
static const struct field settings_in[] = {
	{ "number", F_PHONE },
	{ "phoneNumber", F_PHONE },
	{ "forwardTo", F_PHONE },
	{ "originalPhoneNumber", F_PHONE },
	{ "transferNumber", F_PHONE },
	{ "staffForwardNumber", F_PHONE },
	{ "mode", F_ENUM, .set = "always|no_answer|busy|after_hours" },
	{ "areaCode", F_TEXT, .must = area_must },
	{ "sipUri", F_TEXT, .must = sip_must },
	{ "sipDomain", F_TEXT, .must = sip_must },
	{ "sipUsername", F_TEXT, .max = 200 },
	{ "carrier", F_TEXT, .max = 200 },
	{ 0 },
};
static const struct field phone_in[] = {
	{ "method", F_ENUM,
	    .set = "sip|forwarding|forwarded|porting|ported|new_number|new" },
	{ "settings", F_OBJECT, .sub = settings_in },
	{ 0 },
};

/* The step's data, checked against its fields; NULL after a mistake. */
static cJSON *
data_check(struct req *r, const char *step, const struct field *fields)
{
	cJSON *data;

	if (setup_mine(r))
		return NULL;
	data = setup_data(r, step);
	if (data != NULL && data != r->json &&
	    check_object(r, fields, data, ""))
		return NULL;
	return data;
}

static void
must_have(struct req *r, const cJSON *data, const char *name)
{
	const char *s = json_text(json_get(data, name));

	if (s == NULL || *s == '\0')
		(void)fail_field(r, name, "is missing");
}

static enum rc
save(struct req *r, const char *step, cJSON *data, bool skipped)
{
	if (r->rc != OK || setup_save(r, step, data, skipped))
		return r->rc;
	return setup_tell(r, true);
}

static enum rc
voice_save(struct req *r)
{
	cJSON *data = data_check(r, SETUP_VOICE, voice_in);

	if (data == NULL)
		return r->rc;
	must_have(r, data, "provider");
	must_have(r, data, "voiceId");
	return save(r, SETUP_VOICE, data, false);
}

static enum rc
integrations_save(struct req *r)
{
	cJSON *data = data_check(r, SETUP_INTEGRATIONS, integrations_in);
	const char *provider, *other;
	bool skipped;

	if (data == NULL)
		return r->rc;
	provider = json_text(json_get(data, "provider"));
	other = json_text(json_get(data, "pmsProvider"));
	skipped = cJSON_IsTrue(json_get(data, "skipped"));
	if (provider != NULL && other != NULL && !str_eq(provider, other))
		(void)fail_field(r, "pmsProvider",
		    "says something else than provider");
	if (cJSON_IsTrue(json_get(data, "pmsConnected"))) {
		if (skipped)
			(void)fail_field(r, "skipped",
			    "cannot be true while pmsConnected is");
		if (provider == NULL && other == NULL)
			must_have(r, data, "provider");
	} else if (json_get(data, "pmsConnected") == NULL && !skipped &&
	    provider == NULL && other == NULL)
		(void)fail_field(r, "provider",
		    "is missing: sikka, builtin or none");
	return save(r, SETUP_INTEGRATIONS, data, skipped);
}

static const char *
first_text(const cJSON *o, const char *a, const char *b, const char *c)
{
	const char *s = json_text(json_get(o, a));

	if (s == NULL || *s == '\0')
		s = json_text(json_get(o, b));
	if (s == NULL || *s == '\0')
		s = json_text(json_get(o, c));
	return s != NULL && *s != '\0' ? s : NULL;
}

void
phone_choice_read(const cJSON *data, struct phone_choice *p)
{
	const cJSON *s = json_get(data, "settings");
	const char *m = json_text(json_get(data, "method"));

	memset(p, 0, sizeof(*p));
	p->staff = first_text(s, "staffForwardNumber", "transferNumber", "-");
	if (str_in("forwarding|forwarded", m)) {
		p->method = "forwarding";
		p->number = first_text(s, "forwardTo", "number", "-");
		p->office =
		    first_text(s, "originalPhoneNumber", "phoneNumber", "-");
		p->mode = first_text(s, "mode", "-", "-");
		if (p->mode == NULL)
			p->mode = "always";
		return;
	}
	p->method = str_eq(m, "sip")	? "sip" :
	    str_in("porting|ported", m) ? "porting" :
					  "new_number";
	p->number =
	    first_text(s, "number", "phoneNumber", "originalPhoneNumber");
}

/* Forwarding all calls to an assistant that hands callers back is a loop. */
static void
loop_check(struct req *r, const struct phone_choice *p)
{
	if (p->office != NULL && str_eq(p->office, p->number))
		(void)fail_field(r, "settings.forwardTo",
		    "is the number that forwards; name the one that the "
		    "assistant answers");
	if (p->staff == NULL || !str_eq(p->mode, "always"))
		return;
	if (str_eq(p->staff, p->office))
		(void)fail_field(r, "settings.staffForwardNumber",
		    "forwards all its calls to the assistant, so callers "
		    "would go round in circles; name another line, or forward "
		    "only when nobody answers");
}

static enum rc
phone_save(struct req *r)
{
	cJSON *data = data_check(r, SETUP_PHONE, phone_in);
	struct phone_choice p;

	if (data == NULL)
		return r->rc;
	must_have(r, data, "method");
	if (r->rc != OK)
		return r->rc;
	phone_choice_read(data, &p);
	loop_check(r, &p);
	return save(r, SETUP_PHONE, data, false);
}

#define SAVE(step, fields, fn, what) \
	{ \
		"POST", "/setup/:account_id/" step, \
		    .status = 200, .flags = OPEN, .in = fields, \
		    .out = setup_out, .run = fn, .about = what \
	}

static const struct field nothing_in[] = {
	{ 0 },
};
static const struct route routes[] = {
	SAVE("voice", voice_in, voice_save, "Save the choice of a voice"),
	SAVE("integrations", integrations_in, integrations_save,
	    "Save the choice of a practice system"),
	SAVE("phone", phone_in, phone_save,
	    "Save how calls reach the assistant"),
	{ "JOB", "/job/setup/voice", .who = RUNNER, .in = nothing_in,
	    .run = setup_voice_job, .about = "Give assistants the voice" },
	{ "JOB", "/job/setup/integrations", .who = RUNNER, .in = nothing_in,
	    .run = setup_pms_job, .about = "Take over the choice of a PMS" },
	{ "JOB", "/job/setup/phone", .who = RUNNER, .in = nothing_in,
	    .run = setup_phone_job, .about = "Attach the number" },
	{ 0 },
};

const struct resource setup_step = { "setup_step",
	"The steps of the set-up wizard", routes };
