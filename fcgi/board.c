/* board.c - the scoreboard of a pool. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "board.h"

const int64_t board_bounds_us[BOARD_BUCKETS] = { 500, 1000, 2500, 5000, 10000,
	50000, 100000, 500000, 2500000, INT64_MAX };

static const char magic[8] = "fdboard";

static void
path_of(const char *pool, char path[1024])
{
	snprintf(path, 1024, "%s/run/%s.board", conf->data, pool);
}

struct board *
board_make(const char *pool)
{
	char path[1024];
	struct board *b;
	int fd;

	snprintf(path, sizeof(path), "%s/run", conf->data);
	(void)mkdir(path, 0750);
	path_of(pool, path);
	(void)unlink(path); /* who has mapped an older one keeps it whole */
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return NULL;
	if (ftruncate(fd, sizeof(*b)) != 0) {
		close(fd);
		return NULL;
	}
	b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (b == MAP_FAILED)
		return NULL;
	snprintf(b->pool, sizeof(b->pool), "%s", pool);
	b->master = getpid();
	b->started_us = clock_tick_us();
	memcpy(b->magic, magic, sizeof(magic));
	return b;
}

const struct board *
board_read(const char *pool)
{
	char path[1024];
	struct stat st;
	void *p;
	int fd;

	path_of(pool, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) != 0 || st.st_size != sizeof(struct board)) {
		close(fd);
		return NULL;
	}
	p = mmap(NULL, sizeof(struct board), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return NULL;
	if (memcmp(((struct board *)p)->magic, magic, sizeof(magic)) == 0)
		return p;
	munmap(p, sizeof(struct board));
	return NULL;
}

void
board_unmap(const struct board *b)
{
	if (b != NULL)
		munmap((struct board *)b, sizeof(*b));
}

void
board_begin(struct board_worker *w, const char *id)
{
	snprintf(w->id, sizeof(w->id), "%s", id != NULL ? id : "");
	w->route = -1;
	w->slow_told = 0;
	w->since_us = clock_tick_us();
}

void
board_end(struct board *b, struct board_worker *w, const struct req *r)
{
	int64_t us = clock_tick_us() - w->since_us;
	int no = r->route_no >= 0 && r->route_no < BOARD_ROUTES - 1 ?
	    r->route_no :
	    BOARD_ROUTES - 1;
	struct board_route *t = &b->route[no];
	int i = 0;

	while (us > board_bounds_us[i])
		i++;
	t->bucket[i]++;
	t->us += (unsigned long long)us;
	t->by_class[r->status / 100 % 6]++;
	w->requests++;
	w->since_us = 0;
}
