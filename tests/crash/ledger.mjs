// ledger.mjs - compares what clients were told with what is in the database.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cleanEnv, root } from '../lib/once.mjs';

const look = join(root, 'build/obj/tests/db/look');

/** Rows of a query, each a list of texts. */
export function rows(env, sql) {
  const r = spawnSync(look, [sql], { env: cleanEnv(env), encoding: 'utf8',
    maxBuffer: 256 << 20 });

  if (r.status !== 0)
    throw new Error(`${sql}: ${r.stderr}`);
  return r.stdout.split('\n').filter(Boolean).map((l) => l.split('|'));
}

const live = 'status NOT IN (\'cancelled\', \'rescheduled\')';

/* Live rows of a resource that reach into the one before. */
const overlaps = `SELECT a.id, b.id FROM appointment a JOIN appointment b
  ON a.account_id = b.account_id AND a.resource_id = b.resource_id
  AND a.id <> b.id AND b.starts_at >= a.starts_at AND b.starts_at < a.ends_at
  WHERE a.${live} AND b.${live}`;

/** Sentences about what is wrong; none is good. */
export function compare(env, load) {
  const wrong = [];
  const names = new Map();
  const say = (what, list) => list.length > 0 &&
    wrong.push(`${list.length} ${what}: ${list.slice(0, 5).join('; ')}`);

  for (const [name, at] of rows(env,
    `SELECT name, starts_at FROM appointment WHERE ${live}`))
    names.set(name, [...names.get(name) ?? [], Number(at)]);
  say('acknowledged bookings lost', [...load.booked.keys()]
    .filter((n) => !names.has(n)));
  say('bookings at another time', [...load.booked]
    .filter(([n, at]) => names.has(n) && names.get(n)[0] !== at));
  say('bookings doubled', [...names].filter(([, at]) => at.length > 1));
  say('bookings nobody asked for', [...names.keys()]
    .filter((n) => !load.tried.has(n)));
  say('overlaps', rows(env, overlaps));
  say('damages', rows(env, '--sound').filter(([text]) => text !== 'ok'));
  say('bookings without their event', rows(env, `SELECT id FROM appointment
    a WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.ref = a.id
    AND e.kind = 'appointment.booked')`));
  say('jobs that can never run', rows(env, `SELECT id, state, last_error
    FROM job WHERE state = 'dead'
    OR state = 'running' AND lease_until IS NULL`));
  return wrong;
}
