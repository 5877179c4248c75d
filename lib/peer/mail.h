/*
 * mail.h - letters, by SMTP through libcurl.
 *
 * conf->smtp_url names the server: smtp://host:port or smtps://host:port, with
 * user:password@ where it asks for them. smtp:// turns to TLS by STARTTLS and
 * refuses a server that cannot, unless conf->smtp_tls is off. Certificates are
 * verified like those of all providers. A letter whose end is unknown may have
 * gone out: it may be sent again, with the same id.
 */
#ifndef PEER_MAIL_H
#define PEER_MAIL_H

#include <stdbool.h>

#include "base/arena.h"
#include "wire/mime.h"

enum mail_end {
	MAIL_SENT,
	MAIL_REFUSED, /* 5xx, or the letter is none: again is no use */
	MAIL_LATER    /* not sent, or nobody knows */
};

/* Is there a server, and a sender's address? */
bool mail_ready(void);
/*
 * Send; waits conf->peer_timeout_ms at most. The sender is conf->smtp_from,
 * whatever the letter says. *why is a sentence for logs unless MAIL_SENT. Asks
 * fault_due() once (then: MAIL_LATER).
 */
enum mail_end mail_send(struct arena *, const struct mime_letter *,
    const char **why);

#endif
