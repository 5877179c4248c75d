/*
 * req.h - the one header that a handler includes.
 *
 * A request (or a job: a request nobody waits for) goes through the nine
 * steps of dispatch.c. A handler is a row in a route table: SQL alone, or a
 * function. What it takes from r->arena lives until the answer is sent; it
 * frees nothing and composes no error body: it says `return fail(r, …)`.
 */
#ifndef FCGI_REQ_H
#define FCGI_REQ_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/rc.h"
#include "base/str.h"
#include "base/val.h"
#include "db/db.h"
#include "wire/http.h"
#include "wire/jout.h"
#include "wire/json.h"

#define REQ_VARS     96 /* values a request can bind */
#define REQ_MISTAKES 32 /* mistakes told in one answer */

/* --- the route table ---------------------------------------------------- */

/* What a value must look like; see check.c for each. */
enum field_kind {
	F_TEXT,
	F_INT,
	F_REAL,
	F_BOOL,
	F_ENUM,
	F_EMAIL,
	F_PHONE,
	F_ZONE,
	F_TIME,
	F_DATE,
	F_ID,
	F_LIST,
	F_OBJECT,
	F_ANY
};

struct field {
	const char *name; /* member or query name; NULL ends */
	enum field_kind kind;
	bool need;		 /* must be there and not be empty */
	bool secret;		 /* never shown in the description */
	int min;		 /* characters, items or value */
	int max;		 /* same; 0: 2000 characters, 100 items */
	const char *set;	 /* of F_ENUM and items: "a|b|c" */
	const struct field *sub; /* members of F_OBJECT; NULL: free */
	bool open;		 /* F_OBJECT: other members are kept */
	bool maybe;		 /* of an answer: absent when unknown */
	/* what a text must be beyond its kind ("must be …"), NULL if it is */
	const char *(*must)(const char *text);
	const char *about;
};

/* Who may call; zero is a signed-in member of the account. */
enum who { MEMBER, ADMIN, ANYONE, RUNNER, VAPI, TWILIO, WHO_COUNT };
/* Which pool serves it. */
enum pool { WEB, HOOK, WAIT, AUTH, POOL_COUNT };
/* What the SQL of a row answers. */
enum shape { NOTHING, ONE, MANY };
/* TX_METHOD: GET reads, the rest writes; TX_OWN: the handler's business. */
enum tx { TX_METHOD, TX_READ, TX_WRITE, TX_OWN };

enum {
	LAX = 1,      /* unknown members are named in X-Ignored-Fields */
	FORM = 2,     /* the body is a form, not JSON */
	NAKED = 4,    /* not under /api: nginx limits who may ask */
	OPTIONAL = 8, /* the body may be empty */
	OPEN = 16,    /* unknown members are the handler's to keep */
	FILES = 32,   /* the body may be multipart/form-data instead */
	CSV = 64      /* the answer may be text/csv instead */
};

struct req;

struct route {
	const char *method; /* NULL ends; JOB: for the runner */
	const char *path;   /* without /api; parts ":name" bind */
	const char *sql;
	enum shape shape;
	int status; /* of success; 0: 200, or 204 if empty */
	enum who who;
	enum pool pool;
	enum tx tx;
	unsigned flags;
	const struct field *in; /* body */
	const struct field *query;
	const struct field *out; /* answer, where SQL does not tell */
	enum rc (*run)(struct req *);
	const char *type;  /* Content-Type of an answer not JSON */
	int also;	   /* another status of success */
	const char *about; /* one sentence */
};

struct resource {
	const char *name;
	const char *about;
	const struct route *routes;
};

/* All, ends with NULL; from resources.def. */
extern const struct resource *const resources[];

extern const char *const pool_names[POOL_COUNT];

/* Texts of statements are collected, so that `check` can prepare them all. */
#define SQL \
	static const char __attribute__((section("sql_text"), used, aligned(8)))
/* The same for one that reads a whole table and may: `check` refuses others. */
#define SQL_WHOLE \
	static const char \
	    __attribute__((section("sql_whole"), used, aligned(8)))

/* --- a request ---------------------------------------------------------- */

struct var {
	const char *name;
	struct val val;
};

struct mistake {
	const char *field;
	const char *message;
};

enum via { VIA_NOTHING, VIA_COOKIE, VIA_BEARER, VIA_HOOK, VIA_RUNNER };

struct req {
	struct arena *arena;
	struct db *db;
	enum pool pool;		/* that serves it */
	int64_t now_ms;		/* one time for the whole request */
	char *const *env;	/* CGI parameters, "NAME=value" */
	atomic_int *route_slot; /* told the route's index; may be NULL */

	/* as received */
	const char *id; /* nginx's request id */
	const char *method;
	const char *target; /* raw: path and query as sent */
	const char *path;   /* without /api or /api/v1 */
	const char *remote; /* address of the client */
	const char *body;
	size_t body_len;
	bool v1; /* came under /api/v1 */

	/* 1 match, 2 admit */
	const struct resource *resource;
	const struct route *route;
	int route_no; /* index among all, -1: none */
	enum via via;
	const char *account;
	const char *user;
	const char *role;
	const char *session;

	/* 3 check */
	cJSON *json;
	struct pairs form;
	struct pairs queries;
	struct var vars[REQ_VARS];
	int var_count;

	/* the answer */
	enum rc rc;	  /* of the first failure */
	int status;	  /* 0: by code */
	const char *code; /* slug when not the code's own */
	const char *reason;
	struct mistake mistakes[REQ_MISTAKES];
	int mistake_count;
	const char *type; /* Content-Type */
	struct buf out;
	struct jout json_out; /* writes to out */
	struct buf headers;   /* further lines, each with CRLF */
	int64_t peer_us;      /* spent waiting for providers */
	const char *said;     /* goes to the log once all is committed */

