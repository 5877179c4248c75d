/*
 * render.c - the documents that nginx hands out in our place while the
 * workers are down: one file a number, on each host. follow.c says when.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "phone/phone.h"

#define DIGITS_MAX 15

/*
 * Numbers that the account claims, if it has a token, and how many others do
 * too. Who has proven that a number is his counts alone; where nobody has and
 * several claim it, its callers hear what all hear, and nobody's own words or
 * transfer number.
 */
#define PROVEN_SQL(who) \
	"EXISTS (SELECT 1 FROM number_proof p WHERE p.number = " who ".key" \
	" AND p.account_id = " who ".account_id)"

SQL mine_sql[] =
    "SELECT d.key, (SELECT count(*) FROM directory f JOIN directory t"
    " ON t.account_id = f.account_id AND t.kind = 'twilio_sid'"
    " WHERE f.kind = 'number' AND f.key = d.key"
    " AND f.account_id <> d.account_id AND (" PROVEN_SQL("f") " OR NOT " PROVEN_SQL(
	"d") ")) AS \"others:int\""
	     " FROM directory d WHERE d.kind = 'number' AND d.account_id = :account"
	     " AND EXISTS (SELECT 1 FROM directory t WHERE t.kind = 'twilio_sid'"
	     " AND t.account_id = d.account_id) AND (" PROVEN_SQL(
		 "d") " OR NOT EXISTS (SELECT 1 FROM directory o WHERE o.kind = 'number'"
		      " AND o.key = d.key AND o.account_id <> d.account_id AND " PROVEN_SQL(
			  "o") ")) ORDER BY d.key";

SQL claimed_sql[] =
    "SELECT f.account_id FROM directory f WHERE f.kind = 'number'"
    " AND f.key = :file_number AND EXISTS (SELECT 1 FROM directory t"
    " WHERE t.kind = 'twilio_sid' AND t.account_id = f.account_id) LIMIT 1";

static bool
write_all(int fd, const struct buf *b)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(fd, b->data + done, b->len - done);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			done += (size_t)n;
	}
	return fsync(fd) == 0;
}

/* Has the file these words already? Most of what is asked for has. */
static bool
file_has(const char *path, const struct buf *b)
{
	size_t done = 0;
	char part[4096];
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while (done <= b->len && (n = read(fd, part, sizeof(part))) > 0) {
		if ((size_t)n > b->len - done ||
		    memcmp(part, b->data + done, (size_t)n) != 0)
			break;
		done += (size_t)n;
	}
	close(fd);
	return n == 0 && done == b->len;
}

/* Write beside it, then put it in place: nginx never sees half a file. */
static enum rc
file_put(struct req *r, const char *path, const struct buf *b)
{
	const char *part = arena_printf(r->arena, "%s.%d", path, (int)getpid());
	bool good = false;
	int fd;

	if (part == NULL || b->bad)
		return fail(r, E_INTERNAL, "out of memory");
	if (file_has(path, b))
		return OK;
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0) {
		good = write_all(fd, b) && fchmod(fd, 0644) == 0;
		good = close(fd) == 0 && good;
		good = good && rename(part, path) == 0;
	}
	if (good)
		return OK;
	(void)fail(r, E_BUSY, "%s cannot be written: %s", path,
	    strerror(errno));
	(void)unlink(part);
	return r->rc;
}

/* "14155550100" of "+14155550100"; NULL when it is no number. */
static const char *
digits_of(const char *number)
{
	return number != NULL && str_phone(number) ? number + 1 : NULL;
}

/* Write the file of a number, or remove it when others claim it too. */
static enum rc
write_one(struct req *r, const char *folder, const struct row *number,
    const struct buf *text)
{
	const char *digits = digits_of(row_text(number, "key")), *path;

	if (digits == NULL)
		return OK;
	path = arena_printf(r->arena, "%s/%s.xml", folder, digits);
	if (path == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	if (row_int(number, "others") == 0)
		return file_put(r, path, text);
	(void)unlink(path);
	return OK;
}

/* The folder of the files; NULL when out of memory. */
static const char *
folder_of(struct req *r)
{
	const char *folder = arena_printf(r->arena, "%s/voice", conf->data);

	if (folder == NULL)
		(void)fail(r, E_INTERNAL, "out of memory");
	else
		(void)mkdir(folder, 0750);
	return folder;
}

enum rc
phone_files(struct req *r)
{
	const char *folder = folder_of(r);
	struct line line;
	struct row *list;
	struct buf text;
	enum rc rc;

	if (folder == NULL || line_read(r, &line) ||
	    sql_rows(r, mine_sql, &list))
		return r->rc;
	say_down(r->arena, &line, &text);
	for (rc = OK; rc == OK && list != NULL; list = list->next)
		rc = write_one(r, folder, list, &text);
	return rc;
}

/* "14155550100.xml" and nothing else is a file of ours. */
static bool
name_fits(const char *name)
{
	size_t n = strspn(name, "0123456789");

	return n >= 7 && n <= DIGITS_MAX && strcmp(name + n, ".xml") == 0;
}

/* Remove the file of a number that nobody claims any more. */
static enum rc
file_check(struct req *r, const char *folder, const char *name)
{
	size_t n = strspn(name, "0123456789");
	struct row row;
	enum rc rc;

	req_set(r, "file_number",
	    val_text(arena_printf(r->arena, "+%.*s", (int)n, name)));
	rc = sql_find(r, claimed_sql, &row);
	if (rc == OK && row.count == 0)
		(void)unlink(arena_printf(r->arena, "%s/%s", folder, name));
	return rc;
}

enum rc
phone_sweep(struct req *r)
{
	const char *folder = folder_of(r);
	const struct dirent *e;
	enum rc rc = OK;
	DIR *dir;

	if (folder == NULL)
		return r->rc;
	dir = opendir(folder);
	if (dir == NULL)
		return fail(r, E_BUSY, "%s cannot be read: %s", folder,
		    strerror(errno));
	while (rc == OK && (e = readdir(dir)) != NULL)
		if (name_fits(e->d_name))
			rc = file_check(r, folder, e->d_name);
	closedir(dir);
	return rc;
}
