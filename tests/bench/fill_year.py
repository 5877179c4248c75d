# fill_year.py - appointments for a bench, written into the database at once:
# fill_year.py DATABASE ACCOUNT < JSON list of [resource, starts_at in ms, minutes]
#
# As the program does it: under the writers' lock, with the functions that the
# schema asks for, so that its own guards check every row.
import fcntl
import json
import sqlite3
import sys
import time

path, account = sys.argv[1:3]
now = int(time.time() * 1000)
visits = json.load(sys.stdin)
lock = open(path + '.lock', 'r+')
fcntl.flock(lock, fcntl.LOCK_EX)
db = sqlite3.connect(path, isolation_level=None)
db.create_function('app_account', 0, lambda: account)
db.create_function('app_now', 0, lambda: now)
db.create_function('app_json', 1, lambda text: 1)
db.execute('PRAGMA wal_autocheckpoint = 0')
db.execute('BEGIN IMMEDIATE')
db.executemany(
    'INSERT INTO appointment (id, account_id, resource_id, name, starts_at,'
    ' ends_at, blocked_from, blocked_to, zone, created_at, updated_at)'
    " VALUES (?, ?, ?, 'Alex Example', ?, ?, ?, ?, 'UTC', ?, ?)",
    [(f'00000000-0000-7000-8000-{i:012x}', account, resource, at,
      at + length * 60000, at, at + length * 60000, now, now)
     for i, (resource, at, length) in enumerate(visits)])
db.execute('COMMIT')
print(db.execute('SELECT count(*) FROM appointment WHERE account_id = ?',
                 (account,)).fetchone()[0])
