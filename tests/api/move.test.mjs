// `frontdesk move`: all of a database into one of the other engine and back,
// to the byte; never half of it, and never under somebody's hands.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sleep } from '../fake/net.mjs';
import { workday } from '../fake/days.mjs';
import { cleanEnv, makeData, program, root, run } from '../lib/once.mjs';
import { createDatabase } from '../lib/postgres.mjs';

const look = join(root, 'build/obj/tests/db/look');
const server = process.env.FRONTDESK_TEST_POSTGRES;
/* It needs both engines, whichever the others run on: once is enough. */
const skip = process.env.FRONTDESK_TEST_ENGINE === 'postgres' && server ?
  false : 'runs with PostgreSQL';
const sqlite = { env: {}, drop() {} };
const folder = mkdtempSync(join(tmpdir(), 'frontdesk-move-'));
const made = [];
let source;

/* Every row of every table, but when the tables were made. */
function contents(env) {
  const r = spawnSync(look, ['--sound', '--all'], { env: cleanEnv(env),
    encoding: 'utf8', maxBuffer: 256 << 20 });

  assert.equal(r.status, 0, r.stderr);
  assert.match(r.stdout, /^ok\n/);
  return r.stdout.split('\n').filter((l) => !l.startsWith('schema_migration|'))
    .join('\n');
}

const urlOf = (env) => env.FRONTDESK_DATABASE_OWNER ?? env.FRONTDESK_DATABASE
  ?? join(env.FRONTDESK_DATA, 'frontdesk.db');
const move = (from, to) => run(['move', '--from', urlOf(from), '--to',
  urlOf(to)], { env: to });

/* What staff find by words: the answer, to the byte. */
function found(data, words) {
  const { body } = data.once('POST', '/api/auth/signin', { json: {
    email: 'owner@example.com', password: 'correct horse battery' } });
  const reply = data.once('GET', `/api/appointments?q=${
    encodeURIComponent(words)}`, { token: body.access_token });

  assert.equal(reply.status, 200, reply.text);
  return reply.text;
}

/* An empty database with tables; kind: sqlite or postgres. */
function target(kind) {
  const data = kind === 'sqlite' ? makeData({}, sqlite) :
    makeData({}, createDatabase(server));
  made.push(data);
  return data;
}

/* A practice that has been open for a while. */
function life(data) {
  const ask = (status, method, path, json) => {
    const reply = data.once(method, path, { json, token: session?.access_token,
      headers: { 'User-Agent': 'Browser "é"' } });
    assert.equal(reply.status, status, reply.text);
    return reply.body;
  };
  let session;

  session = ask(201, 'POST', '/api/auth/signup', { email: 'owner@example.com',
    password: 'correct horse battery', organization_name: 'Zähne & Söhne' });
  ask(200, 'PATCH', '/api/v1/user/profile', { timezone: 'Europe/Paris',
    locale: 'fr', accept_terms: true });
  ask(200, 'PATCH', '/api/v1/user/studio-config', { business_hours: '24/7',
    languages: ['fr', 'he'], number: '+14155550100', tone: null });
  ask(200, 'POST', '/api/twilio-settings', { account_sid:
    `AC${'0'.repeat(32)}`, auth_token: 'f'.repeat(32),
  phone_number: '+14155550100' });
  const day = workday(2, 'Europe/Paris');
  for (let i = 0; i < 20; i++)
    ask(201, 'POST', '/api/appointments', { starts_at: `${day}T${
      String(8 + Math.floor(i / 2)).padStart(2, '0')}:${i % 2 ? 30 : '00'}:00Z`,
    name: `Zoé Näme ${i} – "x" | \\ ☎`, phone: '+14155550111',
    reason: i % 3 ? null : 'line\nbreak\ttab' });
}

before(() => {
  if (skip)
    return;
  const data = target('sqlite');
  life(data);
  source = data.env;
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const data of made)
    data.drop();
});

