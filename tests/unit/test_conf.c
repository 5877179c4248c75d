/* test_conf.c - settings from the environment and one file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/conf.h"

static char folder[] = "/tmp/test_conf.XXXXXX";
static char path[64];
static char why[256];

static void
file_put(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* No setting in the environment, no file, and the folder as data. */
static int
fresh(void **state)
{
	static const char *const names[] = {
#define X(member, name, kind, def, help) name,
#include "base/conf.def"
#undef X
		"FRONTDESK_CONF"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		unsetenv(names[i]);
	(void)unlink(path);
	setenv("FRONTDESK_DATA", folder, 1);
	*why = '\0';
	return 0;
}

static void
defaults(void **state)
{
	char want[100];

	(void)state;
	assert_int_equal(conf_load(why), OK);
	assert_string_equal(conf->data, folder);
	assert_int_equal(conf->port, 8080);
	assert_string_equal(conf->public_url, "http://localhost:8080");
	assert_string_equal(conf->vapi_url, "https://api.vapi.ai");
	assert_string_equal(conf->sandbox_url, "");
	assert_int_equal(conf->peer_timeout_ms, 8000);
	snprintf(want, sizeof(want), "%s/frontdesk.db", folder);
	assert_string_equal(conf->database, want);
	snprintf(want, sizeof(want), "%s/keys", folder);
	assert_string_equal(conf->key_file, want);
}

static void
file(void **state)
{
	(void)state;
	file_put("# settings\n\n  port = 9000  \nFRONTDESK_WORKERS=2\n"
		 "Vapi_SIP_host\t=\tsip.example \r\n"
		 "public_url = https://desk.example///\nca_file = a b\n"
		 "key_file =\n");
	assert_int_equal(conf_load(why), OK);
	assert_int_equal(conf->port, 9000);
	assert_int_equal(conf->workers, 2);
	assert_string_equal(conf->vapi_sip_host, "sip.example");
	assert_string_equal(conf->public_url, "https://desk.example");
	assert_string_equal(conf->ca_file, "a b");
	assert_non_null(strstr(conf->key_file, "/keys"));
}

static void
environment_wins(void **state)
{
	(void)state;
	file_put("port = 9000\nworkers = 2\n");
	setenv("FRONTDESK_PORT", "9001", 1);
	assert_int_equal(conf_load(why), OK);
	assert_int_equal(conf->port, 9001);
	assert_int_equal(conf->workers, 2);
	assert_string_equal(conf->public_url, "http://localhost:9001");
	setenv("FRONTDESK_CONF", "/dev/null", 1);
	assert_int_equal(conf_load(why), OK);
	assert_int_equal(conf->workers, 4);
	setenv("FRONTDESK_CONF", path, 1);
	unsetenv("FRONTDESK_PORT");
	assert_int_equal(conf_load(why), OK);
	assert_int_equal(conf->port, 9000);
}

static void
mistakes(void **state)
{
	static const char *const bad[] = { "prot = 1\n", "port\n", "port = x\n",
		"port =\n", "port = -1\n", "port = 1.5\n",
		"vapi_url = ftp://x\n", "vapi_url = api.vapi.ai\n",
		"FRONTDESK_ = 1\n", "= 1\n", "port = 1 # one\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		file_put(bad[i]);
		*why = '\0';
		assert_int_equal(conf_load(why), E_INPUT);
		assert_non_null(strstr(why, ":1: "));
	}
	file_put("");
	setenv("FRONTDESK_WORKERS", "many", 1);
	assert_int_equal(conf_load(why), E_INPUT);
	assert_non_null(strstr(why, "FRONTDESK_WORKERS"));
	unsetenv("FRONTDESK_WORKERS");
}

/* Long lines and long values: never past the room for the reason. */
static void
long_lines(void **state)
{
	char text[6000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	file_put(text);
	assert_int_equal(conf_load(why), E_INPUT);
	memcpy(text, "port = ", 7);
	text[3000] = '\0';
	file_put(text);
	assert_int_equal(conf_load(why), E_INPUT);
	memcpy(text, "vapi_url = ", 11);
	file_put(text);
	assert_int_equal(conf_load(why), E_INPUT);
	assert_true(strlen(why) < sizeof(why));
	/* the rest of a long comment is no setting */
	memset(text, ' ', sizeof(text));
	text[0] = '#';
	memcpy(text + 4095, "port = 1", 9);
	file_put(text);
	assert_int_equal(conf_load(why), E_INPUT);
	assert_non_null(strstr(why, "too long"));
}

static void
folder_as_file(void **state)
{
	(void)state;
	setenv("FRONTDESK_CONF", folder, 1);
	assert_int_equal(conf_load(why), E_INPUT);
	assert_non_null(strstr(why, "directory"));
}

static void
long_folder(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	setenv("FRONTDESK_DATA", text, 1);
	assert_int_equal(conf_load(why), E_INPUT);
	assert_non_null(strstr(why, "too long"));
}

static void
prints(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_non_null(f);
	assert_int_equal(conf_load(why), OK);
	conf_print(f);
	fclose(f);
	assert_non_null(strstr(text, "FRONTDESK_PORT = 8080\n\t"));
	assert_non_null(strstr(text, "FRONTDESK_KEY_FILE = /tmp/"));
	free(text);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/frontdesk.conf", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(defaults, fresh),
		cmocka_unit_test_setup(file, fresh),
		cmocka_unit_test_setup(environment_wins, fresh),
		cmocka_unit_test_setup(mistakes, fresh),
		cmocka_unit_test_setup(long_lines, fresh),
		cmocka_unit_test_setup(folder_as_file, fresh),
		cmocka_unit_test_setup(long_folder, fresh),
		cmocka_unit_test_setup(prints, fresh),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
