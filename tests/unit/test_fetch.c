/* test_fetch.c - calls to a small server of our own, over loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/fault.h"
#include "base/str.h"
#include "peer/fetch.h"
#include "fetch_server.h"

static pid_t tls_server;
static int tls_port;
static struct arena *arena;
static char folder[] = "/tmp/test_fetch.XXXXXX";

/* ---- helpers of the tests ---- */

static struct fetch_reply
call(struct fetch f)
{
	struct fetch_reply r;

	if (f.timeout_ms == 0)
		f.timeout_ms = 5000;
	fetch_call(arena, &f, &r);
	assert_non_null(r.type);
	assert_non_null(r.body);
	assert_non_null(r.why);
	if (r.end != FETCH_ANSWERED) {
		assert_int_equal(r.status, 0);
		assert_true(strlen(r.why) > 0);
	}
	return r;
}

static const char *
at(const char *path)
{
	return arena_printf(arena, "http://127.0.0.1:%d%s", port, path);
}

static struct fetch_reply
get(const char *path)
{
	return call((struct fetch) { .method = "GET", .url = at(path) });
}

static int
fresh(void **state)
{
	(void)state;
	arena_reset(arena);
	return 0;
}

/* ---- the tests ---- */

static void
answers(void **state)
{
	struct fetch_reply r = get("/ok");

	(void)state;
	assert_int_equal(r.end, FETCH_ANSWERED);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.type, "application/json");
	assert_string_equal(r.body, "{\"a\":1}");
	assert_int_equal(r.body_len, 7);
	assert_int_equal(r.retry_after_s, -1);
	assert_string_equal(r.why, "");
	r = get("/empty");
	assert_int_equal(r.end, FETCH_ANSWERED);
	assert_int_equal(r.status, 204);
	assert_string_equal(r.body, "");
	assert_string_equal(r.type, "");
	r = get("/none");
	assert_int_equal(r.status, 404);
	assert_string_equal(r.body, "{\"message\":\"no\"}");
	r = get("/away");
	assert_int_equal(r.end, FETCH_ANSWERED);
	assert_int_equal(r.status, 302);
}

