/* except.c - closed days and extra hours, as the database has them. */
#include <string.h>

#include "base/clock.h"
#include "book/except.h"

#define FIRST 16 /* room for rows, at first */

SQL read_sql[] =
    "SELECT resource_id, kind, from_date, to_date, from_min, to_min, id"
    " FROM my_availability_exception WHERE to_date >= :except_from"
    " AND from_date <= :except_to ORDER BY to_date, id LIMIT 5000";

char *
except_date(struct arena *a, int64_t date)
{
	int y, m, d;

	clock_date(date, &y, &m, &d);
	return arena_printf(a, "%04d-%02d-%02d", y, m, d);
}

static bool
make_room(struct excepts *x)
{
	size_t size = x->room * sizeof(*x->list);

	if (x->count < x->room)
		return true;
	x->room = x->room > 0 ? 2 * x->room : FIRST;
	x->list =
	    arena_grow(x->arena, x->list, size, x->room * sizeof(*x->list));
	if (x->list == NULL)
		x->count = x->room = 0;
	return x->list != NULL;
}

static int
minute(struct val v)
{
	return v.type == VAL_INT ? (int)v.i : -1;
}

static void
add_row(void *ctx, const struct val *v)
{
	struct excepts *x = ctx;
	struct except_row e = { .resource = NULL };

	if (!clock_day(v[2].s, &e.except.from_date) ||
	    !clock_day(v[3].s, &e.except.to_date) || !make_room(x))
		return;
	e.except.from_min = minute(v[4]);
	e.except.to_min = minute(v[5]);
	e.except.open = str_eq(v[1].s, "open");
	e.except.own = v[0].type == VAL_TEXT;
	e.except.ref = arena_copy(x->arena, v[6].s, v[6].len);
	if (e.except.own)
		e.resource = arena_copy(x->arena, v[0].s, v[0].len);
	x->list[x->count++] = e;
}

/* Two days around, for hours past midnight and clocks far from UTC. */
enum rc
excepts_read(struct req *r, const char *zone, struct span window,
    struct excepts *x)
{
	enum rc rc;

	*x = (struct excepts) { .arena = r->arena };
	req_set(r, "except_from",
	    val_text(
		except_date(r->arena, slot_date(zone, window.from_ms) - 2)));
	req_set(r, "except_to",
	    val_text(except_date(r->arena, slot_date(zone, window.to_ms) + 2)));
	rc = sql_each(r, read_sql, add_row, x);
	if (rc == OK && arena_full(r->arena))
		rc = fail(r, E_INTERNAL, "out of memory");
	return rc;
}

void
excepts_of(struct arena *a, const struct excepts *x, const char *resource,
    struct slot_plan *p)
{
	struct slot_except *list;

	p->excepts = NULL;
	p->except_count = 0;
	if (x->count == 0)
		return;
	list = arena_get(a, x->count * sizeof(*list));
	for (size_t i = 0; i < x->count && list != NULL; i++)
		if (!x->list[i].except.own ||
		    str_eq(x->list[i].resource, resource))
			list[p->except_count++] = x->list[i].except;
	p->excepts = list;
}
