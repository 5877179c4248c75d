/* track.c - what analytics learn of an assistant that was made. */
#include <string.h>

#include "analytics/track.h"
#include "assistant/step.h"
#include "user/onboarding.h"

/* {"name","voice","from"}; from: what the client says, else where we are. */
static const char *
made_json(struct work *w, const cJSON *p, bool over)
{
	const char *from = json_path_text(p, "metadata.created_from");
	struct jout j;
	struct buf b;

	if (from == NULL || strlen(from) > 60)
		from = over ? "dashboard" : "onboarding";
	buf_init(&b, w->r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "name", json_path_text(p, "name"));
	jout_put_str(&j, "voice", json_path_text(p, "voice.voiceId"));
	jout_put_str(&j, "from", from);
	jout_close(&j, '}');
	return buf_text(&b);
}

enum rc
step_track(struct work *w)
{
	struct req *r = w->r;
	const char *body = row_text(&w->row, "body"), *why;
	struct track t = { .name = "assistant_created",
		.flow = TRACK_ONBOARDING,
		.run = track_owner(r) };
	int64_t at_ms;

	if (t.run == NULL || body == NULL || onboarding_when(r, &at_ms))
		return r->rc;
	t.cause = arena_printf(r->arena, "assistant_created:%s", w->id);
	t.data = made_json(w, json_parse(r->arena, body, strlen(body), &why),
	    at_ms != 0);
	if (track_start(r, t.flow, t.run) || track_put(r, &t, NULL))
		return r->rc;
	return onboarding_step(r, "assistant", false);
}
