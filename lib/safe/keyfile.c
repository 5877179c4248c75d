/* keyfile.c - the file of the master keys: reading, renewing, adding. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/str.h"
#include "safe/keyfile.h"
#include "safe/seal.h"

#define KEY_TEXT    43 /* characters of a key in base64url */
#define KEY_VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define LINE_BYTES  (3 + 1 + KEY_TEXT + 1)
#define FILE_BYTES  ((size_t)SEAL_IDS * LINE_BYTES)

struct ring {
	unsigned char key[SEAL_IDS + 1][KEY_BYTES]; /* [0] is not used */
	bool has[SEAL_IDS + 1];
	int current;
};

static _Alignas(4096) struct ring ring; /* in force; locked memory */
static struct stat stamp;		/* of the file it came from */
static char loaded_path[PATH_MAX];
static unsigned generation; /* of ring; see seal.h */

static void
ring_lock(void)
{
	/* beyond RLIMIT_MEMLOCK it stays swappable, which is no error */
	(void)sodium_mlock(&ring, sizeof(ring));
}

/* Once per process; a lock of memory is not inherited by fork. */
static bool
start(void)
{
	static bool done;

	if (!done) {
		if (sodium_init() < 0)
			return false;
		ring_lock();
		(void)pthread_atfork(NULL, NULL, ring_lock);
		done = true;
	}
	return true;
}

/* One line into r; false unless it is exactly an id and a key. */
static bool
line_read(struct ring *r, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	size_t digits = space != NULL ? (size_t)(space - line) : 0, n;
	char number[4];
	int64_t id;

	if (digits < 1 || digits > 3 || len != digits + 1 + KEY_TEXT ||
	    line[0] == '0' || line[0] == '-')
		return false;
	memcpy(number, line, digits);
	number[digits] = '\0';
	if (!str_int(number, r->current + 1, SEAL_IDS, &id) ||
	    sodium_base642bin(r->key[id], KEY_BYTES, space + 1, KEY_TEXT, NULL,
		&n, NULL, KEY_VARIANT) != 0 ||
	    n != KEY_BYTES)
		return false;
	r->has[id] = true;
	r->current = (int)id;
	return true;
}

static enum rc
ring_read(struct ring *r, const char *text, size_t len, char why[256])
{
	unsigned number = 0;

	while (len > 0) {
		const char *nl = memchr(text, '\n', len);
		size_t n = nl != NULL ? (size_t)(nl - text) : len;

		number++;
		if (!line_read(r, text, n)) {
			snprintf(why, 256,
			    "line %u of the key file is not an "
			    "ascending id and a key",
			    number);
			return E_INPUT;
		}
		text += n + (nl != NULL);
		len -= n + (nl != NULL);
	}
	if (r->current == 0) {
		snprintf(why, 256, "the key file holds no key");
		return E_INPUT;
	}
	return OK;
}

static enum rc
open_fails(const char *path, char why[256])
{
	int e = errno;

	snprintf(why, 256, "%.180s: %s", path, strerror(e));
	if (e == ENOENT || e == ENOTDIR)
		return E_MISSING;
	return e == EACCES || e == EPERM ? E_DENIED : E_INTERNAL;
}

static enum rc
file_check(const char *path, const struct stat *st, char why[256])
{
	if (!S_ISREG(st->st_mode)) {
		snprintf(why, 256, "%.180s is not a file", path);
		return E_INPUT;
	}
	if ((st->st_mode & 077) != 0) {
		snprintf(why, 256,
		    "%.180s can be reached by others; its mode "
		    "must be 0600",
		    path);
		return E_DENIED;
	}
	if (st->st_size > (off_t)FILE_BYTES) {
		snprintf(why, 256, "%.180s is too long for a key file", path);
		return E_INPUT;
	}
	return OK;
}

/* Read all of a checked file into r, which must be clear. */
static enum rc
file_slurp(int fd, struct ring *r, char why[256])
{
	char text[FILE_BYTES + 1];
	size_t len = 0;
	ssize_t n = 1;
	enum rc rc;

	while (n > 0 && len < sizeof(text)) {
		n = read(fd, text + len, sizeof(text) - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n != 0) {
		snprintf(why, 256, "the key file cannot be read: %s",
		    n < 0 ? strerror(errno) : "it is too long");
		rc = n < 0 ? E_INTERNAL : E_INPUT;
	} else
		rc = ring_read(r, text, len, why);
	sodium_memzero(text, sizeof(text));
	return rc;
}

static enum rc
file_read(const char *path, struct ring *r, struct stat *st, char why[256])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum rc rc;

	memset(r, 0, sizeof(*r));
	if (fd < 0)
		return open_fails(path, why);
	if (fstat(fd, st) != 0)
		rc = open_fails(path, why);
	else
		rc = file_check(path, st, why);
	if (rc == OK)
		rc = file_slurp(fd, r, why);
	close(fd);
	return rc;
}

