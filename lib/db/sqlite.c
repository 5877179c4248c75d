/* sqlite.c - db.h on SQLite in WAL mode, shared by many processes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/str.h"
#include "db/sqlite_int.h"

#define LOCK_WAIT_MS 5000

/* --- the writers' lock ------------------------------------------------- */

static void
on_alarm(int sig)
{
	(void)sig; /* only there to end flock with EINTR */
}

/*
 * All writers and the checkpointer hold this lock, which makes a fair queue
 * of SQLite's own and keeps checkpoints from racing writers (SQLite before
 * 3.51.3 may lose committed rows then).
 */
static enum rc
lock_take(struct sqlite *db)
{
	/* more than once: the first may come before flock has begun to wait */
	struct itimerval wait = { .it_value.tv_sec = LOCK_WAIT_MS / 1000,
		.it_interval.tv_usec = 100000 };
	struct sigaction sa = { .sa_handler = on_alarm }, old;
	enum rc rc = OK;

	if (!db->queued)
		return OK;
	if (flock(db->lock_fd, LOCK_EX | LOCK_NB) == 0) {
		db->locked = true;
		return OK;
	}
	sigaction(SIGALRM, &sa, &old);
	setitimer(ITIMER_REAL, &wait, NULL);
	if (flock(db->lock_fd, LOCK_EX) == 0)
		db->locked = true;
	else
		rc = db_blame(&db->db, E_BUSY, "writers' lock: %s",
		    strerror(errno));
	memset(&wait, 0, sizeof(wait));
	setitimer(ITIMER_REAL, &wait, NULL);
	sigaction(SIGALRM, &old, NULL);
	return rc;
}

static void
lock_drop(struct sqlite *db)
{
	if (db->locked)
		(void)flock(db->lock_fd, LOCK_UN);
	db->locked = false;
}

/*
 * Whoever serves holds a share of the first byte of the lock's file as long
 * as it has the database open; see seize. (Another kind of lock than flock.)
 */
static bool
share(struct sqlite *db, short type)
{
	struct flock all = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };

	return fcntl(db->lock_fd, F_OFD_SETLK, &all) == 0;
}

static enum rc
lock_open(struct sqlite *db)
{
	int v = sqlite3_libversion_number();
	bool affected = v < 3051003 && v != 3050007 && v != 3044006;
	char path[1024];

	db->queued = !str_eq(conf->writer_lock, "off");
	if (affected && !db->queued)
		return db_blame(&db->db, E_CONFLICT,
		    "SQLite %s can lose rows without the writers' lock; set "
		    "FRONTDESK_WRITER_LOCK=on",
		    sqlite3_libversion());
	snprintf(path, sizeof(path), "%s.lock", db->path);
	db->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (db->lock_fd < 0)
		return db_blame(&db->db, E_INTERNAL, "%.200s: %s", path,
		    strerror(errno));
	if (!db->db.raw && !share(db, F_RDLCK))
		return db_blame(&db->db, E_CONFLICT,
		    "the database is being moved");
	return OK;
}

/* --- opening ------------------------------------------------------------ */

static enum rc
settings_apply(struct sqlite *db)
{
	static const char pragmas[] = "PRAGMA synchronous=FULL;"
				      "PRAGMA wal_autocheckpoint=0;"
				      "PRAGMA journal_size_limit=67108864;"
				      "PRAGMA foreign_keys=ON;"
				      "PRAGMA trusted_schema=OFF;"
				      "PRAGMA recursive_triggers=ON;"
				      "PRAGMA cache_size=-8000;"
				      "PRAGMA temp_store=MEMORY;"
				      "PRAGMA secure_delete=ON;";
	sqlite3 *h = db->handle;

	sqlite3_extended_result_codes(h, 1);
	sqlite3_busy_timeout(h, LOCK_WAIT_MS);
	(void)sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	(void)sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_limit(h, SQLITE_LIMIT_LENGTH, 32 << 20);
	if (!sqlite_functions(db) ||
	    sqlite3_exec(h, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fail(&db->db, SQLITE_ERROR, db->path);
	return OK;
}

/* Turning to WAL writes the file itself, so it waits for its turn. */
static enum rc
wal_set(struct sqlite *db)
{
	sqlite3_stmt *st;
	bool is_wal;
	enum rc rc;
	int n;

	if (sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode", -1, &st,
		NULL) != SQLITE_OK)
		return sqlite_fail(&db->db, SQLITE_ERROR, "journal_mode");
	is_wal = sqlite3_step(st) == SQLITE_ROW &&
	    str_eq((const char *)sqlite3_column_text(st, 0), "wal");
	sqlite3_finalize(st);
	if (is_wal)
		return OK;
	rc = lock_take(db);
	if (rc != OK)
		return rc;
	n = sqlite3_exec(db->handle, "PRAGMA journal_mode=WAL", NULL, NULL,
	    NULL);
	lock_drop(db);
	return n == SQLITE_OK ? OK : sqlite_fail(&db->db, n, "journal_mode");
}

static bool
owns(const char *url)
{
	(void)url;
	return true;
}

static enum rc
open_file(struct db **out, const char *url, bool raw)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	struct sqlite *db = calloc(1, sizeof(*db));
	enum rc rc;

	*out = db != NULL ? &db->db : NULL;
	if (db == NULL)
		return E_INTERNAL;
	db->db.engine = &sqlite_engine;
	db->db.raw = raw;
	db->path = strdup(url);
	db->lock_fd = -1;
	/* one thread uses SQLite; after the first connection these do nothing
	 */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (db->path == NULL ||
	    sqlite3_open_v2(db->path, &db->handle, flags, NULL) != SQLITE_OK)
		return sqlite_fail(*out, SQLITE_ERROR, db->path);
	rc = lock_open(db);
	if (rc == OK)
		rc = settings_apply(db);
	if (rc == OK)
		rc = wal_set(db);
	return rc == E_BUSY ? E_INTERNAL : rc; /* it is not usable then */
}

