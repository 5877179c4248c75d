/*
 * sikka.h - private to the files of Sikka: what sikka.c, sikka_read.c and
 * sikka_key.c share.
 */
#ifndef PMS_SIKKA_H
#define PMS_SIKKA_H

#include "peer/sikka.h"
#include "pms/pms.h"

struct own {
	struct sikka s; /* s.own is the struct pms */
	bool open;	/* with sealed credentials, not with new ones */
};

/* The client behind a pms that is open. */
struct sikka *sikka_of(const struct pms *);
/* Put what came of a call into p->said. */
void sikka_said(struct pms *, const struct sikka_reply *);

/* Credentials and keys: take, seal, forget, open of struct pms_system. */
enum rc sikka_take(struct pms *, const cJSON *credentials);
enum rc sikka_seal(struct pms *);
enum rc sikka_forget(struct req *);
enum rc sikka_open(struct pms *);

/* Lists, as struct pms_system has them. */
void sikka_check(struct pms *, struct pms_practice *);
void sikka_people(struct pms *, const struct pms_find *, struct pms_page *);
void sikka_staff(struct pms *, const struct pms_find *, struct pms_page *);
void sikka_visits(struct pms *, const struct pms_find *, struct pms_page *);

/*
 * Text of an item's member, a number too: trimmed, on one line, at most
 * SAID_MAX bytes; NULL when there is none.
 */
const char *sikka_text(struct pms *, const cJSON *item, const char *name);

#endif
