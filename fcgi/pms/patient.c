/* patient.c - whose appointment is it, in the practice's system? */
#include <string.h>

#include "base/conf.h"
#include "pms/write.h"

#define SEEN_MAX   20
#define APPEAR_MAX 20 /* looks for a patient that was written */

#define BY(key) \
	"SELECT id, ext_id, first_name, last_name FROM my_pms_patient" \
	" WHERE " key " = :p_key"

SQL phone_sql[] = BY("cell_key") " UNION " BY("home_key") " UNION " BY(
    "work_key") " ORDER BY id LIMIT 20";
SQL patient_sql[] =
    "UPDATE pms_writeback SET patient_ext = :p_ext, stage = 'appointment',"
    " state = 'queued', remote_id = NULL, updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :w_id"
    " AND state IN ('queued', 'sending') RETURNING id";

struct candidate {
	const char *id;
	const char *name; /* folded */
};

struct candidates {
	struct candidate list[SEEN_MAX];
	int count;
};

enum rc
pms_patient_of(struct req *r, const char *phone, struct row *out)
{
	const char *key = pms_digits(r->arena, phone);
	struct row *list = NULL;

	memset(out, 0, sizeof(*out));
	req_set(r, "p_key", val_text(key));
	if (key == NULL || sql_rows(r, phone_sql, &list))
		return r->rc;
	if (list != NULL && list->next == NULL)
		*out = *list;
	return OK;
}

/* --- which of them ---------------------------------------------------------
 */

static void
candidate_add(struct work *w, struct candidates *all, const char *id,
    const char *const names[2])
{
	struct arena *a = w->r->arena;
	const char *name = pms_fold(a,
	    arena_printf(a, "%s %s", names[0] != NULL ? names[0] : "",
		names[1] != NULL ? names[1] : ""));

	if (all->count < SEEN_MAX && name != NULL)
		all->list[all->count++] = (struct candidate) { id, name };
}

/* Does a name share a word with another? */
static bool
shares_word(struct arena *a, const char *x, const char *y)
{
	const char *padded = arena_printf(a, " %s ", y);

	while (padded != NULL && *x != '\0') {
		size_t n = strcspn(x, " ");
		const char *word = arena_printf(a, " %.*s ", (int)n, x);

		if (word != NULL && n > 1 && strstr(padded, word) != NULL)
			return true;
		x += n + (x[n] == ' ');
	}
	return false;
}

/*
 * The one who has that name; else the only one there, if a word of the name
 * fits. *doubt: families share a number, so nobody is picked by chance.
 */
static const char *
choose(struct work *w, const struct candidates *all, bool *doubt)
{
	const char *name = pms_fold(w->r->arena, w->wish.name);
	const char *same = NULL, *like = NULL;
	int sames = 0, likes = 0;

	for (int i = 0; name != NULL && i < all->count; i++) {
		const struct candidate *c = &all->list[i];

		if (str_eq(c->name, name)) {
			same = c->id;
			sames++;
		} else if (shares_word(w->r->arena, name, c->name)) {
			like = c->id;
			likes++;
		}
	}
	*doubt = sames > 1 || (sames == 0 && likes > 0 && all->count > 1);
	return *doubt ? NULL : sames == 1 ? same : like;
}

static enum rc
mirror_ask(struct work *w, struct candidates *all)
{
	struct row *list;

	all->count = 0;
	req_set(w->r, "p_key",
	    val_text(pms_digits(w->r->arena, w->wish.phone)));
	if (sql_rows(w->r, phone_sql, &list))
		return w->r->rc;
	for (; list != NULL; list = list->next)
		candidate_add(w, all, row_text(list, "ext_id"),
		    (const char *const[2]) { row_text(list, "first_name"),
			row_text(list, "last_name") });
	return OK;
}

/* The system itself: it may know one who came after the last full pass. */
static enum rc
system_ask(struct work *w, struct candidates *all)
{
	struct pms_find f = { .phone = pms_digits(w->r->arena, w->wish.phone) };
	struct pms_page page = { 0 };

	all->count = 0;
	w->pms.system->people(&w->pms, &f, &page);
	for (int i = 0; i < page.count; i++) {
		const struct pms_person *x = &page.person[i];

		if (str_eq(pms_digits(w->r->arena, x->cell), f.phone) ||
		    str_eq(pms_digits(w->r->arena, x->home), f.phone) ||
		    str_eq(pms_digits(w->r->arena, x->work), f.phone))
			candidate_add(w, all, x->id,
			    (const char *const[2]) { x->first, x->last });
	}
	return w->r->rc;
}

/* --- steps ------------------------------------------------------------------
 */

static enum rc
patient_known(struct work *w, const char *id, bool *wait)
{
	struct req *r = w->r;
	struct row row;

	w->wish.patient = id;
	req_set(r, "p_ext", val_text(id));
	if (req_begin(r, DB_WRITE) || sql_find(r, patient_sql, &row) ||
	    req_commit(r))
		return r->rc;
	*wait = row.count == 0;
	return OK;
}

static enum rc
patient_add(struct work *w)
{
	const char *id = NULL;
	bool ours;

	if (work_sending(w, "patient", &ours) || !ours)
		return w->r->rc;
	w->pms.system->add_person(&w->pms, &w->wish, &id);
	return work_sent(w, id);
}

static enum rc
patient_new(struct work *w)
{
	int64_t tries = row_int(&w->row, "tries");

	if (row_text(&w->row, "remote_id") == NULL)
		return patient_add(w);
	/* it was written, but is not seen yet */
	if (tries > APPEAR_MAX)
		return work_conflict(w,
		    "the new patient does not appear in "
		    "the practice's system");
	return work_later(w);
}

enum rc
patient_step(struct work *w, bool *wait)
{
	struct candidates all;
	const char *id;
	bool doubt;

	*wait = true;
	if (pms_digits(w->r->arena, w->wish.phone) == NULL)
		return work_conflict(w,
		    "the booking has no phone number, so it is not known "
		    "which patient it is for");
	if (mirror_ask(w, &all))
		return w->r->rc;
	id = choose(w, &all, &doubt);
	if (id == NULL && !doubt) {
		if (system_ask(w, &all))
			return w->r->rc;
		if (w->pms.said.end != PMS_OK)
			return work_later(w);
		id = choose(w, &all, &doubt);
	}
	if (doubt)
		return work_conflict(w,
		    "several patients share this phone "
		    "number, and none has exactly this name");
	return id != NULL ? patient_known(w, id, wait) : patient_new(w);
}
