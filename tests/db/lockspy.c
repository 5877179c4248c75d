/*
 * lockspy.c - reports writes to a database file without the writers' lock.
 *
 * Loaded with LD_PRELOAD. LOCKSPY_DB names the main database file, its lock
 * file is that name with .lock; LOCKSPY_REPORT is appended to with one line
 * for each write of the main file: `locked` or `bare`, the process id, the
 * call, and how many bytes. Descriptors up to SPIED are followed, each open
 * file description in the process that opened it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

#define SPIED 1024

enum kind { OTHER, MAIN, LOCK };

static enum kind kind[SPIED];
static int held[SPIED];

static void *
real(const char *name)
{
	void *fn = dlsym(RTLD_NEXT, name);

	if (fn == NULL)
		abort();
	return fn;
}

/* Remember what a new descriptor is. */
static int
opened(int fd, const char *path)
{
	const char *db = getenv("LOCKSPY_DB");
	size_t n = db != NULL ? strlen(db) : 0;

	if (fd < 0 || fd >= SPIED)
		return fd;
	kind[fd] = OTHER;
	held[fd] = 0;
	if (db == NULL || strncmp(path, db, n) != 0)
		return fd;
	if (path[n] == '\0')
		kind[fd] = MAIN;
	else if (strcmp(path + n, ".lock") == 0)
		kind[fd] = LOCK;
	return fd;
}

static int
lock_held(void)
{
	for (int fd = 0; fd < SPIED; fd++)
		if (kind[fd] == LOCK && held[fd])
			return 1;
	return 0;
}

/* Called after a write; errno is what the caller will see. */
static void
wrote(int fd, const char *call, long long bytes)
{
	const char *report = getenv("LOCKSPY_REPORT");
	int (*open_real)(const char *, int, ...);
	ssize_t (*write_real)(int, const void *, size_t);
	int saved = errno, out;
	char line[80];

	if (fd < 0 || fd >= SPIED || kind[fd] != MAIN || report == NULL)
		return;
	snprintf(line, sizeof(line), "%s %d %s %lld\n",
	    lock_held() ? "locked" : "bare", (int)getpid(), call, bytes);
	*(void **)&open_real = real("open");
	*(void **)&write_real = real("write");
	out =
	    open_real(report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (out < 0 || write_real(out, line, strlen(line)) < 0)
		abort();
	close(out);
	errno = saved;
}

#define OPEN(name) \
	int name(const char *path, int flags, ...) \
	{ \
		int (*fn)(const char *, int, ...); \
		va_list ap; \
		mode_t mode; \
\
		va_start(ap, flags); \
		mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? \
		    va_arg(ap, mode_t) : \
		    0; \
		va_end(ap); \
		*(void **)&fn = real(#name); \
		return opened(fn(path, flags, mode), path); \
	}

#define PWRITE(name, off) \
	ssize_t name(int fd, const void *data, size_t n, off at) \
	{ \
		ssize_t (*fn)(int, const void *, size_t, off); \
		ssize_t done; \
\
		*(void **)&fn = real(#name); \
		done = fn(fd, data, n, at); \
		wrote(fd, #name, (long long)done); \
		return done; \
	}

#define FTRUNCATE(name, off) \
	int name(int fd, off size) \
	{ \
		int (*fn)(int, off); \
		int rc; \
\
		*(void **)&fn = real(#name); \
		rc = fn(fd, size); \
		wrote(fd, #name, (long long)size); \
		return rc; \
	}

OPEN(open)
OPEN(open64)
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

ssize_t
write(int fd, const void *data, size_t n)
{
	ssize_t (*fn)(int, const void *, size_t);
	ssize_t done;

	*(void **)&fn = real("write");
	done = fn(fd, data, n);
	wrote(fd, "write", (long long)done);
	return done;
}

int
flock(int fd, int how)
{
	int (*fn)(int, int);
	int rc;

	*(void **)&fn = real("flock");
	/* freed before the call: afterwards it may be someone else's */
	if (fd >= 0 && fd < SPIED && (how & LOCK_UN) != 0)
		held[fd] = 0;
	rc = fn(fd, how);
	if (fd >= 0 && fd < SPIED && rc == 0)
		held[fd] = (how & LOCK_EX) != 0;
	return rc;
}

int
close(int fd)
{
	int (*fn)(int);

	if (fd >= 0 && fd < SPIED) {
		kind[fd] = OTHER;
		held[fd] = 0;
	}
	*(void **)&fn = real("close");
	return fn(fd);
}
