/* conf.c - the settings, from the environment and one file. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/conf.h"
#include "base/str.h"

#define PREFIX	 "FRONTDESK_"
#define DATA_MAX 900 /* with a file's name behind it, a path of ours fits */

struct setting {
	const char *name; /* with the prefix */
	enum conf_kind kind;
	const char *def;
	const char *help;
	size_t offset;
	char *value; /* owned; as given */
};

static struct conf settings;
const struct conf *const conf = &settings;

static struct setting table[] = {
#define X(member, name, kind, def, help) \
	{ name, kind, def, help, offsetof(struct conf, member), NULL },
#include "base/conf.def"
#undef X
};

static struct setting *
setting_find(const char *name)
{
	size_t skip = strlen(PREFIX);

	for (size_t i = 0; i < COUNT(table); i++)
		if (strcasecmp(table[i].name, name) == 0 ||
		    strcasecmp(table[i].name + skip, name) == 0)
			return &table[i];
	return NULL;
}

/* Make value the setting's own. */
static enum rc
setting_put(struct setting *s, const char *value, char why[256])
{
	char *slot = (char *)&settings + s->offset;
	int64_t number;
	size_t n;

	free(s->value);
	s->value = strdup(value);
	if (s->value == NULL) {
		snprintf(why, 256, "out of memory");
		return E_INTERNAL;
	}
	if (s->kind == CONF_INT) {
		if (!str_int(value, 0, INT64_C(1) << 40, &number)) {
			snprintf(why, 256,
			    "%s must be a whole number, not "
			    "\"%s\"",
			    s->name, value);
			return E_INPUT;
		}
		memcpy(slot, &number, sizeof(number));
		return OK;
	}
	n = strlen(s->value);
	if (s->kind == CONF_URL && n > 0) {
		if (!str_starts(value, "http://") &&
		    !str_starts(value, "https://")) {
			snprintf(why, 256,
			    "%s must start with http:// or "
			    "https://, not \"%s\"",
			    s->name, value);
			return E_INPUT;
		}
		while (n > 0 && s->value[n - 1] == '/')
			s->value[--n] = '\0';
	}
	memcpy(slot, &s->value, sizeof(s->value));
	return OK;
}

/* One line of the file; comments and empty lines are fine. */
static enum rc
line_read(char *line, char why[256])
{
	struct setting *s;
	char *eq, *end;

	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	if (*line == '\0' || *line == '#')
		return OK;
	eq = strchr(line, '=');
	if (eq == NULL) {
		snprintf(why, 256, "\"%.100s\" is not `name = value`", line);
		return E_INPUT;
	}
	for (end = eq; end > line && isblank((unsigned char)end[-1]); end--)
		;
	*end = '\0';
	eq++;
	eq += strspn(eq, " \t");
	for (end = eq + strlen(eq);
	     end > eq && isblank((unsigned char)end[-1]);)
		*--end = '\0';
	s = setting_find(line);
	if (s == NULL) {
		snprintf(why, 256, "there is no setting \"%.100s\"", line);
		return E_INPUT;
	}
	return setting_put(s, eq, why);
}

static enum rc
file_read(const char *path, char why[256])
{
	char line[4096];
	enum rc rc = OK;
	FILE *f = fopen(path, "re");
	unsigned number = 0;

	if (f == NULL) {
		if (errno == ENOENT)
			return OK;
		snprintf(why, 256, "%.200s: %s", path, strerror(errno));
		return E_INPUT;
	}
	while (rc == OK && fgets(line, sizeof(line), f) != NULL) {
		number++;
		if (strlen(line) == sizeof(line) - 1) {
			snprintf(why, 256, "the line is too long");
			rc = E_INPUT;
		} else
			rc = line_read(line, why);
	}
	if (rc == OK && ferror(f)) {
		snprintf(why, 256, "%s", strerror(errno));
		rc = E_INPUT;
	}
	fclose(f);
	if (rc != OK) {
		char copy[200];

		snprintf(copy, sizeof(copy), "%.199s", why);
		snprintf(why, 256, "%.40s:%u: %.199s", path, number, copy);
	}
	return rc;
}

/* Defaults that follow from other settings. */
static enum rc
derive(char why[256])
{
	char text[1024];
	enum rc rc = OK;

	if (strlen(conf->data) > DATA_MAX) {
		snprintf(why, 256, "FRONTDESK_DATA is too long");
		return E_INPUT;
	}
	if (*conf->public_url == '\0') {
		snprintf(text, sizeof(text), "http://localhost:%lld",
		    (long long)conf->port);
		rc = setting_put(setting_find("public_url"), text, why);
	}
	if (rc == OK && *conf->database == '\0') {
		snprintf(text, sizeof(text), "%s/frontdesk.db", conf->data);
		rc = setting_put(setting_find("database"), text, why);
	}
	if (rc == OK && *conf->key_file == '\0') {
		snprintf(text, sizeof(text), "%s/keys", conf->data);
		rc = setting_put(setting_find("key_file"), text, why);
	}
	return rc;
}

enum rc
conf_load(char why[256])
{
	const char *file = getenv("FRONTDESK_CONF");
	const char *data = getenv("FRONTDESK_DATA");
	char path[1024];
	enum rc rc = OK;

	for (size_t i = 0; i < COUNT(table) && rc == OK; i++)
		rc = setting_put(&table[i], table[i].def, why);
	if (file == NULL) {
		snprintf(path, sizeof(path), "%s/frontdesk.conf",
		    data != NULL ? data : conf->data);
		file = path;
	}
	if (rc == OK)
		rc = file_read(file, why);
	for (size_t i = 0; i < COUNT(table) && rc == OK; i++) {
		const char *value = getenv(table[i].name);

		if (value != NULL)
			rc = setting_put(&table[i], value, why);
	}
	return rc == OK ? derive(why) : rc;
}

/* A value without the password of a URL in it. */
static void
value_print(FILE *out, const char *v)
{
	const char *user = strstr(v, "://"), *at, *colon;

	at = user != NULL ? strrchr(user, '@') : NULL;
	colon =
	    at != NULL ? memchr(user + 3, ':', (size_t)(at - user - 3)) : NULL;
	if (colon == NULL)
		fprintf(out, "%s", v);
	else
		fprintf(out, "%.*s:****%s", (int)(colon - v), v, at);
}

void
conf_print(FILE *out)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *v = table[i].value != NULL ? table[i].value : "";

		fprintf(out, "%s = ", table[i].name);
		if (table[i].kind == CONF_SECRET)
			fprintf(out, "%s", *v != '\0' ? "****" : "");
		else
			value_print(out, v);
		fprintf(out, "\n\t%s\n", table[i].help);
	}
}
