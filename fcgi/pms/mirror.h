/*
 * mirror.h - the rows in which the mirror keeps what a practice's system
 * holds. All in a write transaction.
 */
#ifndef PMS_MIRROR_H
#define PMS_MIRROR_H

#include "pms/pms.h"

/* What a note of ours begins with; the appointment's id follows. */
#define PMS_MARK "frontdesk "

/* Put a row, seen in the pass that began at pass_at. */
enum rc mirror_staff(struct pms *, const struct pms_staff *,
    int64_t pass_at) MUST_CHECK;
enum rc mirror_person(struct pms *, const struct pms_person *,
    int64_t pass_at) MUST_CHECK;
enum rc mirror_visit(struct pms *, const struct pms_visit *,
    int64_t pass_at) MUST_CHECK;
/* It is not there any more. */
enum rc mirror_staff_gone(struct pms *, const char *ext_id) MUST_CHECK;
enum rc mirror_person_gone(struct pms *, const char *ext_id) MUST_CHECK;
enum rc mirror_visit_gone(struct pms *, const char *ext_id) MUST_CHECK;
/* Our appointment is that one of the system's; from: it was, if moved. */
enum rc mirror_link(struct pms *, const char *appointment, const char *from,
    const char *ext_id) MUST_CHECK;

/*
 * The system says of an appointment of ours what we do not: it is taken over,
 * unless we are about to tell the system something else of it. visit NULL: it
 * is not there any more.
 */
enum rc ours_follow(struct pms *, const char *appointment,
    const struct pms_visit *) MUST_CHECK;

/* Does it take its time? */
bool visit_is_live(const struct pms_visit *);

#endif