	int tries;    /* see req_again */
	bool written; /* something was committed */
};

/* Value of a request header by its usual name, or NULL. */
const char *req_header(const struct req *, const char *name);
/* A CGI parameter such as "REQUEST_METHOD", or NULL. */
const char *req_env(const struct req *, const char *name);

/* Bind a value for statements; a later one of the same name wins. */
void req_set(struct req *, const char *name, struct val);
/* A bound value; VAL_ABSENT when there is none. */
struct val req_get(const struct req *, const char *name);
/* Its text, or NULL when it is no text. */
const char *req_text(const struct req *, const char *name);
/* Is it in the request (perhaps as null)? */
bool req_has(const struct req *, const char *name);
/* A fresh id, bound to name. */
const char *req_new_id(struct req *, const char *name);
/* Set the account of all that follows. */
void req_scope(struct req *, const char *account);

/* Add an answer header; value must not hold line breaks. */
void req_head(struct req *, const char *name, const char *value);
/*
 * Begin or end a transaction in a TX_OWN handler. Nothing is committed once
 * the arena is full.
 */
enum rc req_begin(struct req *, enum db_mode) MUST_CHECK;
enum rc req_commit(struct req *) MUST_CHECK;
void req_rollback(struct req *);
/*
 * After a failure: has it undone the whole transaction, so that it may be run
 * again from its beginning (db_again)? Then the failure is forgotten. True a
 * bounded number of times a request, after a short pause.
 */
bool req_again(struct req *);

/* --- failing ------------------------------------------------------------ */

/*
 * Record a failure and return its code. The first sentence is kept. It is
 * shown to the caller: something a person can act on, no secret, no SQL.
 */
enum rc fail(struct req *, enum rc, const char *fmt, ...) PRINTF(3, 4);
/*
 * Check an object inside the body as the body itself is checked. under: what
 * mistakes call it ("settings"); with "" its members are bound as well.
 */
enum rc check_object(struct req *, const struct field *, const cJSON *,
    const char *under) MUST_CHECK;
/* Is the body multipart/form-data? */
bool req_multipart(const struct req *);
/* A mistake in one field; all are told together. Returns E_INPUT. */
enum rc fail_field(struct req *, const char *field, const char *fmt, ...)
    PRINTF(3, 4);
/* The database failed with rc: log why, say what the caller can know. */
enum rc fail_db(struct req *, enum rc);

/* --- SQL ----------------------------------------------------------------- */

/* A row copied into the arena. */
struct row {
	int count; /* columns; 0: no row */
	const struct db_column *column;
	struct val *value;
	struct row *next; /* of sql_rows */
};

/* Run it; rows do not matter. */
enum rc sql_do(struct req *, const char *sql) MUST_CHECK;
/* Run it; no row changed is E_MISSING. */
enum rc sql_must(struct req *, const char *sql) MUST_CHECK;
/* First row as the JSON object of the answer; none is E_MISSING. */
enum rc sql_one(struct req *, const char *sql) MUST_CHECK;
/*
 * Rows as {"data":[…],"next_cursor":…}. Binds :limit to one more than asked,
 * so that the cursor is known: the column "_cursor" (not shown), else "id".
 */
enum rc sql_many(struct req *, const char *sql) MUST_CHECK;
/*
 * The cursor of a list by time, "1770000000000_<id>": the place behind which
 * the next page begins. Without one both stay as they are.
 */
enum rc req_cursor(struct req *, int64_t *after_ms,
    const char **after_id) MUST_CHECK;
/* First row copied; none is E_MISSING. */
enum rc sql_row(struct req *, const char *sql, struct row *) MUST_CHECK;
/* The same, but none is OK with count 0. */
enum rc sql_find(struct req *, const char *sql, struct row *) MUST_CHECK;
/* All rows copied, as a list; NULL when none. */
enum rc sql_rows(struct req *, const char *sql, struct row **) MUST_CHECK;
/*
 * Show each row to fn, values in the order of the columns; text lives until
 * fn returns. For statements with many rows, of which nothing is copied.
 */
enum rc sql_each(struct req *, const char *sql,
    void (*fn)(void *ctx, const struct val *), void *ctx) MUST_CHECK;

/* Value of a column by name; VAL_NULL when there is none. */
struct val row_val(const struct row *, const char *name);
const char *row_text(const struct row *, const char *name);
int64_t row_int(const struct row *, const char *name); /* NULL: 0 */
/* Write the row's members into an open object of the answer. */
void row_json(struct jout *, const struct row *);

/* A row that was found. */
struct found {
	const char *id;
	double rank;	     /* more is better */
	const char *snippet; /* HTML: text, escaped, with hits in <mark> */
	struct found *next;
};

/* The best rows of a table for what a person typed; see db_search. */
enum rc sql_search(struct req *, const char *table, const char *text,
    int64_t limit, struct found **) MUST_CHECK;

/* --- outbox and events --------------------------------------------------- */

/*
 * Leave a job for the runner, in the current transaction: route path, what
 * it is about (one open job a path and ref), a JSON object or NULL, and when.
 */
enum rc job_put(struct req *, const char *path, const char *ref,
    const char *payload, int64_t run_at_ms) MUST_CHECK;
/* The job is settled: take it off the queue. */
enum rc job_drop(struct req *, const char *path, const char *ref) MUST_CHECK;
/* Record what happened, for staff and live views. data: JSON or NULL. */
enum rc event_put(struct req *, const char *kind, const char *ref,
    const char *data) MUST_CHECK;

#endif