enum rc
seal_load(const char *path, char why[256])
{
	struct ring fresh;
	struct stat st;
	enum rc rc;

	if (!start() || strlen(path) >= sizeof(loaded_path)) {
		snprintf(why, 256, "the key file cannot be used");
		return E_INTERNAL;
	}
	rc = file_read(path, &fresh, &st, why);
	if (rc == OK) {
		ring = fresh;
		generation++;
		stamp = st;
		memmove(loaded_path, path, strlen(path) + 1);
	}
	sodium_memzero(&fresh, sizeof(fresh));
	return rc;
}

unsigned
seal_generation(void)
{
	return generation;
}

static bool
stamp_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

void
keyfile_renew(void)
{
	char path[PATH_MAX], why[256];
	struct stat st;

	if (*loaded_path == '\0' || stat(loaded_path, &st) != 0 ||
	    stamp_same(&st, &stamp))
		return;
	memcpy(path, loaded_path, sizeof(path));
	if (seal_load(path, why) != OK)
		stamp = st; /* broken: not again before it changes */
}

const unsigned char *
keyfile_key(int id)
{
	if (id < 1 || id > SEAL_IDS)
		return NULL;
	if (!ring.has[id])
		keyfile_renew();
	return ring.has[id] ? ring.key[id] : NULL;
}

int
seal_keys(int ids[SEAL_IDS])
{
	int n = 0;

	for (int id = 1; id <= SEAL_IDS; id++)
		if (ring.has[id])
			ids[n++] = id;
	return n;
}

int
seal_current(void)
{
	return ring.current;
}

/* All keys of r as text. */
static size_t
ring_print(const struct ring *r, char text[FILE_BYTES + 1])
{
	size_t len = 0;

	for (int id = 1; id <= SEAL_IDS; id++) {
		if (!r->has[id])
			continue;
		len += (size_t)snprintf(text + len, FILE_BYTES + 1 - len, "%d ",
		    id);
		sodium_bin2base64(text + len, KEY_TEXT + 1, r->key[id],
		    KEY_BYTES, KEY_VARIANT);
		len += KEY_TEXT;
		text[len++] = '\n';
	}
	return len;
}

/* Write r into a new file beside path, then let it take path's place. */
static bool
file_replace(const char *path, const struct ring *r)
{
	char text[FILE_BYTES + 1], temp[PATH_MAX];
	size_t len = ring_print(r, text);
	bool good;
	int fd;

	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
	    (int)sizeof(temp))
		fd = -1;
	else
		fd = mkostemp(temp, O_CLOEXEC); /* mode 0600 */
	good =
	    fd >= 0 && write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
	sodium_memzero(text, sizeof(text));
	if (fd >= 0 && close(fd) != 0)
		good = false;
	good = good && rename(temp, path) == 0;
	if (!good && fd >= 0)
		(void)unlink(temp);
	return good;
}

/* Under the lock of the folder: read, append, replace. */
static enum rc
key_append(const char *path, int *id, char why[256])
{
	struct ring r;
	struct stat st;
	enum rc rc = file_read(path, &r, &st, why);

	if (rc == E_MISSING)
		rc = OK;
	if (rc == OK && r.current == SEAL_IDS) {
		snprintf(why, 256, "there is no key id left");
		rc = E_LIMIT;
	}
	if (rc == OK) {
		*id = r.current + 1;
		r.has[*id] = true;
		randombytes_buf(r.key[*id], KEY_BYTES);
		if (!file_replace(path, &r)) {
			snprintf(why, 256, "%.180s: %s", path, strerror(errno));
			rc = E_INTERNAL;
		}
	}
	sodium_memzero(&r, sizeof(r));
	return rc;
}

enum rc
seal_add_key(const char *path, int *id, char why[256])
{
	char copy[PATH_MAX];
	enum rc rc;
	int dir;

	if (!start() || strlen(path) >= sizeof(copy)) {
		snprintf(why, 256, "the key file cannot be used");
		return E_INTERNAL;
	}
	memcpy(copy, path, strlen(path) + 1);
	dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return open_fails(path, why);
	if (flock(dir, LOCK_EX) != 0)
		rc = open_fails(path, why);
	else
		rc = key_append(path, id, why);
	if (rc == OK && fsync(dir) != 0)
		rc = open_fails(path, why);
	close(dir);
	return rc == OK ? seal_load(path, why) : rc;
}
