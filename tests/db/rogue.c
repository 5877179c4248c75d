/*
 * rogue.c - what nobody may do: writes and checkpoints without the lock.
 *
 * usage: rogue DATABASE checkpoint|truncate|close
 * Exists so that the tests can prove that lockspy sees it.
 */
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

int
main(int argc, char **argv)
{
	const char *sql = "SELECT count(*) FROM sqlite_master";
	char *why = NULL;
	sqlite3 *db;

	if (argc != 3 ||
	    sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) !=
		SQLITE_OK)
		return 2;
	sqlite3_busy_timeout(db, 5000);
	if (strcmp(argv[2], "checkpoint") == 0)
		sql = "SELECT count(*) FROM sqlite_master;"
		      "PRAGMA wal_checkpoint";
	else if (strcmp(argv[2], "truncate") == 0)
		sql = "SELECT count(*) FROM sqlite_master;"
		      "PRAGMA wal_checkpoint(TRUNCATE)";
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) {
		fprintf(stderr, "rogue: %s\n", why);
		return 1;
	}
	return sqlite3_close(db) != SQLITE_OK;
}
