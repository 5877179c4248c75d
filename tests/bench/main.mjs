// main.mjs - the order of the bench; see run.
//
// usage: main.mjs PROGRAM HELLO [--quick|--count]
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { connections, countRows, load, median, memoryOf, readyMs }
  from './measure.mjs';
import { instructions } from './instr.mjs';
import { makeData, makeTargets, next } from './routes.mjs';
import { Stack, workers } from './stack.mjs';
import { counts, table } from './table.mjs';
import { psql, startPostgres } from '../lib/postgres.mjs';

const [program, hello] = process.argv.slice(2, 4).map((p) => resolve(p));
const quick = process.argv.includes('--quick');
const rounds = quick ? 2 : 15;
const seconds = 1;
const counted = quick ? 2 : 8;
const readyTimes = quick ? 5 : 10;
const countOnly = process.argv.includes('--count');
const detailed = ['GET appointments, 20 rows', 'tool book-appointment',
  'the same, busy practice', 'the same, empty practice'];

process.env.FRONTDESK_VALIDATE = 'off';
const say = (text) => process.stderr.write(`${text}\n`);
const mean = (list, key) => median(list.map((r) => r[key]));

/* A target that does not answer well once is not loaded. */
async function probe(stack, t) {
  const { headers, body } = next(t);
  const reply = await stack.client().request(t.method, t.path,
    { headers: { Host: t.host, ...headers }, body, type: null });

  t.sent = 1;
  if (!t.good(reply))
    t.skipped = `skipped: ${reply.status} ${reply.text.slice(0, 40)}`;
  return !t.skipped;
}

/* Rounds take turns, so that a slow moment of the machine meets all. */
async function loadAll(targets) {
  const runs = new Map(targets.map((t) => [t, []]));

  for (let i = quick ? 1 : 0; i <= rounds; i++) {
    say(i === 0 ? 'Warming up...' : `Round ${i} of ${rounds}...`);
    for (const t of targets) {
      const got = await load(t.stack, t, i === 0 ? 1 : seconds);
      if (i > 0)
        runs.get(t).push(got);
    }
  }
  return runs;
}

/* Of what was answered as booked, how much is not in the book? */
function lostBookings(t, account) {
  const there = t.stack.database ? Number(psql(t.stack.database.super,
    `SELECT count(*) FROM appointment WHERE account_id = '${account}'`)) :
    countRows(join(t.stack.dir, 'frontdesk.db'), 'appointment',
      'account_id', account);
  return Math.max(0, t.sent - there);
}

/* What of a target was measured with PostgreSQL behind it. */
function twin(targets, runs, t) {
  const other = targets.find((x) => x !== t && x.name === t.name);
  const list = other && !other.skipped ? runs.get(other) : [];

  if (list.length === 0 || t.skipped)
    return other?.skipped ? { skipped: other.skipped } : undefined;
  return { errors: (other.lost ?? 0) + list.reduce((sum, r) =>
    sum + r.errors, 0), lost: other.lost,
  perSecond: mean(list, 'perSecond'), p99Us: mean(list, 'p99Us'),
  poolUs: mean(list, 'poolUs'), rounds: list,
  ofSqlite: median(list.map((r, i) => r.perSecond
    / runs.get(t)[i].perSecond)) };
}

function summary(targets, runs) {
  const yardstick = (name) => runs.get(targets.find((t) =>
    t.name.startsWith(name)));
  // within a round, so that what slows the machine down slows both
  const of = (list, name) => median(list.map((r, i) =>
    r.perSecond / yardstick(name)[i].perSecond));

  return targets.filter((t) => !t.stack.database).map((t) => {
    const list = runs.get(t);
    if (t.skipped)
      return { name: t.name, skipped: t.skipped };
    return { name: t.name, postgres: twin(targets, runs, t), errors: (t.lost ?? 0) +
      list.reduce((sum, r) => sum + r.errors, 0),
    perSecond: mean(list, 'perSecond'), p50Us: mean(list, 'p50Us'),
    p99Us: mean(list, 'p99Us'), nginxUs: mean(list, 'nginxUs'),
    poolUs: mean(list, 'poolUs'),
    ofHello: of(list, 'hello'), ofFastapi: of(list, 'FastAPI'),
    lost: t.lost, rounds: list };
  });
}

async function count(stack, targets) {
  say('Counting instructions...');
  const ours = targets.filter((t) => !t.skipped && !t.slow &&
    (t.pool === 'web' || t.pool === 'hook'));
  const base = targets.filter((t) => t.pool === 'hello');
  const counts = (await Promise.all([
    instructions(stack, stack.hello, base, counted),
    instructions(stack, stack.binary, ours, counted)]))
    .reduce((all, one) => ({ ...all, ...one }));
  for (const name of Object.keys(counts))
    if (!detailed.includes(name))
      delete counts[name].top;
  return counts;
}

/* What needs no load, on the data of the load. */
async function quiet(stack, targets) {
  const ready = [];

  for (let i = 0; i < readyTimes; i++)
    ready.push(await readyMs(stack, workers));
  return { readyMs: median(ready), readyTimes,
    instructions: await count(stack, targets) };
}

function strippedBytes(path, scratch) {
  const r = spawnSync('strip', ['-o', scratch, path]);
  return r.status === 0 ? statSync(scratch).size : undefined;
}

/* A stack with its businesses; of the second, only what is the product's. */
async function ready(stack) {
  await stack.start();
  const data = await makeData(stack);
  const account = (b) => b.session.user.account_id;

  if (!stack.database)
    await stack.startYardsticks(account(data.desk));
  const targets = makeTargets(stack, data)
    .filter((t) => !stack.database || ['web', 'hook', 'auth'].includes(t.pool));
  for (const t of targets) {
    t.stack = stack;
    if (t.name === 'tool book-appointment')
      t.account = account(data.book);
    await probe(stack, t);
  }
  return targets;
}

async function bench(stack) {
  say('Starting...');
  const targets = await ready(stack);
  if (countOnly) {
    await stack.stop();
    return { instructions: await count(stack, targets) };
  }
  const server = await startPostgres({ safe: true });
  other = new Stack(program, hello, server.createDatabase().env);
  other.database = { super: other.more.FRONTDESK_TEST_SUPER };
  try {
    targets.push(...await ready(other));
    const runs = await loadAll(targets.filter((t) => !t.skipped));
    for (const t of targets.filter((x) => x.account))
      t.lost = t.skipped ? 0 : lostBookings(t, t.account);
    const memory = Object.fromEntries(['web', 'hook', 'hello'].map((name) =>
      [name, memoryOf(stack.pid(name))]));
    await stack.stop();
    return { cpus: cpus().length, connections, rounds, seconds, workers,
      routes: summary(targets, runs), memory, upMs: stack.upMs,
      programBytes: statSync(program).size,
      strippedBytes: strippedBytes(program, join(stack.dir, 'stripped')),
      ...await quiet(stack, targets.filter((t) => !t.stack.database)) };
  } finally {
    await other.stop();
    await server.drop();
  }
}

let other;
const stack = new Stack(program, hello);
for (const sig of ['SIGINT', 'SIGTERM'])
  process.once(sig, () => Promise.allSettled([stack.stop(), other?.stop()])
    .finally(() => {
      stack.drop();
      other?.drop();
      process.exit(1);
    }));
try {
  const result = await bench(stack);
  const out = join(dirname(program), countOnly ? 'count.json' : 'bench.json');
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`\n${countOnly ? counts(result) : table(result)}\n`);
} finally {
  await stack.stop().catch((e) => say(e.message));
  stack.drop();
  other?.drop();
}
