/*
 * pms.h - practice management systems: the one interface behind which Sikka
 * and the built-in book stand. A further system is one file that ends in a
 * `const struct pms_system`, and its name in system.c.
 *
 * The mirror (mirror.c) and the outbox (write.c) call a system outside any
 * transaction, one short step at a time, and keep what came of it in one of
 * their own. Nothing here is asked during a call: the mirror is.
 *
 * Calls fill pms->said; r->rc tells only of failures on our own side.
 */
#ifndef PMS_PMS_H
#define PMS_PMS_H

#include "req.h"

#define PMS_SYNC_JOB  "/job/pms/sync"
#define PMS_WRITE_JOB "/job/pms/write"

/* What came of a call. */
enum pms_end {
	PMS_OK,
	PMS_KEY,     /* the credentials are refused */
	PMS_REFUSED, /* it was not and will not be done */
	PMS_LATER,   /* not done yet: busy, or nothing was sent */
	PMS_UNKNOWN  /* perhaps done: look before it is tried again */
};

struct pms_said {
	enum pms_end end;
	const char *why;  /* a sentence unless PMS_OK */
	const char *down; /* why it counts as a failure of the provider */
	int64_t wait_ms;  /* that it asked for; 0: none */
};

/* Texts of others: trimmed, cut, on one line, NULL when empty. */
struct pms_person {
	const char *id;
	const char *first;
	const char *last;
	const char *birth; /* yyyy-mm-dd */
	const char *status;
	const char *cell;
	const char *home;
	const char *work;
	const char *email;
	const char *provider;
	const char *last_visit;
};

struct pms_staff {
	const char *id;
	const char *first;
	const char *last;
	const char *specialty;
	bool active;
};

struct pms_visit {
	const char *id;
	const char *patient;
	const char *patient_name;
	const char *provider;
	const char *operatory;
	const char *type;
	const char *note;
	const char *status; /* the system's own word */
	const char *state;  /* ours: scheduled confirmed completed
			       cancelled no_show */
	int64_t starts_ms;
	int64_t ends_ms;
};

/* One page; what cannot be read is left out. One list is set. */
struct pms_page {
	struct pms_person *person;
	struct pms_staff *staff;
	struct pms_visit *visit;
	int count;
	bool more;
};

/* What is looked for; NULL: whatever. */
struct pms_find {
	const char *id;
	const char *phone; /* digits */
	const char *from;  /* yyyy-mm-dd, first day */
	const char *to;	   /* last day */
	int64_t page;	   /* from 0 */
};

/* An appointment that shall be written. */
struct pms_wish {
	const char *id; /* the system's, of one that exists */
	const char *patient;
	const char *provider; /* or NULL */
	const char *name;     /* of the patient */
	const char *phone;    /* E.164 or NULL */
	const char *reason;   /* or NULL */
	const char *note;     /* names our appointment */
	int64_t starts_ms;
	int64_t length_ms;
};

/* How a write stands; neither: it is pending. */
struct pms_outcome {
	bool done;
	bool failed;
	const char *why; /* of a failure, or NULL */
	const char *id;	 /* of the appointment, if told */
};

/* What is known of the practice once the credentials are good. */
struct pms_practice {
	const char *office;
	const char *id;
	const char *name;
	const char *system;
	const char *cancel_status; /* its word for cancelled */
};

struct pms {
	struct req *r;
	const struct pms_system *system;
	struct row link; /* of pms_link; count 0: there is none */
	const char *zone;
	int64_t slot_ms;
	struct pms_said said;
	void *own; /* the system's */
};

struct pms_system {
	const char *name;  /* in the database, and of its breaker */
	const char *label; /* on the wire */
	const char *title; /* among the integrations */

	/* NULL from here on: nothing is outside, the book is all there is */

	/*
	 * Read what POST setup was given (mistakes are fields), for check to
	 * use; then, in a write transaction, seal it; or forget it.
	 */
	enum rc (*take)(struct pms *, const cJSON *credentials);
	enum rc (*seal)(struct pms *);
	enum rc (*forget)(struct req *);
	/* Begin with the sealed credentials. */
	enum rc (*open)(struct pms *);

	void (*check)(struct pms *, struct pms_practice *);
	void (
	    *people)(struct pms *, const struct pms_find *, struct pms_page *);
	void (*staff)(struct pms *, const struct pms_find *, struct pms_page *);
	void (
	    *visits)(struct pms *, const struct pms_find *, struct pms_page *);
	/* Writes give an id to ask poll about. */
	void (*add_person)(struct pms *, const struct pms_wish *,
	    const char **id);
	void (*book)(struct pms *, const struct pms_wish *, const char **id);
	void (*move)(struct pms *, const struct pms_wish *, const char **id);
	void (*cancel)(struct pms *, const struct pms_wish *, const char **id);
	void (*poll)(struct pms *, const char *id, struct pms_outcome *);
};

extern const struct pms_system pms_builtin, pms_sikka;

/* By name or label, letters' case aside; NULL: there is none such. */
const struct pms_system *pms_named(const char *name);
/* Is there a system outside? */
bool pms_outside(const struct pms *);
/* The account's: the built-in book when there is no other. */
enum rc pms_find_link(struct req *, struct pms *) MUST_CHECK;

/* Is it still connected as it was when p was found? */
enum rc pms_same(const struct pms *, bool *same) MUST_CHECK;

/* --- for the book ----------------------------------------------------------
 */

enum pms_verb { PMS_BOOK, PMS_CANCEL, PMS_MOVE };
/*
 * Tell the practice's system of an appointment of ours, by the outbox: to be
 * called in the transaction that makes, cancels or moves one. from: the one
 * that was moved to id, else NULL. Without a system outside: nothing.
 */
enum rc pms_tell(struct req *, enum pms_verb, const char *id,
    const char *from) MUST_CHECK;

/*
 * What of the resources' time the mirror takes: rows resource_id, starts_at,
 * ends_at, id of appointments that the book does not hold itself. from and to
 * are placeholders or columns, epoch ms; the WHERE may go on with AND.
 */
#define PMS_BUSY_SQL(from, to) \
	"SELECT resource_id, starts_at, ends_at, id FROM my_pms_appointment" \
	" WHERE busy = 1 AND starts_at > " from " - 86400000" \
	" AND starts_at < " to " AND ends_at > " from

/*
 * The one patient with that number: id ext_id first_name last_name; count 0
 * when there is none or several share it.
 */
enum rc pms_patient_of(struct req *, const char *phone,
    struct row *) MUST_CHECK;

/* --- shared inside -------------------------------------------------------- */

/*
 * The account's row among the integrations: connected, disconnected, error.
 * In a write transaction; synced_ms 0: as before.
 */
enum rc pms_integration(struct req *, const struct pms_system *,
    const char *status, int64_t synced_ms) MUST_CHECK;
/* The last ten digits of a number; NULL when it has fewer than seven. */
const char *pms_digits(struct arena *, const char *phone);
/* For comparing: ASCII in lower case, single blanks; never NULL but full. */
const char *pms_fold(struct arena *, const char *);
/* yyyy-mm-dd and HH:MM of an instant in the practice's zone. */
const char *pms_date(const struct pms *, int64_t t_ms);
const char *pms_time(const struct pms *, int64_t t_ms);

#endif
