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
/*
 * What Vapi shall say to the human before the caller is put through; NULL: a
 * summary of its own.
 */
void control_plan(struct jout *, const char *words);

#endif
