/* id.c - UUID version 7 identifiers. */
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/id.h"

static void
random_fill(unsigned char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

void
id_new(char out[ID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	static int64_t last_ms;
	static unsigned seq;
	unsigned char u[16];
	int64_t ms = clock_now_ms();
	char *p = out;

	random_fill(u, sizeof(u));
	if (ms <= last_ms) {
		ms = last_ms;
		seq++;
		if (seq > 0xfff) {
			seq = 0;
			ms++;
		}
	} else
		seq = u[6] & 0x7;
	last_ms = ms;
	for (int i = 0; i < 6; i++)
		u[i] = (unsigned char)(ms >> (8 * (5 - i)));
	u[6] = (unsigned char)(0x70 | (seq >> 8));
	u[7] = (unsigned char)seq;
	u[8] = (unsigned char)(0x80 | (u[8] & 0x3f));
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[u[i] >> 4];
		*p++ = hex[u[i] & 15];
	}
	*p = '\0';
}

bool
id_valid(const char *s)
{
	if (strlen(s) != ID_TEXT - 1)
		return false;
	for (int i = 0; i < ID_TEXT - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' :
			   strchr("0123456789abcdef", s[i]) == NULL)
			return false;
	}
	return true;
}
