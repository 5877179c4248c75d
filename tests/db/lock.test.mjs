// Nobody writes the database file itself without the writers' lock: the spy
// of lockspy.c is loaded into every process of a working system.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Pools } from '../crash/pools.mjs';
import { sleep } from '../fake/net.mjs';
import { cleanEnv, makeData, root, run } from '../lib/once.mjs';

const spy = join(root, 'build/tests/lockspy.so');
const rogue = join(root, 'build/tests/rogue');
const clients = 8;
const timeout = 60000;
let data;
let db;
let report;
let pools;

before(() => {
  assert.ok(existsSync(spy) && existsSync(rogue), 'run `make unit` first');
  data = makeData();
  db = join(data.dir, 'frontdesk.db');
  report = join(data.dir, 'report');
  Object.assign(data.env, { LD_PRELOAD: spy, LOCKSPY_DB: db,
    LOCKSPY_REPORT: report });
  pools = new Pools(data);
});
after(async () => {
  await pools.stopAll();
  data.drop();
});

/** What the spy has seen since the last time. */
function seen() {
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const lines = text.split('\n').filter(Boolean);

  rmSync(report, { force: true });
  return { locked: lines.filter((l) => l.startsWith('locked')).length,
    bare: lines.filter((l) => !l.startsWith('locked')) };
}

const walSize = () => statSync(`${db}-wal`).size;

/** PATCH the profile from several clients at once; answers how often. */
async function load(token, ms) {
  const until = Date.now() + ms;
  let done = 0;

  await Promise.all(Array.from({ length: clients }, async () => {
    while (Date.now() < until) {
      const reply = await pools.call('web', 'PATCH', '/api/user/profile',
        { token, json: { full_name: `Owner ${done}` } });
      if (reply?.status === 200)
        done += 1;
    }
  }));
  return done;
}

test('without a runner only the log grows', { timeout }, async () => {
  pools.start('auth');
  pools.start('web');
  const token = await pools.signUp('first@example.com');
  const size = walSize();
  const done = await load(token, 1000);

  assert.ok(done > 10, `${done} writes`);
  assert.ok(walSize() > size + done * 1024, `${size} -> ${walSize()}`);
  await pools.stopAll();
  assert.ok(walSize() > size, 'the log is gone after the last close');
  assert.deepEqual(seen(), { locked: 0, bare: [] });
  assert.equal(data.once('GET', '/api/user/profile', { token }).status, 200);
  assert.deepEqual(seen(), { locked: 0, bare: [] });
});

test('under load, with a runner: every write of the file is locked',
  { timeout }, async () => {
    await pools.stopAll();
    seen();
    for (const role of ['auth', 'web', 'hook', 'runner'])
      pools.start(role);
    const token = await pools.signUp('second@example.com');
    const before = walSize();
    let done = await load(token, 1500);

    /* a runner that dies in the middle, and one that is replaced */
    for (const signal of ['SIGKILL', 'SIGTERM']) {
      const half = load(token, 800);
      await sleep(300);
      const old = pools.running.get('runner');
      old.kill(signal);
      await old.gone;
      pools.start('runner');
      done += await half;
    }
    await sleep(500);
    await pools.stopAll();
    const got = seen();
    assert.deepEqual(got.bare, []);
    assert.ok(got.locked > 20, `${got.locked} writes of the file`);
    assert.ok(walSize() < before + done * 4096, 'nothing was checkpointed');
  });

test('the commands keep to it as well', () => {
  const token = data.once('POST', '/api/auth/signin', { json: {
    email: 'first@example.com', password: 'correct horse battery' } })
    .body.access_token;

  data.once('PATCH', '/api/user/profile', { token, json: { locale: 'fr' } });
  for (const args of [['check'], ['migrate', 'status'], ['migrate', 'up']])
    assert.equal(run(args, { env: data.env }).code, 0, args.join(' '));
  assert.deepEqual(seen(), { locked: 0, bare: [] });
  const fresh = join(data.dir, 'fresh.db');
  const made = run(['migrate', 'up'], { env: { ...data.env,
    LOCKSPY_DB: fresh, FRONTDESK_DATABASE: fresh } });
  assert.equal(made.code, 0, made.err);
  const got = seen();
  assert.deepEqual(got.bare, []);
  assert.ok(got.locked > 0, 'a new file was made without a write');
});

for (const how of ['checkpoint', 'truncate', 'close'])
  test(`the spy sees a rogue: ${how}`, () => {
    const email = `${how}@example.com`;

    data.once('POST', '/api/auth/signup', { json: { email,
      password: 'correct horse battery' } });
    seen();
    const r = spawnSync(rogue, [db, how],
      { env: cleanEnv(data.env), encoding: 'utf8' });
    assert.equal(r.status, 0, r.stderr);
    const got = seen();
    assert.equal(got.locked, 0);
    assert.ok(got.bare.length > 0, 'it was not seen');
  });

test('the lock cannot be left out where rows could be lost', () => {
  const env = { ...data.env, FRONTDESK_WRITER_LOCK: 'off' };
  const sentence = new RegExp('SQLite 3\\.[0-9.]+ can lose rows without the '
    + 'writers\' lock; set FRONTDESK_WRITER_LOCK=on');
  const first = run(['check'], { env });

  if (first.code === 0)
    return; /* this SQLite does not need it */
  for (const args of [['check'], ['migrate', 'up'], ['user', 'add', 'x@y.z'],
    ['once', 'GET', '/api/health']]) {
    const r = run(args, { env, input: 'correct horse battery\n' });
    assert.notEqual(r.code, 0, args.join(' '));
    assert.match(r.err, sentence, args.join(' '));
  }
});

test('a pool without the lock does not serve', async () => {
  const env = { ...data.env, FRONTDESK_WRITER_LOCK: 'off' };
  if (run(['check'], { env }).code === 0)
    return;
  const bare = new Pools({ dir: data.dir, env });
  for (const role of ['web', 'runner']) {
    bare.start(role);
    await sleep(700);
    await bare.stop(role);
    assert.match(bare.log(role), /can lose rows without/, role);
  }
});
