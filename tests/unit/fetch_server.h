/*
 * fetch_server.h - the small HTTP server that test_fetch.c calls: a process
 * on loopback that forks for each connection and misbehaves by path.
 */
#ifndef FETCH_SERVER_H
#define FETCH_SERVER_H

#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static pid_t server;
static int port;
static unsigned *posts; /* requests of /count; shared memory */

static void
put(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t w = write(fd, text, n);

		if (w <= 0)
			return;
		text += w;
		n -= (size_t)w;
	}
}

static void
answer(int fd, const char *head, const char *body)
{
	char text[8192];

	snprintf(text, sizeof(text),
	    "HTTP/1.1 %s\r\nContent-Length: %zu\r\n"
	    "\r\n%s",
	    head, strlen(body), body);
	put(fd, text);
}

static void
answer_big(int fd, bool with_length)
{
	static char block[65537];

	memset(block, 'x', 65536);
	if (with_length)
		put(fd, "HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\n\r\n");
	else
		put(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 80; i++)
		put(fd, block);
}

static void
answer_date(int fd)
{
	char head[200], date[64];
	time_t t = time(NULL) + 90;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	snprintf(head, sizeof(head), "503 Busy\r\nRetry-After: %s", date);
	answer(fd, head, "");
}

/* Whole answers; false for another path. */
static bool
serve_whole(int fd, const char *path, const char *request)
{
	char count[20];

	if (strcmp(path, "/ok") == 0)
		answer(fd, "200 OK\r\nContent-Type: application/json",
		    "{\"a\":1}");
	else if (strcmp(path, "/echo") == 0)
		answer(fd, "200 OK\r\nContent-Type: text/plain", request);
	else if (strcmp(path, "/empty") == 0)
		put(fd, "HTTP/1.1 204 No Content\r\n\r\n");
	else if (strcmp(path, "/counted") == 0) {
		snprintf(count, sizeof(count), "%u", *posts);
		answer(fd, "200 OK", count);
		*posts = 0;
	} else if (strcmp(path, "/big") == 0)
		answer_big(fd, true);
	else if (strcmp(path, "/away") == 0)
		answer(fd, "302 Found\r\nLocation: /ok", "");
	else if (strcmp(path, "/busy") == 0)
		answer(fd, "429 Slow down\r\nretry-after: 7", "slow");
	else if (strcmp(path, "/date") == 0)
		answer_date(fd);
	else if (strcmp(path, "/none") == 0)
		answer(fd, "404 Not found", "{\"message\":\"no\"}");
	else
		return false;
	return true;
}

/* False when the connection has to be closed. */
static bool
serve(int fd, const char *request)
{
	char path[100];

	sscanf(request, "%*s %99s", path);
	if (serve_whole(fd, path, request))
		return true;
	if (strcmp(path, "/hang") == 0)
		sleep(2);
	else if (strncmp(path, "/half", 5) == 0)
		put(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
	else if (strcmp(path, "/count") == 0)
		++*posts;
	else if (strcmp(path, "/endless") == 0)
		answer_big(fd, false);
	else if (strcmp(path, "/junk") == 0)
		put(fd, "no http at all\r\n");
	return false;
}

/* Bytes of the whole request at the start of text, 0 when not yet there. */
static size_t
request_len(const char *text, size_t len)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *field = strcasestr(text, "\r\nContent-Length:");
	size_t want;

	if (end == NULL)
		return 0;
	want = (size_t)(end - text) + 4;
	if (field != NULL && field < end)
		want += strtoul(field + 17, NULL, 10);
	return len >= want ? want : 0;
}

static void
connection_serve(int fd)
{
	static char text[8192];
	size_t len = 0;
	ssize_t n;

	memset(text, 0, sizeof(text));
	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0) {
		len += (size_t)n;
		if (request_len(text, len) == 0)
			continue;
		if (!serve(fd, text))
			break;
		memset(text, 0, sizeof(text));
		len = 0;
	}
	close(fd);
}

static int
listen_any(int *number)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&in, len) != 0 ||
	    listen(fd, 20) != 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) != 0)
		abort();
	*number = ntohs(in.sin_port);
	return fd;
}

static void
server_start(void)
{
	int fd = listen_any(&port);

	posts = mmap(NULL, sizeof(*posts), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (posts == MAP_FAILED)
		abort();
	server = fork();
	if (server == 0) {
		signal(SIGPIPE, SIG_IGN);
		signal(SIGCHLD, SIG_IGN);
		alarm(30);
		for (;;) {
			int c = accept(fd, NULL, NULL);

			if (fork() == 0) {
				connection_serve(c);
				_exit(0);
			}
			close(c);
		}
	}
	close(fd);
}

#endif
