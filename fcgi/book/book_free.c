/* book_free.c - who is free when, over all resources. */
#include <string.h>

#include "book/except.h"

/* The business's own hours and closed days. */
enum rc
book_covers(struct req *r, const struct book *b, struct span s, bool *open)
{
	struct slot_plan p = { .zone = b->zone,
		.rules = b->main->rules,
		.rule_count = b->main->rule_count };
	struct excepts all;
	enum rc rc = excepts_read(r, b->zone, s, &all);

	if (rc == OK)
		excepts_of(r->arena, &all, NULL, &p);
	*open = rc == OK && slot_open(r->arena, &p, s);
	return rc;
}

enum rc
book_opens(struct req *r, const struct book *b, struct span s, bool *opens)
{
	struct book_view v;
	enum rc rc = book_view(r, b, s, false, &v);

	*opens = false;
	for (int i = 0; i < v.count && rc == OK && !*opens; i++)
		*opens = slot_opens(r->arena, &v.plan[i], s);
	return rc;
}

/*
 * Put the starts of one more resource among those that are there; who came
 * first keeps a start. Both ascend; what does not fit is the latest.
 */
static bool
join(struct arena *a, struct book_slots *out, const struct slot_list *more,
    const char *resource)
{
	struct book_slot *old;
	int n = out->count, i = 0, k = 0;

	old = arena_get(a, (size_t)(n + 1) * sizeof(*old));
	if (old == NULL)
		return false;
	memcpy(old, out->list, (size_t)n * sizeof(*old));
	out->count = 0;
	while ((i < n || k < more->count) && out->count < out->max) {
		int64_t t = k < more->count ? more->list[k].start_ms : 0;

		if (k == more->count || (i < n && old[i].start_ms <= t)) {
			k += k < more->count && old[i].start_ms == t;
			out->list[out->count++] = old[i++];
		} else {
			out->list[out->count++] =
			    (struct book_slot) { t, resource };
			k++;
		}
	}
	return true;
}

enum rc
book_free(struct req *r, const struct book *b, struct span window,
    struct book_slots *out)
{
	struct slot_list one = { .max = out->max };
	struct book_view v;
	enum rc rc;

	out->count = 0;
	if (window.from_ms < r->now_ms)
		window.from_ms = r->now_ms;
	if (window.from_ms >= window.to_ms)
		return OK;
	rc = book_view(r, b, window, false, &v);
	one.list = arena_get(r->arena, (size_t)one.max * sizeof(*one.list));
	if (rc == OK && one.list == NULL)
		rc = fail(r, E_INTERNAL, "out of memory");
	for (int i = 0; i < v.count && rc == OK; i++) {
		slot_free(r->arena, &v.plan[i], window, &one);
		if (!join(r->arena, out, &one, v.resource[i]))
			rc = fail(r, E_INTERNAL, "out of memory");
	}
	return rc;
}

enum rc
book_next(struct req *r, const struct book *b, int64_t from_ms,
    struct book_slots *out)
{
	int64_t days = 1, done = 0;
	enum rc rc = OK;

	out->count = 0;
	while (rc == OK && out->count == 0 && done < BOOK_SCAN_DAYS) {
		struct span window = { from_ms + done * DAY_MS, 0 };

		if (days > BOOK_SCAN_DAYS - done)
			days = BOOK_SCAN_DAYS - done;
		window.to_ms = window.from_ms + days * DAY_MS;
		rc = book_free(r, b, window, out);
		done += days;
		days *= 2;
	}
	return rc;
}
