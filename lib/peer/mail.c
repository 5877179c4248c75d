/* mail.c - letters, by SMTP through libcurl. */
#include <string.h>

#include <curl/curl.h>

#include "base/conf.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/str.h"
#include "peer/fetch.h"
#include "peer/mail.h"
#include "peer/said.h"

struct posting {
	CURL *curl;
	const char *text;
	size_t left;
	char why[CURL_ERROR_SIZE];
};

bool
mail_ready(void)
{
	return (str_starts(conf->smtp_url, "smtp://") ||
		   str_starts(conf->smtp_url, "smtps://")) &&
	    mime_address(conf->smtp_from);
}

static size_t
give(char *out, size_t size, size_t n, void *arg)
{
	struct posting *p = arg;

	n *= size;
	if (n > p->left)
		n = p->left;
	memcpy(out, p->text, n);
	p->text += n;
	p->left -= n;
	return n;
}

/* False when this libcurl lacks what safety rests on. */
static bool
prepare(struct posting *p, struct curl_slist *to)
{
	CURL *h = p->curl;
	bool plain = str_eq(conf->smtp_tls, "off");
	long wait_ms = (long)conf->peer_timeout_ms;
	bool good;

	good = curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps") ==
		CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_URL, conf->smtp_url) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, wait_ms) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_USE_SSL,
		(long)(plain ? CURLUSESSL_NONE : CURLUSESSL_ALL)) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_SSLVERSION,
		(long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	if (good && *conf->ca_file != '\0')
		good = curl_easy_setopt(h, CURLOPT_CAINFO, conf->ca_file) ==
		    CURLE_OK;
	return good && curl_easy_setopt(h, CURLOPT_SASL_IR, 1L) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_MAIL_FROM, conf->smtp_from) ==
	    CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_READFUNCTION, give) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_READDATA, p) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, p->why) == CURLE_OK;
}

static enum mail_end
post(struct arena *a, struct posting *p, const char **why)
{
	CURLcode code = curl_easy_perform(p->curl);
	long status = 0;

	if (code == CURLE_OK)
		return MAIL_SENT;
	curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &status);
	*why =
	    said_line(a, p->why[0] != '\0' ? p->why : curl_easy_strerror(code));
	if (*why == NULL)
		*why = curl_easy_strerror(code);
	/* who may not sign in now may do so once the settings are mended */
	return status / 100 == 5 && code != CURLE_LOGIN_DENIED ? MAIL_REFUSED :
								 MAIL_LATER;
}

static void
mail_log(enum mail_end end, const char *why)
{
	struct log_line l;

	log_begin(&l, end == MAIL_SENT ? LOG_INFO : LOG_WARN,
	    end == MAIL_SENT ? "mail" : "mail not sent");
	if (end != MAIL_SENT)
		log_str(&l, "why", why);
	log_end(&l);
}

enum mail_end
mail_send(struct arena *a, const struct mime_letter *letter, const char **why)
{
	struct mime_letter own = *letter;
	struct posting p = { 0 };
	struct curl_slist to = { 0 };
	enum mail_end end = MAIL_LATER;

	*why = "failed on purpose";
	if (fault_due())
		return MAIL_LATER;
	own.from = conf->smtp_from;
	p.text = mime_print(a, &own);
	*why = "the address cannot be written to";
	if (p.text == NULL)
		return mime_address(own.to) ? MAIL_LATER : MAIL_REFUSED;
	*why = "the letter cannot be prepared";
	p.left = strlen(p.text);
	to.data = arena_str(a, own.to);
	if (!fetch_start() || (p.curl = curl_easy_init()) == NULL)
		return MAIL_LATER;
	if (to.data != NULL && prepare(&p, &to))
		end = post(a, &p, why);
	curl_easy_cleanup(p.curl);
	mail_log(end, *why);
	return end;
}
