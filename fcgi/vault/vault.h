/*
 * vault.h - sealed credentials, and who claims what in the directory.
 *
 * All act on the account that is set (req_scope). What they write belongs to
 * the transaction that is open. Secrets live in the request's arena and are
 * wiped with it; they must never reach a log, an answer or an event.
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include "req.h"

/* Kinds of credentials. */
#define VAULT_VAPI_KEY	   "vapi_key"
#define VAULT_VAPI_WEBHOOK "vapi_webhook"
#define VAULT_TWILIO	   "twilio"
#define VAULT_SIKKA	   "sikka"     /* JSON: what the practice gave */
#define VAULT_SIKKA_KEY	   "sikka_key" /* JSON: the keys of the day */

/* Kinds of directory rows. */
#define DIRECTORY_NUMBER    "number"	 /* E.164 */
#define DIRECTORY_SID	    "twilio_sid" /* AccountSid */
#define DIRECTORY_ASSISTANT "assistant"	 /* id at Vapi */
#define DIRECTORY_FEED	    "feed"	 /* hash of a calendar's token */

/*
 * The scoped account's secret of a kind; NULL when there is none. meta (may
 * be NULL) gets the row without the secret: id, preview, account_sid,
 * phone_number; no row: count 0. A secret that no key opens is E_INTERNAL.
 */
enum rc vault_open(struct req *, const char *kind, const char **secret,
    struct row *meta) MUST_CHECK;

struct vault_item {
	const char *kind;
	const char *secret;
	const char *preview;	  /* NULL: made of the secret */
	const char *account_sid;  /* of "twilio"; else NULL */
	const char *phone_number; /* of "twilio"; may be NULL */
};

/* Seal and store in place of the account's earlier one of that kind. */
enum rc vault_put(struct req *, const struct vault_item *) MUST_CHECK;
/* Forget it; none is OK. */
enum rc vault_drop(struct req *, const char *kind) MUST_CHECK;
/*
 * Seal again what another key than the current one has sealed, in all
 * accounts, each in a transaction of its own; *count is how many. To be called
 * outside a transaction; leaves no account set. What no key opens is logged
 * and left as it is.
 */
enum rc vault_reseal(struct req *, int64_t *count) MUST_CHECK;

/* Access to one account at Twilio. */
struct vault_key {
	const char *sid; /* AccountSid; NULL: there is no access */
	const char *token;
};

/*
 * Access to this AccountSid, NULL: to the account's first one. The credential
 * counts before further tokens, of those the latest.
 */
enum rc vault_key(struct req *, const char *sid, struct vault_key *) MUST_CHECK;
/* AccountSids with access, the credential's first: rows with account_sid. */
enum rc vault_sids(struct req *, struct row **list) MUST_CHECK;
/*
 * The further tokens of an AccountSid, latest first: those that may sign
 * besides the credential's. They end with one without a sid.
 */
enum rc vault_tokens(struct req *, const char *sid,
    struct vault_key **list) MUST_CHECK;

/*
 * What may be shown of a secret: "****" and its last four characters; of one
 * with fewer than eight, at most a third. In the arena.
 */
const char *vault_preview(struct arena *, const char *secret);

/*
 * A secret of the body: its text without blanks around it, NULL when it was
 * not given. Its field has vault_must, which keeps out what cannot stand in
 * a header.
 */
const char *vault_field(struct req *, const char *name);
const char *vault_must(const char *text);
/* What an AccountSid must be. */
const char *vault_sid_must(const char *text);

/* --- the directory: from what a webhook names to accounts ---------------- */

/*
 * Accounts that claim a key: rows with account_id, of a number those first
 * who have proven that it is theirs; NULL when none. Several may claim the
 * same: a signature tells whose it is.
 */
enum rc directory_find(struct req *, const char *kind, const char *key,
    struct row **list) MUST_CHECK;
/* Claim a key for the scoped account; twice is OK. */
enum rc directory_put(struct req *, const char *kind,
    const char *key) MUST_CHECK;
enum rc directory_drop(struct req *, const char *kind,
    const char *key) MUST_CHECK;
/*
 * Make the account's rows of the kind "number" those that its studio, its
 * Twilio credential and its attached numbers name, and leave the job that
 * renders what nginx says when we are down.
 */
enum rc directory_numbers(struct req *) MUST_CHECK;
/* Make its rows of the kind "twilio_sid" those that it has tokens for. */
enum rc directory_sids(struct req *) MUST_CHECK;

#endif
