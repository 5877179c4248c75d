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

#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/fault.h"
#include "base/str.h"
#include "db/migrate.h"
#include "db/sqlite_int.h"

#define LOCK_WAIT_MS 5000

/* --- functions that the schema calls ---------------------------------- */

static void
fn_account(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const struct db *db = sqlite3_user_data(ctx);

	(void)argc;
	(void)argv;
	if (db->account[0] == '\0')
		sqlite3_result_error(ctx, "no account is set", -1);
	else
		sqlite3_result_text(ctx, db->account, -1, SQLITE_TRANSIENT);
}

static void
fn_now(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	sqlite3_result_int64(ctx, clock_now_ms());
}

/*
 * 1 when the text is JSON, or NULL. SQLite's own json_valid may not be used
 * in a schema that is not trusted.
 */
static void
fn_json(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	cJSON *tree = text != NULL ? cJSON_ParseWithOpts(text, NULL, 1) : NULL;

	(void)argc;
	sqlite3_result_int(ctx, text == NULL || tree != NULL);
	cJSON_Delete(tree);
}

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
lock_take(struct db *db)
{
	/* more than once: the first may come before flock has begun to wait */
	struct itimerval wait = { .it_value.tv_sec = LOCK_WAIT_MS / 1000,
		.it_interval.tv_usec = 100000 };
	struct sigaction sa = { .sa_handler = on_alarm }, old;
	enum rc rc = OK;

	if (db->lock_fd < 0)
		return OK;
	if (flock(db->lock_fd, LOCK_EX | LOCK_NB) == 0) {
		db->locked = true;
		return OK;
	}
	sigaction(SIGALRM, &sa, &old);
	setitimer(ITIMER_REAL, &wait, NULL);
	if (flock(db->lock_fd, LOCK_EX) == 0)
		db->locked = true;
	else {
		snprintf(db->why, sizeof(db->why), "writers' lock: %s",
		    strerror(errno));
		rc = E_BUSY;
	}
	memset(&wait, 0, sizeof(wait));
	setitimer(ITIMER_REAL, &wait, NULL);
	sigaction(SIGALRM, &old, NULL);
	return rc;
}

static void
lock_drop(struct db *db)
{
	if (db->locked)
		(void)flock(db->lock_fd, LOCK_UN);
	db->locked = false;
}

static enum rc
lock_open(struct db *db)
{
	int v = sqlite3_libversion_number();
	bool affected = v < 3051003 && v != 3050007 && v != 3044006;
	char path[1024];

	if (str_eq(conf->writer_lock, "off")) {
		if (!affected)
			return OK;
		snprintf(db->why, sizeof(db->why),
		    "SQLite %s can lose rows "
		    "without the writers' lock; set FRONTDESK_WRITER_LOCK=on",
		    sqlite3_libversion());
		return E_CONFLICT;
	}
	snprintf(path, sizeof(path), "%s.lock", conf->database);
	db->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (db->lock_fd >= 0)
		return OK;
	snprintf(db->why, sizeof(db->why), "%.200s: %s", path, strerror(errno));
	return E_INTERNAL;
}

/* --- opening ------------------------------------------------------------ */

static enum rc
settings_apply(struct db *db)
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
	static const int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS;
	sqlite3 *h = db->handle;

	sqlite3_extended_result_codes(h, 1);
	sqlite3_busy_timeout(h, LOCK_WAIT_MS);
	(void)sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	(void)sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_limit(h, SQLITE_LIMIT_LENGTH, 32 << 20);
	if (sqlite3_create_function_v2(h, "app_account", 0,
		flags | SQLITE_DETERMINISTIC, db, fn_account, NULL, NULL,
		NULL) ||
	    sqlite3_create_function_v2(h, "app_now", 0, flags, db, fn_now, NULL,
		NULL, NULL) ||
	    sqlite3_create_function_v2(h, "app_json", 1,
		flags | SQLITE_DETERMINISTIC, db, fn_json, NULL, NULL, NULL) ||
	    sqlite3_exec(h, pragmas, NULL, NULL, NULL) != SQLITE_OK) {
		return sqlite_fail(db, SQLITE_ERROR, conf->database);
	}
	return OK;
}

/* Turning to WAL writes the file itself, so it waits for its turn. */
static enum rc
wal_set(struct db *db)
{
	sqlite3_stmt *st;
	bool is_wal;
	enum rc rc;
	int n;

	if (sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode", -1, &st,
		NULL) != SQLITE_OK)
		return sqlite_fail(db, SQLITE_ERROR, "journal_mode");
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
	return n == SQLITE_OK ? OK : sqlite_fail(db, n, "journal_mode");
}

