/*
 * sign_url.h - spellings of a URL under which a signature is accepted; for
 * sign_twilio only.
 *
 * Source: validateRequest of the npm package twilio 6.2.0, which tries the
 * URL as given, then as the WHATWG URL standard writes it, then that with
 * its query decoded and escaped anew by Node's querystring module; each
 * without its port and with a port (its own, else that of the scheme).
 */
#ifndef SAFE_SIGN_URL_H
#define SAFE_SIGN_URL_H

#include "base/arena.h"

#define SIGN_URLS 6

/*
 * Write the spellings of an http or https URL without fragment to out and
 * return how many there are; 0 when it is none or the arena is full. Hosts
 * are only lower-cased: one in Unicode has no normal spelling here.
 */
size_t sign_urls(struct arena *, const char *url, const char *out[SIGN_URLS]);

#endif