test('there and back again, to the byte', { skip }, () => {
  const there = target('postgres');
  const back = target('sqlite');
  const was = contents(source);

  assert.ok(was.split('\n').length > 60, was);
  const first = move(source, there.env);
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /appointment +20 rows\n/);
  assert.match(first.out, /tables moved and compared/);
  assert.equal(contents(there.env), was);
  assert.equal(move(there.env, back.env).code, 0);
  assert.equal(contents(back.env), was);
  assert.equal(contents(source), was);
  /* and it works there: the sessions, too */
  assert.equal(run(['check'], { env: there.env }).code, 0);
  const [here, far] = ['zoe NAME 7', 'naem'].map((q) => found(there, q));
  assert.match(here, /<mark>Zoé<\/mark> <mark>Näme<\/mark> <mark>7<\/mark>/);
  assert.deepEqual(JSON.parse(far).data, []);
  assert.equal(found(back, 'zoe NAME 7'), here);
});

test('a target that holds something is left alone', { skip }, () => {
  const there = target('postgres');
  const was = contents(there.env);

  assert.equal(run(['user', 'add', 'someone@example.com'],
    { env: there.env, input: 'correct horse battery\n' }).code, 0);
  const full = contents(there.env);
  assert.notEqual(full, was);
  const r = move(source, there.env);
  assert.equal(r.code, 1);
  assert.match(r.err, /the target is not empty: account has 1 rows/);
  assert.equal(contents(there.env), full);
});

test('versions that differ, places that are not there', { skip }, () => {
  const there = target('postgres');

  assert.equal(run(['migrate', 'down'], { env: there.env }).code, 0);
  const old = move(source, there.env);
  assert.equal(old.code, 1);
  assert.match(old.err, /the target has schema \d+, this program needs \d+/);
  for (const [from, to, why] of [
    ['postgresql://x@127.0.0.1:1/x', join(folder, 'a.db'), /source: .*refused/],
    [urlOf(source), 'postgresql://x@127.0.0.1:1/x', /target: .*refused/],
    [urlOf(source), '/nowhere/at/all.db', /target: .*unable to open/],
    [urlOf(source), join(folder, 'new.db'), /the target has schema 0/],
    [urlOf(source), urlOf(source), /usage/]]) {
    const r = run(['move', '--from', from, '--to', to], { env: source });
    assert.notEqual(r.code, 0);
    assert.match(r.err, why);
  }
});

/* Somebody holds a connection that serves: a pool, by hand. */
async function serving(env) {
  const child = spawn(program, ['worker', '--pool', 'web', '--workers', '1',
    '--socket', join(folder, `${randomUUID()}.sock`)], { env: cleanEnv(env),
    stdio: 'ignore' });

  await sleep(1500);
  return { stop: () => new Promise((done) => {
    child.once('exit', done);
    child.kill('SIGTERM');
  }) };
}

for (const [what, kind] of [['target', 'postgres'], ['target', 'sqlite'],
  ['source', 'sqlite'], ['source', 'postgres']])
  test(`a live ${what} on ${kind} is not touched`, { skip }, async () => {
    const live = target(kind);
    const other = target(kind === 'sqlite' ? 'postgres' : 'sqlite');
    const pool = await serving(live.env);
    const [from, to] = what === 'source' ? [live, other] : [other, live];
    try {
      const r = move(from.env, to.env);
      assert.equal(r.code, 1, r.out);
      assert.match(r.err, new RegExp(`^frontdesk: ${what}: .*stop frontdesk`));
    } finally {
      await pool.stop();
    }
    assert.equal(move(from.env, to.env).code, 0);
  });

test('interrupted anywhere, it can be run again', { skip, timeout: 120000 },
  async () => {
    const there = target('postgres');
    const empty = contents(there.env);
    const was = contents(source);
    let cut = 0;

    for (let ms = 1; ms < 60; ms += 7) {
      const child = spawn(program, ['move', '--from', urlOf(source), '--to',
        urlOf(there.env)], { env: cleanEnv(there.env), stdio: 'ignore' });
      const gone = new Promise((done) => child.once('exit',
        (code, signal) => done(signal)));
      await sleep(ms);
      child.kill('SIGKILL');
      if (await gone !== 'SIGKILL')
        break;
      cut += 1;
      /* the server needs a moment to see that nobody is there */
      await sleep(200);
      assert.equal(contents(there.env), empty);
    }
    assert.ok(cut > 0);
    if (contents(there.env) === empty)
      assert.equal(move(source, there.env).code, 0);
    assert.equal(contents(there.env), was);
    assert.equal(contents(source), was);
  });