static enum rc
version_check(struct db *db)
{
	int have = 0, want = migrate_latest();
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &st,
		NULL) != SQLITE_OK)
		return sqlite_fail(db, SQLITE_ERROR, "user_version");
	if (sqlite3_step(st) == SQLITE_ROW)
		have = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	if (have == want)
		return OK;
	snprintf(db->why, sizeof(db->why),
	    "the database has schema %d, this "
	    "program needs %d: %s",
	    have, want,
	    have < want ? "run `frontdesk migrate up`" :
			  "use the newer program");
	return E_CONFLICT;
}

enum rc
db_open_raw(struct db **out)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	struct db *db = calloc(1, sizeof(*db));
	enum rc rc;

	*out = db;
	if (db == NULL)
		return E_INTERNAL;
	db->lock_fd = -1;
	/* one thread uses SQLite; after the first connection these do nothing
	 */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(conf->database, &db->handle, flags, NULL) !=
	    SQLITE_OK) {
		return sqlite_fail(db, SQLITE_ERROR, conf->database);
	}
	rc = lock_open(db);
	if (rc == OK)
		rc = settings_apply(db);
	return rc == OK ? wal_set(db) : rc;
}

enum rc
db_open(struct db **out)
{
	enum rc rc = db_open_raw(out);

	if (rc == OK)
		rc = version_check(*out);
	if (rc == OK)
		rc = guard_install(&(*out)->guard, (*out)->handle);
	return rc;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	if (db->tx)
		db_rollback(db);
	sqlite_forget(db);
	sqlite3_close(db->handle);
	if (db->lock_fd >= 0)
		close(db->lock_fd);
	free(db);
}

const char *
db_why(const struct db *db)
{
	return db != NULL ? db->why : "out of memory";
}

const char *
db_reason(const struct db *db)
{
	return db->reason;
}

void
db_scope(struct db *db, const char *account_id)
{
	snprintf(db->account, sizeof(db->account), "%s",
	    account_id != NULL ? account_id : "");
}

void
db_watch(struct db *db, const char *volatile *slot)
{
	db->watch = slot;
}

/* --- transactions ------------------------------------------------------- */

static int
plain(struct db *db, const char *sql)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

enum rc
db_begin(struct db *db, enum db_mode mode)
{
	enum rc rc = OK;
	int n;

	if (fault_due())
		return E_BUSY;
	db->reason[0] = '\0';
	if (db->tx) {
		snprintf(db->why, sizeof(db->why), "a transaction is open");
		return E_INTERNAL;
	}
	if (mode == DB_WRITE)
		rc = lock_take(db);
	if (rc != OK)
		return rc;
	n = plain(db, mode == DB_WRITE ? "BEGIN IMMEDIATE" : "BEGIN");
	if (n != SQLITE_OK) {
		lock_drop(db);
		return sqlite_fail(db, n, "BEGIN");
	}
	db->tx = true;
	return OK;
}

enum rc
db_commit(struct db *db)
{
	int n = fault_due() ? SQLITE_IOERR : plain(db, "COMMIT");

	if (n != SQLITE_OK) {
		enum rc rc = sqlite_fail(db, n, "COMMIT");

		db_rollback(db);
		return rc;
	}
	db->tx = false;
	lock_drop(db);
	return OK;
}

void
db_rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->handle))
		(void)plain(db, "ROLLBACK");
	db->tx = false;
	lock_drop(db);
}

bool
db_in_tx(const struct db *db)
{
	return db->tx;
}

enum rc
db_script(struct db *db, const char *sql)
{
	int n = plain(db, sql);

	return n == SQLITE_OK ? OK : sqlite_fail(db, n, "script");
}

enum rc
db_checkpoint(struct db *db, int64_t *log_pages)
{
	int log = -1, done = -1, n = SQLITE_OK;
	bool guarded = db->guard.on;
	enum rc rc = lock_take(db);

	*log_pages = 0;
	if (rc != OK)
		return rc;
	/* a handle that has not read yet would answer -1 and do nothing */
	db->guard.on = false;
	n = plain(db, "SELECT 1 FROM schema_migration LIMIT 1");
	if (n == SQLITE_OK)
		n = sqlite3_wal_checkpoint_v2(db->handle, "main",
		    SQLITE_CHECKPOINT_PASSIVE, &log, &done);
	db->guard.on = guarded;
	lock_drop(db);
	if (n != SQLITE_OK)
		return sqlite_fail(db, n, "checkpoint");
	*log_pages = log;
	return OK;
}
