/*
 * assistant.h - what other groups ask of assistants.
 */
#ifndef ASSISTANT_ASSISTANT_H
#define ASSISTANT_ASSISTANT_H

#include "req.h"

/*
 * The account's key or webhook secret at Vapi has changed: leave jobs that
 * bring every assistant of the scoped account up to date. With bodies, they
 * also send each body again, because the secret is a part of it.
 */
enum rc assistant_push_all(struct req *, bool bodies) MUST_CHECK;
/* Does the scoped account have any? */
enum rc assistant_any(struct req *, bool *any) MUST_CHECK;

/*
 * The account has chosen a voice ({"provider","voiceId"}): assistants without
 * one, or with the choice before it (NULL: none), get it; so does one that is
 * alone. Leaves jobs that tell Vapi.
 */
enum rc assistant_voice(struct req *, const cJSON *voice,
    const cJSON *before) MUST_CHECK;

#endif
