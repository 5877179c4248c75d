/* voice.c - the voice chosen in the set-up comes to the assistants. */
#include "assistant/assistant.h"
#include "assistant/body.h"
#include "assistant/step.h"
#include "setup/setup.h"

SQL all_sql[] = "SELECT id, coalesce(wanted, body) AS body FROM my_assistant"
		" WHERE status <> 'deleting' ORDER BY id";
SQL want_sql[] = "UPDATE assistant SET wanted = :wanted"
		 " WHERE account_id = app_account() AND id = :id"
		 " AND status <> 'deleting'";

static bool
same(const cJSON *a, const cJSON *b)
{
	return str_eq(json_path_text(a, "provider"),
		   json_path_text(b, "provider")) &&
	    str_eq(json_path_text(a, "voiceId"), json_path_text(b, "voiceId"));
}

/* Lay {"voice":…} over the payload, as a PATCH would. */
static enum rc
voice_put(struct req *r, const struct row *row, const cJSON *voice)
{
	const char *why, *wanted;
	char *patch = arena_printf(r->arena, "{\"voice\":%s}",
	    json_print(r->arena, voice));

	if (patch == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	r->json = json_parse(r->arena, patch, strlen(patch), &why);
	wanted = body_make(r, row_text(row, "body"));
	if (wanted == NULL)
		return r->rc;
	req_set(r, "id", row_val(row, "id"));
	req_set(r, "wanted", val_text(wanted));
	if (sql_do(r, want_sql))
		return r->rc;
	return job_put(r, SYNC_JOB, row_text(row, "id"), NULL, r->now_ms);
}

enum rc
assistant_voice(struct req *r, const cJSON *voice, const cJSON *before)
{
	const char *why, *text;
	struct row *list;
	bool alone;

	if (sql_rows(r, all_sql, &list))
		return r->rc;
	alone = list != NULL && list->next == NULL;
	for (; list != NULL; list = list->next) {
		const cJSON *now;

		text = row_text(list, "body");
		now = json_get(json_parse(r->arena, text, strlen(text), &why),
		    "voice");
		if (same(now, voice))
			continue;
		if ((now == NULL || alone || same(now, before)) &&
		    voice_put(r, list, voice))
			return r->rc;
	}
	return OK;
}

enum rc
step_voice(struct work *w)
{
	const char *text = row_text(&w->row, "body"), *why;
	cJSON *data;

	if (text == NULL ||
	    json_get(json_parse(w->r->arena, text, strlen(text), &why),
		"voice") != NULL ||
	    setup_read(w->r, SETUP_VOICE, &data) || data == NULL)
		return w->r->rc;
	return job_put(w->r, "/job/setup/voice", w->r->account, NULL,
	    clock_now_ms());
}
