/* fetch.c - calls to providers, by libcurl. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/fault.h"
#include "base/str.h"
#include "peer/fetch.h"

#define KEPT	    8
#define CONNECT_MS  3000
#define WAIT_MAX_MS 600000
#define HEADERS	    12

struct kept {
	CURL *curl;
	char origin[264]; /* "https://host:443" */
	uint64_t used;	  /* for the least recently used */
};

static struct kept kept[KEPT];
static uint64_t uses;
static pid_t owner;

/* One call under way. */
struct call {
	const struct fetch *fetch;
	CURL *curl;
	struct arena *arena;
	size_t sent;
	struct buf body;
	bool too_long;
	struct curl_slist headers[HEADERS];
	size_t header_count;
};

void
fetch_drop(void)
{
	for (size_t i = 0; i < KEPT; i++)
		if (kept[i].curl != NULL && owner == getpid())
			curl_easy_cleanup(kept[i].curl);
	memset(kept, 0, sizeof(kept));
}

/* Once per process: handles of a parent are not ours to use. */
bool
fetch_start(void)
{
	struct sigaction was;

	if (owner == getpid())
		return true;
	memset(kept, 0, sizeof(kept));
	/* OpenSSL writes without MSG_NOSIGNAL */
	if (sigaction(SIGPIPE, NULL, &was) == 0 && was.sa_handler == SIG_DFL)
		(void)signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return false;
	owner = getpid();
	return true;
}

/* The handle for an origin; NULL when out of memory. */
static CURL *
handle_for(const char *origin)
{
	struct kept *k = &kept[0];

	if (!fetch_start())
		return NULL;
	for (size_t i = 0; i < KEPT; i++) {
		if (strcmp(kept[i].origin, origin) == 0) {
			k = &kept[i];
			break;
		}
		if (kept[i].used < k->used)
			k = &kept[i];
	}
	if (k->curl != NULL && strcmp(k->origin, origin) != 0) {
		curl_easy_cleanup(k->curl);
		k->curl = NULL;
	}
	if (k->curl == NULL)
		k->curl = curl_easy_init();
	k->used = ++uses;
	memcpy(k->origin, origin, strlen(origin) + 1);
	return k->curl;
}

/* Scheme, host and port of an http or https URL; false when it is none. */
static bool
origin_read(const char *url, char out[264])
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	CURLU *u = curl_url();
	bool good = false;

	if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ==
		CURLUE_OK &&
	    str_in("http|https", scheme) && strlen(host) < 240) {
		snprintf(out, 264, "%s://%s:%s", scheme, host, port);
		good = true;
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return good;
}

static size_t
take_body(char *data, size_t size, size_t n, void *arg)
{
	struct call *c = arg;

	n *= size;
	if (n > FETCH_MAX_BYTES - c->body.len) {
		c->too_long = true;
		return 0;
	}
	buf_add(&c->body, data, n);
	return c->body.bad ? 0 : n;
}

static size_t
give_body(char *out, size_t size, size_t n, void *arg)
{
	struct call *c = arg;
	size_t left = c->fetch->body_len - c->sent;

	n *= size;
	if (n > left)
		n = left;
	if (n > 0)
		memcpy(out, c->fetch->body + c->sent, n);
	c->sent += n;
	return n;
}

/* Refused, so that libcurl does not send a body a second time. */
static int
no_rewind(void *arg, curl_off_t offset, int origin)
{
	(void)arg;
	(void)offset;
	(void)origin;
	return CURL_SEEKFUNC_FAIL;
}

/* Control characters would let a value end its header. */
static bool
is_clean(const char *s)
{
	for (; s != NULL && *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 127)
			return false;
	return true;
}

static bool
are_clean(const struct fetch_header *h)
{
	for (; h != NULL && h->name != NULL; h++)
		if (h->value == NULL || !is_clean(h->name) ||
		    !is_clean(h->value))
			return false;
	return true;
}

static void
wipe(void *arg)
{
	explicit_bzero(arg, strlen(arg));
}

/* The list of headers lives in the arena; the lines are wiped with it. */
static bool
header_add(struct call *c, const char *name, const char *value)
{
	struct curl_slist *h = &c->headers[c->header_count];

	if (c->header_count == HEADERS)
		return false;
	h->data = arena_printf(c->arena, "%s%s", name, value);
	h->next = NULL;
	if (h->data == NULL || !arena_defer(c->arena, wipe, h->data))
		return false;
	if (c->header_count++ > 0)
		h[-1].next = h;
	return true;
}

static bool
headers_set(struct call *c)
{
	const struct fetch *f = c->fetch;
	bool good = header_add(c, "Expect:", "");

	if (f->body != NULL && f->type != NULL)
		good = good && header_add(c, "Content-Type: ", f->type);
	else
		good = good && header_add(c, "Content-Type:", "");
	if (f->bearer != NULL)
		good =
		    good && header_add(c, "Authorization: Bearer ", f->bearer);
	for (const struct fetch_header *h = f->headers;
	     h != NULL && h->name != NULL; h++)
		good = good &&
		    header_add(c, arena_printf(c->arena, "%s: ", h->name),
			h->value);
	return good &&
	    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers) ==
	    CURLE_OK;
}

