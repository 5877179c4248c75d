/* said.c - sentences of providers, on one line and not too long. */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "peer/said.h"

const char *
said_line(struct arena *a, const char *text)
{
	size_t left = text != NULL ? strlen(text) : 0, n;
	struct buf b;

	buf_init(&b, a);
	for (; left > 0 && (n = str_step(text, left)) > 0;
	     text += n, left -= n) {
		if (b.len + n > SAID_MAX) {
			buf_str(&b, "…");
			break;
		}
		if (n == 1 && ((unsigned char)*text < ' ' || *text == 0x7f))
			buf_char(&b, ' ');
		else
			buf_add(&b, text, n);
	}
	if (b.bad || strspn(buf_text(&b), " ") == b.len)
		return NULL;
	return buf_text(&b);
}
