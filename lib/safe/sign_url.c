/* sign_url.c - spellings of a URL under which a signature is accepted. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/str.h"
#include "safe/sign_url.h"
#include "wire/http.h"

/* A URL in parts; each but the last ends where the next one starts. */
struct parts {
	const char *scheme; /* "https://" */
	const char *user;   /* "name:password@" or empty */
	const char *host;
	const char *port; /* ":443" or empty */
	const char *rest; /* path and query, to the end */
};

static bool
url_split(const char *url, struct parts *p)
{
	const char *end;

	if (strncasecmp(url, "http://", 7) != 0 &&
	    strncasecmp(url, "https://", 8) != 0)
		return false;
	p->scheme = url;
	p->user = strchr(url, '/') + 2;
	p->rest = p->user + strcspn(p->user, "/?#");
	p->host = p->user;
	for (end = p->rest; end > p->user; end--)
		if (end[-1] == '@') {
			p->host = end;
			break;
		}
	p->port = p->host;
	for (end = p->rest; end > p->host; end--)
		if (end[-1] == ']') {
			p->port = end;
			break;
		}
	while (p->port < p->rest && *p->port != ':')
		p->port++;
	return true;
}

static bool
is_https(const struct parts *p)
{
	return p->user - p->scheme == 8;
}

static const char *
port_drop(struct arena *a, const char *url)
{
	struct parts p;

	if (!url_split(url, &p))
		return url;
	return arena_printf(a, "%.*s%s", (int)(p.port - url), url, p.rest);
}

static const char *
port_add(struct arena *a, const char *url)
{
	struct parts p;

	if (!url_split(url, &p) || p.port != p.rest)
		return url;
	return arena_printf(a, "%.*s%s%s", (int)(p.port - url), url,
	    is_https(&p) ? ":443" : ":80", p.rest);
}

/* Add text; what is no visible ASCII, or in set, as %XX. */
static void
add_escaped(struct buf *b, const char *s, size_t len, const char *set)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c <= ' ' || c > '~' || strchr(set, c) != NULL)
			buf_printf(b, "%%%02X", c);
		else
			buf_char(b, (char)c);
	}
}

/* 1 for ".", 2 for "..", dots also as %2e; 0 for a real segment. */
static int
dots(const char *s, size_t len)
{
	int n = 0;

	while (len > 0) {
		size_t step = len >= 3 && strncasecmp(s, "%2e", 3) == 0 ? 3 : 1;

		if ((step == 1 && *s != '.') || ++n > 2)
			return 0;
		s += step;
		len -= step;
	}
	return n;
}

/* The path with its dot segments gone, each part behind a slash. */
static void
add_path(struct buf *b, const char *s, size_t len)
{
	const char *end = s + len;
	size_t floor = b->len;

	if (s < end)
		s++;
	for (;;) {
		const char *stop = s;
		int up;

		while (stop < end && *stop != '/' && *stop != '\\')
			stop++;
		up = dots(s, (size_t)(stop - s));
		while (up == 2 && b->len > floor && b->data[--b->len] != '/')
			;
		if (up == 0) {
			buf_char(b, '/');
			add_escaped(b, s, (size_t)(stop - s), "\"#<>?`{}");
		} else if (stop == end)
			buf_char(b, '/');
		if (stop == end)
			return;
		s = stop + 1;
	}
}

/* The port, unless it is the scheme's own; false when it is no number. */
static bool
add_port(struct buf *b, const struct parts *p)
{
	uint32_t n = 0;

	if (p->rest - p->port <= 1)
		return true;
	for (const char *s = p->port + 1; s < p->rest; s++) {
		if (!isdigit((unsigned char)*s) ||
		    (n = n * 10 + (uint32_t)(*s - '0')) > 65535)
			return false;
	}
	if (n != (is_https(p) ? 443 : 80))
		buf_printf(b, ":%u", n);
	return true;
}

/* As the URL standard writes it; NULL when it has no such form. */
static const char *
url_normal(struct arena *a, const char *url)
{
	const char *query;
	struct parts p;
	struct buf b;

	if (!url_split(url, &p) || p.host == p.port)
		return NULL;
	buf_init(&b, a);
	buf_str(&b, is_https(&p) ? "https://" : "http://");
	buf_add(&b, p.user, (size_t)(p.host - p.user));
	for (const char *s = p.host; s < p.port; s++) {
		if (!isalnum((unsigned char)*s) && !strchr("-._[]:", *s))
			return NULL;
		buf_char(&b, (char)tolower((unsigned char)*s));
	}
	if (!add_port(&b, &p))
		return NULL;
	query = p.rest + strcspn(p.rest, "?");
	add_path(&b, p.rest, (size_t)(query - p.rest));
	add_escaped(&b, query, strlen(query), "\"#<>'");
	return b.bad ? NULL : b.data;
}

/* Escaped as Node's querystring module does. */
static void
add_component(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		if (isalnum((unsigned char)*s) || strchr("!'()*-._~", *s))
			buf_char(b, *s);
		else
			buf_printf(b, "%%%02X", (unsigned char)*s);
}

/* A name with all its values, which are then struck out. */
static void
add_name(struct buf *b, struct pairs *q, const char *name)
{
	for (size_t i = 0; i < q->count; i++) {
		struct pair *p = &q->list[i];

		if (p->name == NULL || strcmp(p->name, name) != 0)
			continue;
		if (b->len > 0)
			buf_char(b, '&');
		add_component(b, name);
		buf_char(b, '=');
		add_component(b, p->value);
		p->name = NULL;
	}
}

/*
 * The pair that an object of JavaScript lists next: the lowest array index,
 * else the first of those left. NULL at the end.
 */
static const char *
name_next(const struct pairs *q)
{
	const char *best = NULL;
	int64_t low = INT64_C(4294967295), n;

	for (size_t i = 0; i < q->count; i++) {
		const char *s = q->list[i].name;

		if (s == NULL)
			continue;
		if (isdigit((unsigned char)*s) && (*s != '0' || !s[1]) &&
		    str_int(s, 0, low - 1, &n)) {
			low = n;
			best = s;
		} else if (best == NULL)
			best = s;
	}
	return best;
}

/* The URL with its query decoded and escaped anew; NULL without one. */
static const char *
url_requery(struct arena *a, const char *url)
{
	const char *query = strchr(url, '?'), *name;
	struct pairs q;
	struct buf b;

	if (query == NULL || query[1] == '\0' ||
	    !http_pairs(a, query + 1, strlen(query + 1), &q))
		return NULL;
	buf_init(&b, a);
	while ((name = name_next(&q)) != NULL)
		add_name(&b, &q, name);
	if (b.bad)
		return NULL;
	return arena_printf(a, "%.*s%s", (int)(query + 1 - url), url,
	    buf_text(&b));
}

size_t
sign_urls(struct arena *a, const char *url, const char *out[SIGN_URLS])
{
	const char *all[SIGN_URLS / 2] = { url };
	struct parts p;
	size_t n = 0;

	if (!url_split(url, &p))
		return 0;
	all[1] = url_normal(a, url);
	if (all[1] != NULL)
		all[2] = url_requery(a, all[1]);
	for (size_t i = 0; i < COUNT(all); i++) {
		if (all[i] == NULL)
			continue;
		out[n++] = port_drop(a, all[i]);
		out[n++] = port_add(a, all[i]);
	}
	return arena_full(a) ? 0 : n;
}