/* Method and body; no body is sent twice (see no_rewind). */
static void
method_set(struct call *c)
{
	const struct fetch *f = c->fetch;
	CURL *h = c->curl;

	if (strcmp(f->method, "GET") == 0 && f->body == NULL)
		return;
	curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, f->method);
	if (f->body == NULL && strcmp(f->method, "DELETE") == 0)
		return;
	curl_easy_setopt(h, CURLOPT_POST, 1L);
	if (f->body == NULL || f->body_len == 0) {
		/* nothing to rewind: keep it from being sent twice */
		curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, "");
		return;
	}
	curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)f->body_len);
	curl_easy_setopt(h, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(h, CURLOPT_READDATA, c);
	curl_easy_setopt(h, CURLOPT_SEEKFUNCTION, no_rewind);
}

/* False when this libcurl lacks what safety rests on. */
static bool
safety_set(CURL *h, const char *scheme, int64_t timeout_ms)
{
	long wait_ms =
	    timeout_ms < WAIT_MAX_MS ? (long)timeout_ms : WAIT_MAX_MS;
	bool good;

	good = curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, scheme) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, wait_ms) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) ==
		CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_MAXFILESIZE_LARGE,
		(curl_off_t)FETCH_MAX_BYTES) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_SSLVERSION,
		(long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	if (good && conf->ca_file != NULL && *conf->ca_file != '\0')
		good = curl_easy_setopt(h, CURLOPT_CAINFO, conf->ca_file) ==
		    CURLE_OK;
	return good;
}

static bool
call_prepare(struct call *c, const char *scheme)
{
	const struct fetch *f = c->fetch;
	CURL *h = c->curl;

	curl_easy_reset(h);
	if (!safety_set(h, scheme, f->timeout_ms) ||
	    curl_easy_setopt(h, CURLOPT_URL, f->url) != CURLE_OK ||
	    !headers_set(c))
		return false;
	method_set(c);
	/* one connection, one request: outcomes stay plain */
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "frontdesk");
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, c);
	if (f->user == NULL)
		return true;
	curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	return curl_easy_setopt(h, CURLOPT_USERNAME, f->user) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_PASSWORD,
		f->password != NULL ? f->password : "") == CURLE_OK;
}

/* Retry-After: seconds, or a date (RFC 9110, 10.2.3). */
static int64_t
retry_after(CURL *h)
{
	struct curl_header *header;
	int64_t s;
	time_t at;

	if (curl_easy_header(h, "Retry-After", 0, CURLH_HEADER, -1, &header) !=
	    CURLHE_OK)
		return -1;
	if (str_int(header->value, 0, INT32_MAX, &s))
		return s;
	at = curl_getdate(header->value, NULL);
	if (at == -1)
		return -1;
	s = (int64_t)at - clock_now_ms() / 1000;
	return s > 0 ? s : 0;
}

static void
reply_read(struct call *c, struct fetch_reply *r)
{
	const char *type = NULL;
	long status = 0;

	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c->curl, CURLINFO_CONTENT_TYPE, &type);
	r->type = type != NULL ? arena_str(c->arena, type) : "";
	if (r->type == NULL) {
		r->type = "";
		r->why = "no memory is left for the answer";
		return;
	}
	r->end = FETCH_ANSWERED;
	r->status = (int)status;
	r->body = buf_text(&c->body);
	r->body_len = c->body.len;
	r->retry_after_s = retry_after(c->curl);
	r->why = "";
}

/* What went wrong, with the host but nothing that was sent. */
static void
failure_read(struct call *c, CURLcode code, const char *origin,
    struct fetch_reply *r)
{
	const char *what = curl_easy_strerror(code);
	long request_bytes = 0;
	char *why;

	if (c->too_long || code == CURLE_FILESIZE_EXCEEDED)
		what = "the answer is too long";
	else if (c->body.bad)
		what = "no memory is left for the answer";
	curl_easy_getinfo(c->curl, CURLINFO_REQUEST_SIZE, &request_bytes);
	r->end = request_bytes == 0 ? FETCH_REFUSED : FETCH_UNKNOWN;
	why = arena_printf(c->arena, "%s: %s", origin, what);
	r->why = why != NULL ? why : what;
}

static bool
fetch_allowed(const struct fetch *f, struct fetch_reply *r)
{
	r->end = FETCH_REFUSED;
	if (f->timeout_ms <= 0)
		r->why = "no time is left for the call";
	else if (!str_in("GET|POST|PATCH|PUT|DELETE", f->method))
		r->why = "the method is not one of ours";
	else if (!is_clean(f->url) || !is_clean(f->bearer) ||
	    !is_clean(f->type) || !are_clean(f->headers))
		r->why = "there is a control character in a header";
	else
		return true;
	return false;
}

void
fetch_call(struct arena *a, const struct fetch *f, struct fetch_reply *r)
{
	struct call c = { .fetch = f, .arena = a };
	char origin[264];
	CURLcode code;

	*r = (struct fetch_reply) { .end = FETCH_UNKNOWN,
		.type = "",
		.body = "",
		.retry_after_s = -1,
		.why = "failed on purpose" };
	if (fault_due() || !fetch_allowed(f, r))
		return;
	r->why = "the call cannot be prepared";
	if (!origin_read(f->url, origin) ||
	    (c.curl = handle_for(origin)) == NULL)
		return;
	buf_init(&c.body, a);
	if (call_prepare(&c, str_starts(origin, "http:") ? "http" : "https")) {
		code = curl_easy_perform(c.curl);
		if (code == CURLE_OK) {
			r->end = FETCH_UNKNOWN;
			reply_read(&c, r);
		} else
			failure_read(&c, code, origin, r);
	}
	curl_easy_reset(c.curl); /* forget what this call brought */
}
