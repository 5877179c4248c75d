/*
 * follow.h - keeps this host's voice files in step with the database, which
 * the workers and runners of other hosts change as well.
 *
 * A job notes in voice_change whose files are outdated. The housekeeper of
 * each host looks there every second and writes its own files. It begins with
 * all accounts, so a host that was down or is new gets what it missed.
 */
#ifndef FCGI_FOLLOW_H
#define FCGI_FOLLOW_H

#include "req.h"

/* Zeroed at the start; one a process. */
struct follow {
	int64_t next_us; /* of the next look */
	int64_t late_us; /* of the next pass that begins further back */
	int64_t mark[2]; /* how far passes had come at the last two of those */
	int64_t at;	 /* how far this pass has come */
	char account[ID_TEXT];
	bool found;  /* this pass has found changes */
	bool failed; /* some files could not be written since late_us */
};

/* Look, if it is time to. The arenas are of the list, and of each account. */
void follow_look(struct follow *, struct db *, struct arena *list,
    struct arena *each);

#endif
