/*
 * control.h - Vapi's live call control: what moves a call to a human.
 *
 * The address comes inside an authenticated message and is a capability: it
 * is kept only in the job's payload, never logged, and only Vapi's own hosts
 * are called. Source: Vapi's page on call features.
 */
#ifndef HOOK_CONTROL_H
#define HOOK_CONTROL_H

#include "req.h"

/*
 * May a control address be called? https://…vapi.ai, or the very origin that
 * the settings give for Vapi or the sandbox.
 */
bool control_allowed(const char *url);
/* Job: transfer the call, or tell staff that it did not work. */
enum rc control_transfer(struct req *) MUST_CHECK;
/* Tell staff that a caller wants someone; call: row id or NULL. */
enum rc control_ask(struct req *, const char *call, const char *number,
    const char *reason) MUST_CHECK;

#endif
