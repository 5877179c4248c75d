/* disk.c - uploaded files on the disk: DATA/files/<account>/<id>. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "setup/knowledge.h"

/* The account's folder; with id, a file in it. NULL: the arena is full. */
static const char *
path_of(struct req *r, const char *id)
{
	return arena_printf(r->arena, "%s/files/%s%s%s", conf->data, r->account,
	    id != NULL ? "/" : "", id != NULL ? id : "");
}

static enum rc
failed(struct req *r, const char *path)
{
	log_msg(LOG_ERROR, "%s: %s", path, strerror(errno));
	return fail(r, E_BUSY,
	    "the file cannot be stored at the moment; try "
	    "again shortly");
}

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) == 0;
}

/* A folder's entries reach the disk only with the folder. */
static bool
folder_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		good = close(fd) == 0 && good;
	return good;
}

static bool
folder_make(struct req *r, const char *folder)
{
	const char *above = arena_printf(r->arena, "%s/files", conf->data);

	if (folder == NULL || above == NULL)
		return false;
	if (mkdir(folder, 0700) == 0)
		return folder_sync(above);
	if (errno == EEXIST)
		return true;
	if (errno != ENOENT || (mkdir(above, 0700) != 0 && errno != EEXIST) ||
	    (mkdir(folder, 0700) != 0 && errno != EEXIST))
		return false;
	return folder_sync(above) && folder_sync(conf->data);
}

enum rc
disk_put(struct req *r, const char *id, const char *data, size_t len)
{
	const char *folder = path_of(r, NULL), *path = path_of(r, id);
	const char *part = arena_printf(r->arena, "%s.part", path);
	bool good = false;
	int fd;

	if (folder == NULL || path == NULL || part == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	if (!folder_make(r, folder))
		return failed(r, folder);
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		good = write_all(fd, data, len);
		good = close(fd) == 0 && good;
		good = good && rename(part, path) == 0 && folder_sync(folder);
	}
	if (good)
		return OK;
	(void)failed(r, path);
	(void)unlink(part);
	(void)unlink(path);
	return r->rc;
}

enum rc
disk_get(struct req *r, const char *id, const char **data, size_t *len)
{
	const char *path = path_of(r, id);
	char *bytes = arena_get(r->arena, KNOWLEDGE_BYTES + 1);
	size_t n;
	FILE *f;

	if (path == NULL || bytes == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	f = fopen(path, "re");
	if (f == NULL)
		return failed(r, path);
	n = fread(bytes, 1, KNOWLEDGE_BYTES, f);
	if (ferror(f) != 0)
		n = 0;
	fclose(f);
	bytes[n] = '\0';
	*data = bytes;
	*len = n;
	return n > 0 ? OK : failed(r, path);
}

void
disk_drop(struct req *r, const char *id)
{
	const char *path = path_of(r, id);

	if (path != NULL && unlink(path) != 0 && errno != ENOENT)
		log_msg(LOG_WARN, "%s: %s", path, strerror(errno));
}

/* An id, perhaps one that was being written when its writer died. */
static bool
is_ours(char name[ID_TEXT], const char *entry)
{
	size_t n = strlen(entry);

	if (n != ID_TEXT - 1 && !str_eq(entry + ID_TEXT - 1, ".part"))
		return false;
	memcpy(name, entry, ID_TEXT - 1);
	name[ID_TEXT - 1] = '\0';
	return id_valid(name);
}

enum rc
disk_each(struct req *r, int64_t age_ms,
    enum rc (*each)(struct req *, const char *id))
{
	const char *folder = path_of(r, NULL), *path;
	char id[ID_TEXT];
	const struct dirent *e;
	struct stat st;
	DIR *dir = folder != NULL ? opendir(folder) : NULL;

	while (dir != NULL && r->rc == OK && (e = readdir(dir)) != NULL) {
		if (strlen(e->d_name) < ID_TEXT - 1 || !is_ours(id, e->d_name))
			continue;
		path = path_of(r, e->d_name);
		if (path == NULL || stat(path, &st) != 0 ||
		    st.st_mtim.tv_sec > (clock_now_ms() - age_ms) / 1000)
			continue;
		if (strlen(e->d_name) >= ID_TEXT)
			(void)unlink(path);
		else
			(void)each(r, id);
	}
	if (dir != NULL)
		closedir(dir);
	return r->rc;
}
