/* sikka.c - Sikka as a practice's system: writes, and the table of verbs. */
#include <string.h>
#include <strings.h>

#include "pms/sikka.h"

#define CANCELLED "Cancelled"

void
sikka_said(struct pms *p, const struct sikka_reply *reply)
{
	static const enum pms_end ends[] = { [SIKKA_OK] = PMS_OK,
		[SIKKA_KEY] = PMS_KEY,
		[SIKKA_REFUSED] = PMS_REFUSED,
		[SIKKA_LATER] = PMS_LATER,
		[SIKKA_UNKNOWN] = PMS_UNKNOWN };
	struct sikka *s = sikka_of(p);
	bool down = reply->end == SIKKA_UNKNOWN ||
	    (reply->end == SIKKA_LATER && reply->status == 0 &&
		reply->retry_after_s < 0);

	p->said.end = ends[reply->end];
	p->said.why = reply->message;
	p->said.down = down ? reply->message : NULL;
	p->said.wait_ms =
	    reply->retry_after_s > 0 ? reply->retry_after_s * 1000 : 0;
	p->r->peer_us += s->spent_us;
	s->spent_us = 0;
}

/* --- writes --------------------------------------------------------------- */

static void
put(cJSON *body, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(body, name, value);
}

static void
write_out(struct pms *p, const char *method, const char *path,
    const cJSON *body, const char **id)
{
	const char *text = json_print(p->r->arena, body);
	struct sikka_reply reply;

	*id = NULL;
	if (text == NULL || path == NULL) {
		(void)fail(p->r, E_INTERNAL, "out of memory");
		p->said = (struct pms_said) { .end = PMS_LATER,
			.why = "out of memory" };
		return;
	}
	sikka_write(sikka_of(p), method, path, text, &reply);
	sikka_said(p, &reply);
	if (p->said.end == PMS_OK)
		*id = reply.id;
}

/* The last word is the last name. */
static void
add_person(struct pms *p, const struct pms_wish *w, const char **id)
{
	const char *cut = strrchr(w->name, ' ');
	cJSON *body = cJSON_CreateObject();

	put(body, "firstname",
	    cut != NULL ?
		arena_copy(p->r->arena, w->name, (size_t)(cut - w->name)) :
		w->name);
	put(body, "lastname", cut != NULL ? cut + 1 : "Unknown");
	put(body, "cell", pms_digits(p->r->arena, w->phone));
	put(body, "practice_id", row_text(&p->link, "practice_id"));
	put(body, "provider_id", w->provider);
	write_out(p, "POST", "patient", body, id);
}

static cJSON *
when(struct pms *p, const struct pms_wish *w)
{
	cJSON *body = cJSON_CreateObject();

	put(body, "practice_id", row_text(&p->link, "practice_id"));
	put(body, "date", pms_date(p, w->starts_ms));
	put(body, "time", pms_time(p, w->starts_ms));
	put(body, "length",
	    arena_printf(p->r->arena, "%lld",
		(long long)(w->length_ms / 60000)));
	put(body, "provider_id", w->provider);
	return body;
}

static void
book(struct pms *p, const struct pms_wish *w, const char **id)
{
	cJSON *body = when(p, w);

	put(body, "patient_id", w->patient);
	put(body, "description", w->reason);
	put(body, "note", w->note);
	write_out(p, "POST", "appointment", body, id);
}

static const char *
path_of(struct pms *p, const struct pms_wish *w)
{
	return arena_printf(p->r->arena, "appointments/%s", w->id);
}

static void
move(struct pms *p, const struct pms_wish *w, const char **id)
{
	write_out(p, "PUT", path_of(p, w), when(p, w), id);
}

static void
cancel(struct pms *p, const struct pms_wish *w, const char **id)
{
	const char *word = row_text(&p->link, "cancel_status");
	cJSON *body = cJSON_CreateObject();

	put(body, "op", "replace");
	put(body, "path", "/appointment_status");
	put(body, "value", word != NULL ? word : CANCELLED);
	put(body, "practice_id", row_text(&p->link, "practice_id"));
	write_out(p, "PATCH", path_of(p, w), body, id);
}

/* --- how a write stands --------------------------------------------------- */

static bool
is_true(const char *s)
{
	return s != NULL &&
	    (strcasecmp(s, "true") == 0 || strcasecmp(s, "1") == 0);
}

static void
poll(struct pms *p, const char *id, struct pms_outcome *out)
{
	const char *status, *why;
	struct sikka_reply reply;
	const cJSON *item;

	memset(out, 0, sizeof(*out));
	sikka_list(sikka_of(p), "writeback_status",
	    arena_printf(p->r->arena, "id=%s", id), 0, &reply);
	sikka_said(p, &reply);
	if (p->said.end != PMS_OK || reply.items == NULL)
		return;
	item = reply.items->child;
	status = sikka_text(p, item, "status");
	why = sikka_text(p, item, "result");
	out->failed = is_true(sikka_text(p, item, "has_error"));
	out->done = !out->failed &&
	    (is_true(sikka_text(p, item, "is_completed")) ||
		(status != NULL && strcasecmp(status, "Completed") == 0) ||
		(status != NULL && strcasecmp(status, "Success") == 0));
	out->why = why != NULL ? why : sikka_text(p, item, "error_message");
	out->id = sikka_text(p, item, "appointment_sr_no");
	if (!sikka_id_valid(out->id))
		out->id = NULL;
}

const struct pms_system pms_sikka = { .name = "sikka",
	.label = "SIKKA",
	.title = "Sikka",
	.take = sikka_take,
	.seal = sikka_seal,
	.forget = sikka_forget,
	.open = sikka_open,
	.check = sikka_check,
	.people = sikka_people,
	.staff = sikka_staff,
	.visits = sikka_visits,
	.add_person = add_person,
	.book = book,
	.move = move,
	.cancel = cancel,
	.poll = poll };
