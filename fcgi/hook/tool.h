/*
 * tool.h - what the voice agent can ask of us during a call.
 *
 * A tool answers one line in the business's language. Questions back ("which
 * day?"), "taken" and "closed" are results too: the agent shall speak them.
 * The schema is what the model is told to send; what it sends instead is
 * answered in words.
 */
#ifndef HOOK_TOOL_H
#define HOOK_TOOL_H

#include "book/book.h"
#include "hook/envelope.h"
#include "hook/when.h"
#include "req.h"

/* One tool call and what is known around it. */
struct ask {
	const struct envelope *env;
	const struct tool_call *call;
	struct book *book; /* zone, language, hours */
	const char *row;   /* id of the call's row, or NULL */
};

struct tool {
	const char *name;	/* NULL ends */
	const char *about;	/* for the model */
	const char *parameters; /* JSON schema of the arguments */
	enum rc (*run)(struct req *, const struct ask *, const char **said);
};

/* All; the assistants register them at Vapi under /vapi/tools/<name>. */
extern const struct tool tools[];

/* By name; letters' case, '-' and '_' do not matter. NULL: no such tool. */
const struct tool *tool_find(const char *name);

/*
 * Answer every tool call of the message, in one write transaction of its own,
 * which is committed before anything is said: `{"results":[…]}`. With fixed
 * all are for that tool, whatever they are called. A call whose id was
 * answered before gets the same bytes again.
 */
enum rc tool_serve(struct req *, const struct envelope *,
    const struct tool *fixed) MUST_CHECK;

/* The functions behind the table. */
enum rc tool_check(struct req *, const struct ask *, const char **);
enum rc tool_book(struct req *, const struct ask *, const char **);
enum rc tool_cancel(struct req *, const struct ask *, const char **);
enum rc tool_move(struct req *, const struct ask *, const char **);
enum rc tool_patient(struct req *, const struct ask *, const char **);
enum rc tool_transfer(struct req *, const struct ask *, const char **);

/* --- shared by the tools that speak of times ------------------------------ */

/*
 * What the arguments wish: service and with whom go to the book, day and time
 * to w. *said is a question where something is not clear, else NULL.
 */
enum rc ask_wish(struct req *, const struct ask *,
    const char **said) MUST_CHECK;
enum rc ask_when(struct req *, const struct ask *, const struct when_names *,
    struct wish *, const char **said) MUST_CHECK;

/* "Tuesday, March 3, at 9:30 AM" / "Tuesday, March 3" on the book's clock. */
const char *tell_when(struct req *, const struct book *, int64_t t_ms);
const char *tell_day(struct req *, const struct book *, int64_t date);
/*
 * What is offered is held for the call: a list of times, the day of each
 * named once; bare: the day is known already.
 */
enum rc tell_offer(struct req *, const struct book *, const struct book_slots *,
    bool bare, const char **list) MUST_CHECK;
/* "a, b or c": the free times nearest to t_ms; NULL when there are none. */
enum rc tell_near(struct req *, const struct book *, int64_t t_ms,
    const char **list) MUST_CHECK;
/* No time on that day: closed or full, and when the next one is. */
enum rc tell_none(struct req *, const struct book *, int64_t date,
    const char **said) MUST_CHECK;
/*
 * Why a time cannot be had, for any end but BOOK_DONE and BOOK_SAME; row is
 * what is in the way, if anything.
 */
enum rc tell_refusal(struct req *, const struct book *, enum book_end,
    int64_t t_ms, const struct row *row, const char **said) MUST_CHECK;

#endif
