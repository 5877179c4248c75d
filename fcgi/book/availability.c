/* availability.c - which times are free, and why the others are not. */
#include "base/clock.h"
#include "book/except.h"

#define DAYS_MAX 14
#define STARTS	 300  /* of one resource on one day, and some more */
#define PAGE	 2000 /* entries after which a page ends with its day */

static const struct field query[] = {
	{ "date", F_DATE, .about = "The first day; today by default." },
	{ "days", F_INT, .min = 1, .max = DAYS_MAX,
	    .about = "How many days; 1 by default." },
	{ "service_id", F_ID, .about = "For this service." },
	{ "resource_id", F_ID, .about = "With this resource only." },
	{ "explain", F_BOOL, .about = "1: also what is not offered, and why." },
	{ "cursor", F_DATE, .about = "next_cursor of the page before." },
	{ 0 },
};

static const struct field out[] = {
	{ "timezone", F_TEXT },
	{ "data", F_LIST },
	{ "refused", F_LIST },
	{ "next_cursor", F_TEXT },
	{ 0 },
};

static const struct {
	const char *why;
	const char *rule;
} reasons[SLOT_WHY_COUNT] = {
	[SLOT_FREE] = { "free", "it is free" },
	[SLOT_PAST] = { "past", "it has passed" },
	[SLOT_SOON] = { "notice", "it is less ahead than the notice" },
	[SLOT_FAR] = { "horizon", "it is behind the horizon" },
	[SLOT_CLOSED] = { "closed", "closed, by the exception that ref names" },
	[SLOT_HOURS] = { "hours", "it would not end within the hours" },
	[SLOT_FULL] = { "per_day", "no more of this service on that day" },
	[SLOT_TAKEN] = { "taken", "the appointment that ref names" },
	[SLOT_BUFFER] = { "buffer",
	    "too close to the appointment that ref names" },
	[SLOT_HELD] = { "held", "offered to a caller just now" },
};

/* What is looked at, and what has been found of it. */
struct look {
	struct req *r;
	struct book book;
	bool explain;
	int64_t date; /* of the day being looked at */
	struct slot_list found;
	struct jout data;
	struct jout refused;
	int entries;
};

static void
put_free(struct look *l, const struct slot *s, const char *resource)
{
	struct jout *j = &l->data;

	jout_open(j, '{');
	jout_put_time(j, "starts_at", s->start_ms);
	jout_put_time(j, "ends_at", s->start_ms + l->book.service.length_ms);
	jout_put_str(j, "resource_id", resource);
	jout_close(j, '}');
}

/* s NULL: a day without any start. */
static void
put_refused(struct look *l, const struct slot *s, const char *resource)
{
	struct jout *j = &l->refused;

	jout_open(j, '{');
	jout_put_str(j, "date", except_date(l->r->arena, l->date));
	jout_name(j, "starts_at");
	if (s != NULL)
		jout_time(j, s->start_ms);
	else
		jout_null(j);
	jout_put_str(j, "resource_id", resource);
	jout_put_str(j, "why", s != NULL ? reasons[s->why].why : "no_hours");
	jout_put_str(j, "rule",
	    s != NULL		 ? reasons[s->why].rule :
		resource != NULL ? "no opening hours on that day" :
				   "nobody who does this is active");
	jout_put_str(j, "ref",
	    s != NULL && s->ref != NULL && *s->ref != '\0' ? s->ref : NULL);
	jout_close(j, '}');
	l->entries++;
}

static void
look_one(struct look *l, const struct slot_plan *p, struct span day,
    const char *resource)
{
	slot_free(l->r->arena, p, day, &l->found);
	for (int i = 0; i < l->found.count; i++) {
		const struct slot *s = &l->found.list[i];

		l->entries++;
		if (s->why == SLOT_FREE)
			put_free(l, s, resource);
		else
			put_refused(l, s, resource);
	}
	if (l->explain && l->found.count == 0)
		put_refused(l, NULL, resource);
}

static enum rc
look_day(struct look *l)
{
	struct span day = slot_day(l->book.zone, l->date);
	struct book_view v;
	enum rc rc = book_view(l->r, &l->book, day, l->explain, &v);

	for (int i = 0; i < v.count && rc == OK; i++)
		look_one(l, &v.plan[i], day, v.resource[i]);
	if (rc == OK && l->explain && v.count == 0)
		put_refused(l, NULL, NULL);
	return rc;
}

/* Settings and wishes. */
static enum rc
look_begin(struct look *l, int64_t *date)
{
	struct req *r = l->r;
	const char *text = req_text(r, "date");
	const char *resource = req_text(r, "resource_id");
	bool known;
	enum rc rc = book_open(r, &l->book);

	if (rc == OK)
		rc = book_serve(r, &l->book, req_text(r, "service_id"), &known);
	if (rc != OK)
		return rc;
	if (!known)
		return fail_field(r, "service_id",
		    "is not one of your services");
	if (resource != NULL && book_chair(&l->book, resource) == NULL)
		return fail_field(r, "resource_id",
		    "is not one of your resources");
	l->book.resource = resource;
	if (!clock_day(text, date))
		*date = slot_date(l->book.zone, r->now_ms);
	l->found.max = STARTS;
	l->found.all = l->explain;
	l->found.list = arena_get(r->arena, STARTS * sizeof(*l->found.list));
	return l->found.list != NULL ? OK :
				       fail(r, E_INTERNAL, "out of memory");
}

static void
print(struct look *l, int64_t next)
{
	struct jout *j = &l->r->json_out;

	jout_open(j, '{');
	jout_put_str(j, "timezone", l->book.zone);
	jout_close(&l->data, ']');
	jout_close(&l->refused, ']');
	jout_name(j, "data");
	jout_raw(j, buf_text(l->data.buf));
	jout_name(j, "refused");
	jout_raw(j, l->explain ? buf_text(l->refused.buf) : NULL);
	jout_put_str(j, "next_cursor",
	    next != 0 ? except_date(l->r->arena, next) : NULL);
	jout_close(j, '}');
}

static enum rc
availability(struct req *r)
{
	struct val days = req_get(r, "days"), explain = req_get(r, "explain");
	struct look l = { .r = r,
		.explain = explain.type == VAL_INT && explain.i == 1 };
	struct buf data, refused;
	int64_t date = 0, end;
	enum rc rc = look_begin(&l, &date);

	if (rc != OK)
		return rc;
	buf_init(&data, r->arena);
	buf_init(&refused, r->arena);
	jout_init(&l.data, &data);
	jout_init(&l.refused, &refused);
	jout_open(&l.data, '[');
	jout_open(&l.refused, '[');
	end = date + (days.type == VAL_INT ? days.i : 1);
	if (clock_day(req_text(r, "cursor"), &l.date) && l.date > date &&
	    l.date < end)
		date = l.date;
	for (l.date = date; l.date < end && l.entries < PAGE && rc == OK;
	     l.date++)
		rc = look_day(&l);
	if (rc == OK && (data.bad || refused.bad))
		rc = fail(r, E_INTERNAL, "out of memory");
	if (rc == OK)
		print(&l, l.date < end ? l.date : 0);
	return rc;
}

static const struct route routes[] = {
	{ "GET", "/availability", .query = query, .out = out,
	    .run = availability,
	    .about = "Free times; with explain=1 also the others, and which "
		     "rule removed each." },
	{ 0 },
};

const struct resource book_availability = { "book_availability", "Free times",
	routes };
