/* req.c - what a handler asks of its request, and how it fails. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "req.h"

#define TRIES_MAX 4 /* beyond the first */

const char *
req_env(const struct req *r, const char *name)
{
	size_t n = strlen(name);

	for (char *const *e = r->env; e != NULL && *e != NULL; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

const char *
req_header(const struct req *r, const char *name)
{
	char cgi[80] = "HTTP_";
	size_t n = 5;

	for (; *name != '\0' && n < sizeof(cgi) - 1; name++)
		cgi[n++] =
		    *name == '-' ? '_' : (char)toupper((unsigned char)*name);
	cgi[n] = '\0';
	return req_env(r,
	    str_eq(cgi, "HTTP_CONTENT_TYPE") ? "CONTENT_TYPE" : cgi);
}

bool
req_multipart(const struct req *r)
{
	const char *type = req_header(r, "Content-Type");

	return type != NULL &&
	    strncasecmp(type, "multipart/form-data", 19) == 0;
}

static struct var *
var_find(const struct req *r, const char *name)
{
	for (int i = r->var_count - 1; i >= 0; i--)
		if (strcmp(r->vars[i].name, name) == 0)
			return (struct var *)&r->vars[i];
	return NULL;
}

void
req_set(struct req *r, const char *name, struct val v)
{
	struct var *old = name != NULL ? var_find(r, name) : NULL;

	if (old != NULL)
		old->val = v;
	else if (name == NULL || r->var_count == REQ_VARS)
		(void)fail(r, E_INTERNAL, "too many values");
	else {
		r->vars[r->var_count].name = name;
		r->vars[r->var_count++].val = v;
	}
}

struct val
req_get(const struct req *r, const char *name)
{
	const struct var *v = var_find(r, name);

	return v != NULL ? v->val : (struct val) { .type = VAL_ABSENT };
}

const char *
req_text(const struct req *r, const char *name)
{
	struct val v = req_get(r, name);

	return v.type == VAL_TEXT ? v.s : NULL;
}

bool
req_has(const struct req *r, const char *name)
{
	return req_get(r, name).type != VAL_ABSENT;
}

const char *
req_new_id(struct req *r, const char *name)
{
	char *id = arena_get(r->arena, ID_TEXT);

	if (id == NULL) {
		(void)fail(r, E_INTERNAL, "out of memory");
		return "";
	}
	id_new(id);
	req_set(r, name, val_text(id));
	return id;
}

void
req_scope(struct req *r, const char *account)
{
	r->account = arena_str(r->arena, account);
	db_scope(r->db, account);
	req_set(r, "account", val_text(r->account));
}

void
req_head(struct req *r, const char *name, const char *value)
{
	if (value != NULL && strpbrk(value, "\r\n") == NULL)
		buf_printf(&r->headers, "%s: %s\r\n", name, value);
}

enum rc
req_begin(struct req *r, enum db_mode mode)
{
	enum rc rc = db_begin(r->db, mode);

	return rc == OK ? OK : fail_db(r, rc);
}

enum rc
req_commit(struct req *r)
{
	enum rc rc;

	if (arena_full(r->arena)) { /* a value may have been lost */
		req_rollback(r);
		return fail(r, E_INTERNAL, "out of memory");
	}
	rc = db_commit(r->db);
	r->written = true; /* or it may be, when the outcome is unknown */
	return rc == OK ? OK : fail_db(r, rc);
}

void
req_rollback(struct req *r)
{
	if (db_in_tx(r->db))
		db_rollback(r->db);
}

bool
req_again(struct req *r)
{
	struct timespec pause = { 0 };

	if (r->rc == OK || !db_again(r->db) || ++r->tries > TRIES_MAX)
		return false;
	req_rollback(r);
	r->rc = OK;
	r->reason = NULL;
	/* those that stood in each other's way do not meet again */
	pause.tv_nsec = random() % (1000000L << r->tries);
	(void)nanosleep(&pause, NULL);
	return true;
}

static const char *
say(struct req *r, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	return arena_str(r->arena, text);
}

enum rc
fail(struct req *r, enum rc rc, const char *fmt, ...)
{
	va_list ap;

	if (r->rc != OK)
		return r->rc;
	r->rc = rc;
	va_start(ap, fmt);
	r->reason = say(r, fmt, ap);
	va_end(ap);
	return rc;
}

enum rc
fail_field(struct req *r, const char *field, const char *fmt, ...)
{
	struct mistake *m;
	va_list ap;

	if (r->mistake_count == REQ_MISTAKES)
		return E_INPUT;
	m = &r->mistakes[r->mistake_count++];
	va_start(ap, fmt);
	m->field = arena_str(r->arena, field);
	m->message = say(r, fmt, ap);
	va_end(ap);
	if (r->rc == OK) {
		r->rc = E_INPUT;
		r->reason = arena_printf(r->arena, "%s %s", field,
		    m->message != NULL ? m->message : "");
	}
	return E_INPUT;
}

enum rc
fail_db(struct req *r, enum rc rc)
{
	struct log_line l;
	const char *reason = db_reason(r->db);

	if (rc == E_CONFLICT && *reason != '\0')
		return fail(r, rc, "%s", reason);
	if (rc == E_CONFLICT)
		return fail(r, rc, "that clashes with what is stored already");
	log_begin(&l, rc == E_BUSY ? LOG_WARN : LOG_ERROR, "database");
	log_str(&l, "request_id", r->id);
	log_str(&l, "route", r->route != NULL ? r->route->path : NULL);
	log_str(&l, "why", db_why(r->db));
	log_end(&l);
	if (rc == E_BUSY)
		return fail(r, rc, "the database is busy; try again shortly");
	return fail(r, E_INTERNAL, "something went wrong on our side");
}