static void
requests(void **state)
{
	struct fetch f = { .method = "POST",
		.url = at("/echo"),
		.bearer = "se cret",
		.type = "application/json",
		.body = "{\"b\":2}",
		.body_len = 7 };
	struct fetch_reply r = call(f);

	(void)state;
	assert_true(str_starts(r.body, "POST /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(r.body, "Authorization: Bearer se cret\r\n"));
	assert_non_null(strstr(r.body, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(r.body, "Content-Length: 7\r\n"));
	assert_non_null(strstr(r.body, "User-Agent: frontdesk\r\n"));
	assert_non_null(strstr(r.body, "\r\n\r\n{\"b\":2}"));
	assert_null(strcasestr(r.body, "Expect"));
	f = (struct fetch) { .method = "PATCH",
		.url = at("/echo"),
		.user = "AC1",
		.password = "pass",
		.body = "x=1",
		.body_len = 3 };
	r = call(f);
	assert_true(str_starts(r.body, "PATCH /echo "));
	assert_non_null(
	    strstr(r.body, "Authorization: Basic QUMxOnBhc3M=\r\n"));
	assert_null(strcasestr(r.body, "Content-Type"));
	assert_null(strcasestr(r.body, "Bearer"));
	r = call((struct fetch) { .method = "DELETE", .url = at("/echo") });
	assert_true(str_starts(r.body, "DELETE /echo "));
	assert_null(strcasestr(r.body, "Authorization"));
	assert_null(strcasestr(r.body, "Content-"));
	r = call((struct fetch) { .method = "POST", .url = at("/echo") });
	assert_non_null(strstr(r.body, "Content-Length: 0\r\n"));
	r = call((struct fetch) { .method = "PUT",
	    .url = at("/echo"),
	    .body = "",
	    .body_len = 0,
	    .type = "text/plain" });
	assert_true(str_starts(r.body, "PUT /echo "));
	assert_non_null(strstr(r.body, "Content-Length: 0\r\n"));
	r = get("/echo");
	assert_true(str_starts(r.body, "GET /echo "));
}

static void
body_of_bytes(void **state)
{
	char big[4000];
	struct fetch_reply r;

	(void)state;
	memset(big, 'y', sizeof(big));
	r = call((struct fetch) { .method = "POST",
	    .url = at("/echo"),
	    .body = big,
	    .body_len = sizeof(big) });
	assert_int_equal(r.end, FETCH_ANSWERED);
	assert_memory_equal(r.body + r.body_len - sizeof(big), big,
	    sizeof(big));
}

static void
no_answer(void **state)
{
	int64_t start = clock_tick_us();
	struct fetch_reply r = call((struct fetch) { .method = "POST",
	    .url = at("/hang"),
	    .body = "x",
	    .body_len = 1,
	    .timeout_ms = 200 });

	(void)state;
	assert_int_equal(r.end, FETCH_UNKNOWN);
	assert_true(clock_tick_us() - start < 1500000);
	assert_int_equal(get("/half").end, FETCH_UNKNOWN);
	assert_int_equal(get("/close").end, FETCH_UNKNOWN);
	assert_int_equal(get("/junk").end, FETCH_UNKNOWN);
	assert_int_equal(get("/ok").end, FETCH_ANSWERED);
}

/* A kept connection that dies must not make a POST go out twice. */
static void
sent_once(void **state)
{
	static const char *const methods[] = { "POST", "PATCH", "POST" };

	(void)state;
	for (size_t i = 0; i < COUNT(methods); i++) {
		assert_string_equal(get("/ok").body, "{\"a\":1}");
		assert_int_equal(call((struct fetch) { .method = methods[i],
					  .url = at("/count"),
					  .body = i < 2 ? "x=1" : NULL,
					  .body_len = i < 2 ? 3 : 0 })
				     .end,
		    FETCH_UNKNOWN);
		assert_string_equal(get("/counted").body, "1");
	}
}

static void
refused(void **state)
{
	struct fetch f = { .method = "GET", .url = at("/ok") };
	int dead, fd = listen_any(&dead);

	(void)state;
	close(fd);
	f.url = arena_printf(arena, "http://127.0.0.1:%d/", dead);
	assert_int_equal(call(f).end, FETCH_REFUSED);
	f.url = "http://nowhere.invalid/";
	assert_int_equal(call(f).end, FETCH_REFUSED);
	f.url = "file:///etc/hostname";
	assert_int_equal(call(f).end, FETCH_REFUSED);
	f.url = "not a url";
	assert_int_equal(call(f).end, FETCH_REFUSED);
	f.url = at("/ok\r\nX: y");
	assert_int_equal(call(f).end, FETCH_REFUSED);
	f.url = at("/ok");
	f.bearer = "a\r\nX-Evil: 1";
	assert_int_equal(call(f).end, FETCH_REFUSED);
	f.bearer = NULL;
	f.timeout_ms = -1;
	assert_int_equal(call(f).end, FETCH_REFUSED);
	f.timeout_ms = 0;
	f.method = "BREW";
	assert_int_equal(call(f).end, FETCH_REFUSED);
}

/* A listener that never accepts: the handshake is what cannot end. */
static void
refused_connecting(void **state)
{
	struct fetch f = { .method = "POST",
		.body = "x",
		.body_len = 1,
		.timeout_ms = 200 };
	int number, fd = listen_any(&number);

	(void)state;
	f.url = arena_printf(arena, "https://127.0.0.1:%d/", number);
	assert_int_equal(call(f).end, FETCH_REFUSED);
	f.url = arena_printf(arena, "http://127.0.0.1:%d/", number);
	assert_int_equal(call(f).end, FETCH_UNKNOWN);
	close(fd);
}

static void
too_long(void **state)
{
	(void)state;
	assert_int_equal(get("/big").end, FETCH_UNKNOWN);
	assert_non_null(strstr(get("/endless").why, "too long"));
	arena_reset(arena);
	assert_int_equal(get("/ok").end, FETCH_ANSWERED);
}

static void
arena_too_small(void **state)
{
	struct arena *small = arena_new(40000);
	struct fetch f = { .method = "GET",
		.url = at("/endless"),
		.timeout_ms = 2000 };
	struct fetch_reply r;

	(void)state;
	assert_non_null(small);
	fetch_call(small, &f, &r);
	assert_int_equal(r.end, FETCH_UNKNOWN);
	assert_true(strlen(r.why) > 0);
	arena_free(small);
}

static void
retry_after(void **state)
{
	struct fetch_reply r = get("/busy");

	(void)state;
	assert_int_equal(r.status, 429);
	assert_int_equal(r.retry_after_s, 7);
	assert_string_equal(r.body, "slow");
	r = get("/date");
	assert_int_equal(r.status, 503);
	assert_in_range(r.retry_after_s, 80, 90);
}

static void
no_proxy(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(get("/ok").end, FETCH_ANSWERED);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
}

static void
secrets_stay(void **state)
{
	struct fetch f = { .method = "GET",
		.url = at("/half?key=hidden"),
		.bearer = "hidden",
		.user = NULL };

	(void)state;
	assert_null(strstr(call(f).why, "hidden"));
	f.url = "http://hidden:hidden@nowhere.invalid/hidden";
	assert_null(strstr(call(f).why, "hidden"));
	f.url = "::hidden";
	assert_null(strstr(call(f).why, "hidden"));
}

static void
faults(void **state)
{
	(void)state;
	fault_arm(1);
	assert_int_equal(get("/ok").end, FETCH_UNKNOWN);
	assert_true(fault_fired());
	assert_int_equal(get("/ok").end, FETCH_ANSWERED);
}

/* More origins than are kept, then a fork that makes its own handles. */
static void
many_origins(void **state)
{
	int status;
	pid_t child;

	(void)state;
	for (int i = 1; i <= 20; i++) {
		const char *url = arena_printf(arena, "http://127.0.0.%d:%d/",
		    i % 10 + 2, port);

		assert_int_equal(
		    call((struct fetch) { .method = "GET", .url = url }).end,
		    FETCH_REFUSED);
	}
	assert_int_equal(get("/ok").end, FETCH_ANSWERED);
	child = fork();
	if (child == 0)
		_exit(get("/ok").status == 200 ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(get("/ok").end, FETCH_ANSWERED);
}

/* ---- TLS, with the server of the openssl command ---- */

static bool
run(const char *fmt)
{
	char command[2000];

	snprintf(command, sizeof(command), "cd %s && { %s; } >/dev/null 2>&1",
	    folder, fmt);
	return system(command) == 0;
}

static bool
tls_keys(void)
{
	return run("new='openssl req -x509 -nodes -days 2 -newkey ec "
		   "-pkeyopt ec_paramgen_curve:P-256'; "
		   "$new -keyout key.pem -out cert.pem -subj /CN=127.0.0.1 "
		   "-addext subjectAltName=IP:127.0.0.1 && "
		   "$new -keyout other.key -out other.pem -subj /CN=other");
}

/* The command tells its port in a line "ACCEPT 127.0.0.1:port". */
static bool
tls_start(void)
{
	int out[2];
	char line[200];
	FILE *f;

	if (pipe(out) != 0)
		return false;
	tls_server = fork();
	if (tls_server == 0) {
		if (chdir(folder) != 0)
			_exit(1);
		dup2(out[1], STDOUT_FILENO);
		dup2(open("/dev/null", O_RDWR), STDERR_FILENO);
		close(out[0]);
		close(out[1]);
		alarm(60);
		execlp("openssl", "openssl", "s_server", "-accept",
		    "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem",
		    "-www", (char *)NULL);
		_exit(1);
	}
	close(out[1]);
	f = fdopen(out[0], "r");
	while (
	    f != NULL && tls_port == 0 && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "ACCEPT %*[0-9.]:%d", &tls_port) != 1)
			tls_port = 0;
	if (f != NULL)
		fclose(f);
	return tls_port != 0;
}

static enum fetch_end
tls_call(const char *ca, const char *host)
{
	char path[100], why[256];

	snprintf(path, sizeof(path), "%s/%s", folder, ca);
	setenv("FRONTDESK_CA_FILE", *ca != '\0' ? path : "", 1);
	assert_int_equal(conf_load(why), OK);
	return call(
	    (struct fetch) { .method = "GET",
		.url = arena_printf(arena, "https://%s:%d/", host, tls_port) })
	    .end;
}

static void
tls(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL || !tls_keys() || !tls_start())
		skip();
	assert_int_equal(tls_call("cert.pem", "127.0.0.1"), FETCH_ANSWERED);
	assert_int_equal(tls_call("other.pem", "127.0.0.1"), FETCH_REFUSED);
	assert_int_equal(tls_call("cert.pem", "localhost"), FETCH_REFUSED);
	assert_int_equal(tls_call("", "127.0.0.1"), FETCH_REFUSED);
	assert_int_equal(tls_call("none.pem", "127.0.0.1"), FETCH_REFUSED);
	assert_int_equal(tls_call("cert.pem", "127.0.0.1"), FETCH_ANSWERED);
}

static int
setup(void **state)
{
	char why[256];

	(void)state;
	setenv("FRONTDESK_CONF", "/dev/null", 1);
	arena = arena_new((size_t)32 << 20);
	server_start();
	return arena != NULL && conf_load(why) == OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	fetch_drop();
	fetch_drop();
	arena_free(arena);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	if (tls_server > 0) {
		kill(tls_server, SIGKILL);
		waitpid(tls_server, NULL, 0);
	}
	(void)run("rm -f key.pem cert.pem other.key other.pem");
	(void)rmdir(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(answers, fresh),
		cmocka_unit_test_setup(requests, fresh),
		cmocka_unit_test_setup(body_of_bytes, fresh),
		cmocka_unit_test_setup(no_answer, fresh),
		cmocka_unit_test_setup(sent_once, fresh),
		cmocka_unit_test_setup(refused, fresh),
		cmocka_unit_test_setup(refused_connecting, fresh),
		cmocka_unit_test_setup(too_long, fresh),
		cmocka_unit_test_setup(arena_too_small, fresh),
		cmocka_unit_test_setup(retry_after, fresh),
		cmocka_unit_test_setup(no_proxy, fresh),
		cmocka_unit_test_setup(secrets_stay, fresh),
		cmocka_unit_test_setup(faults, fresh),
		cmocka_unit_test_setup(many_origins, fresh),
		cmocka_unit_test_setup(tls, fresh),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
