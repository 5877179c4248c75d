/*
 * twilio_sign.c - asks sign_twilio about records on stdin, for a test that
 * compares it with Twilio's own library.
 *
 * A record is four lines: token, URL, form body (empty: no parameters),
 * signature. For each, a line "ok" or "bad" is printed. Exit status 2 for a
 * record that is cut short or a body that is no form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "safe/sign.h"

static bool
line_read(char **line)
{
	static size_t room[4];
	static unsigned turn;
	ssize_t n = getline(line, &room[turn++ % 4], stdin);

	if (n < 0)
		return false;
	(*line)[strcspn(*line, "\n")] = '\0';
	return true;
}

int
main(void)
{
	struct arena *a = arena_new((size_t)16 << 20);
	char *line[4] = { NULL };
	int status = a != NULL ? 0 : 2;

	while (status == 0 && line_read(&line[0])) {
		struct pairs pairs;
		const char *form = NULL;

		for (int i = 1; i < 4 && status == 0; i++)
			if (!line_read(&line[i]))
				status = 2;
		if (status == 0)
			form = line[2];
		if (form == NULL ||
		    !http_pairs(a, form, strlen(form), &pairs)) {
			status = 2;
			break;
		}
		puts(sign_twilio(a, line[0], line[1],
			 *form != '\0' ? &pairs : NULL, line[3]) ?
			"ok" :
			"bad");
		arena_reset(a);
	}
	for (int i = 0; i < 4; i++)
		free(line[i]);
	arena_free(a);
	return status;
}