static void
close_file(struct db *d)
{
	struct sqlite *db = sqlite_of(d);

	sqlite3_close(db->handle);
	if (db->lock_fd >= 0)
		close(db->lock_fd);
	free(db->path);
	free(db);
}

/* --- transactions ------------------------------------------------------- */

static int
plain(struct sqlite *db, const char *sql)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

static enum rc
begin(struct db *d, enum db_mode mode)
{
	struct sqlite *db = sqlite_of(d);
	bool write = mode != DB_READ;
	enum rc rc = write ? lock_take(db) : OK;
	int n;

	if (rc != OK)
		return rc;
	n = plain(db, write ? "BEGIN IMMEDIATE" : "BEGIN");
	if (n == SQLITE_OK)
		return OK;
	lock_drop(db);
	return sqlite_fail(d, n, "BEGIN");
}

static enum rc
commit(struct db *d)
{
	int n = plain(sqlite_of(d), "COMMIT");

	if (n != SQLITE_OK)
		return sqlite_fail(d, n, "COMMIT");
	lock_drop(sqlite_of(d));
	return OK;
}

static void
rollback(struct db *d)
{
	struct sqlite *db = sqlite_of(d);

	if (!sqlite3_get_autocommit(db->handle))
		(void)plain(db, "ROLLBACK");
	lock_drop(db);
}

static enum rc
script(struct db *d, const char *sql)
{
	int n = plain(sqlite_of(d), sql);

	return n == SQLITE_OK ? OK : sqlite_fail(d, n, "script");
}

static enum rc
checkpoint(struct db *d, int64_t *log_pages)
{
	struct sqlite *db = sqlite_of(d);
	int log = -1, done = -1, n = SQLITE_OK;
	bool guarded = d->guard.on;
	enum rc rc = lock_take(db);

	if (rc != OK)
		return rc;
	/* a handle that has not read yet would answer -1 and do nothing */
	d->guard.on = false;
	n = plain(db, "SELECT 1 FROM schema_migration LIMIT 1");
	if (n == SQLITE_OK)
		n = sqlite3_wal_checkpoint_v2(db->handle, "main",
		    SQLITE_CHECKPOINT_PASSIVE, &log, &done);
	d->guard.on = guarded;
	lock_drop(db);
	if (n != SQLITE_OK)
		return sqlite_fail(d, n, "checkpoint");
	*log_pages = log;
	return OK;
}

/* The rows are all to be seen; only others have to be kept out. */
static enum rc
seize(struct db *d)
{
	return share(sqlite_of(d), F_WRLCK) ?
	    OK :
	    db_blame(d, E_CONFLICT,
		"it is in use: stop frontdesk, which has it open");
}

static enum rc
release(struct db *d)
{
	(void)d;
	return OK;
}

/* A line of a migration is written in our words already. */
static void
line(struct buf *b, const char *text, size_t len)
{
	buf_printf(b, "%.*s\n", (int)len, text);
}

const struct engine sqlite_engine = { .name = "sqlite",
	.owns = owns,
	.open = open_file,
	.guard = sqlite_guard,
	.close = close_file,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.prepare = sqlite_prepare,
	.free = sqlite_free,
	.param = sqlite_param,
	.column = sqlite_column,
	.run = sqlite_run,
	.step = sqlite_step,
	.done = sqlite_done,
	.value = sqlite_value,
	.plan = sqlite_plan,
	.script = script,
	.checkpoint = checkpoint,
	.seize = seize,
	.release = release,
	.begun_sql = sqlite_begun,
	.tenants_sql = sqlite_tenants,
	.strays_sql = sqlite_strays,
	.start_sql = sqlite_start,
	.tenant = sqlite_tenant,
	.index = sqlite_index,
	.index_drop = sqlite_index_drop,
	.search = sqlite_search,
	.form = { "[\"", "\",\"", "\"]", ",", false }, /* JSON */
	.line = line };
