// main.mjs - two application hosts, a front and two servers of PostgreSQL,
// under load while one after the other dies; afterwards every booking that was
// acknowledged is there, once, and no job ever ran twice at a time.
//
// usage: unshare -n node main.mjs [--seconds N] [--seed N]
// Without --seconds each thing dies once; with it, things die at random for so
// long before. Prints TAP and one line of figures.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, rows } from '../crash/ledger.mjs';
import { business, Load } from '../crash/load.mjs';
import { sleep, until } from '../fake/net.mjs';
import { Doors } from './doors.mjs';
import { overlaps } from './jobs.mjs';
import { Strikes } from './strikes.mjs';
import { makeWorld } from './world.mjs';

const clients = 6;
const assistants = 6;
let tests = 0;

function option(name, usual) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
}

async function test(name, run) {
  const begun = Date.now();

  tests += 1;
  try {
    const figures = await run();
    process.stdout.write(`ok ${tests} - ${name}\n# ${Date.now() - begun} ms`
      + `${typeof figures === 'string' ? `, ${figures}` : ''}\n`);
  } catch (e) {
    process.exitCode = 1;
    process.stdout.write(`not ok ${tests} - ${name}\n`
      + `${e.stack.replaceAll(/^/gm, '# ')}\n`);
  }
}

const world = await makeWorld();
const { doors } = world;
const all = new Doors({ dir: join(world.dir, 'load'), env: {} },
  [doors.a, doors.front, doors.b]);

await test('PostgreSQL takes no connection without TLS', () => {
  const r = spawnSync('psql', ['-X', '-d', `${world.database.super}?sslmode=`
    + 'disable', '-c', 'SELECT 1'], { encoding: 'utf8' });

  assert.notEqual(r.status, 0);
  assert.match(r.stderr, /no encryption/);
});

await test('a host answers nobody without a certificate of ours', async () => {
  const stranger = world.doorOf('a', { cert: undefined, key: undefined });
  const reply = await stranger.ask('GET', '/api/health');

  assert.equal(reply.status, 400);
  assert.equal(JSON.parse(reply.text).code, 'input');
});

await test('hosts know by the front who asks, and nobody can say otherwise',
  async () => {
    for (const path of ['/status', '/api/metrics', '/api/v1/status/'])
      assert.equal((await doors.front.ask('GET', path)).status, 404);
    assert.equal((await doors.a.ask('GET', '/status')).status, 403);
    for (let i = 0; i < 6; i++)
      await doors.front.ask('GET', `/api/version?x=%2F&n=${i}`,
        { headers: { 'X-Forwarded-For': '127.0.0.1',
          'X-Real-IP': '127.0.0.1' } });
    const seen = ['a', 'b'].map((name) => world.log(name, 'access.log')
      .filter((l) => l.path === '/api/version').map((l) => l.remote));
    assert.deepEqual([...new Set(seen.flat())], ['10.77.0.1']);
    assert.ok(seen.every((l) => l.length > 0), 'one host was not asked');
  });

let token;
await test('a session of one host holds on all, and so does its end',
  async () => {
    token = await business(all);
    const { body } = await doors.a.ask('POST', '/api/auth/signin',
      { json: { email: 'owner@example.com',
        password: 'correct horse battery' } });
    const own = { token: body.access_token };

    for (const door of [doors.b, doors.front, doors.a])
      assert.equal((await door.ask('GET', '/api/user/profile', own)).status,
        200);
    const next = await doors.b.ask('POST', '/api/auth/refresh',
      { json: { refresh_token: body.refresh_token } });
    assert.equal(next.status, 200, next.text);
    await doors.b.ask('POST', '/api/auth/signout', { token:
      next.body.access_token, json: {} });
    assert.equal((await doors.a.ask('GET', '/api/user/profile', own)).status,
      401);
  });

/* A second business, whose assistants make work for the runners, and with a
 * number of whose callers both hosts have to know. */
const other = { token: await all.signUp('other@example.com'), turns: 0,
  number: '+14155550122' };

const set = (method, path, json) => all.want(200, 'web', method, path,
  { token: other.token, json });

const saidOn = (name) => {
  const file = join(world.dir, name, 'voice', `${other.number.slice(1)}.xml`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

function secretOf(n) {
  return all.call('web', 'POST', '/api/vapi-settings', { token: other.token,
    json: { vapi_api_key: 'sk-hosts-0123456789',
      vapi_webhook_secret: `whsec-hosts-${String(n).padStart(8, '0')}` } });
}

async function turner(load) {
  while (!load.stopped) {
    const reply = await secretOf(++other.turns);
    if (reply && reply.status !== 200 && reply.status < 500)
      load.wrong.push(`POST /vapi-settings: ${reply.status} ${reply.text}`);
    await sleep(150);
  }
}

await secretOf(0);
await set('PATCH', '/api/user/studio-config', { number: other.number,
  transfer_number: '+14155550177' });
await set('PATCH', '/api/user/profile', { accept_terms: true });
await set('POST', '/api/twilio-settings', { account_sid: `AC${'0'.repeat(32)}`,
  auth_token: 'f'.repeat(32), phone_number: other.number });
for (let i = 0; i < assistants; i++)
  await all.want(201, 'wait', 'POST', '/api/assistants', { token: other.token,
    json: { name: `Ava ${i}`, instructions: 'Be kind.' } });
world.vapi.fail({ mode: 'hang', ms: 150, times: Infinity,
  on: 'PATCH /assistant/' });

const load = new Load(all, token);
const strikes = new Strikes(world, load, option('seed', Date.now() % 1000000));
load.start(clients);
const turning = turner(load);

await test('bookings through both hosts and the front', async () => {
  await strikes.goesOn(20);
  assert.ok(Object.values(doors).every((d) => d.answers > 3));
});
await test('what callers hear while the workers are down is on both hosts',
  () => until('the files', () => ['a', 'b'].every((name) =>
    saidOn(name).includes('+14155550177'))));

if (option('seconds', 0) > 0)
  await test('whatever dies, bookings go on', async () => {
    const end = Date.now() + option('seconds', 0) * 1000;

    while (Date.now() < end && load.wrong.length === 0)
      await strikes.any();
    return strikes.summary();
  });
await test('one application host is dead', async () => {
  const before = doors.front.answers;

  assert.ok(world.hosts.b.kill() > 10);
  await strikes.goesOn();
  await set('PATCH', '/api/user/studio-config',
    { transfer_number: '+14155550178' });
  assert.ok(doors.front.answers > before, 'the front does not answer');
});
await test('the primary is restarted, as after a crash', async () => {
  await world.primary.restart('immediate');
  await strikes.goesOn();
  await world.inStep();
});
await test('the application host comes back', async () => {
  await world.up('b');
  const before = doors.b.answers;
  await strikes.goesOn();
  assert.ok(doors.b.answers > before, 'it does not answer');
  await until('what it has missed', () =>
    saidOn('b').includes('+14155550178'));
});
await test('the primary dies, the standby takes over', async () => {
  await strikes.failOver();
  await strikes.goesOn();
});

await load.stop();
await turning;
const env = { FRONTDESK_DATA: join(world.dir, 'a'),
  FRONTDESK_DATABASE: world.urlOf('FRONTDESK_DATABASE'),
  /* the one that is left: looking for the other would take its time */
  FRONTDESK_TEST_SUPER: world.urlOf('FRONTDESK_TEST_SUPER')
    .replace(/10\.77\.0\.2:5432,/, '') };
await test('every acknowledged booking exists exactly once', () => {
  const wrong = [...load.wrong, ...compare(env, load)];

  assert.deepEqual(wrong, []);
  return `${load.booked.size} bookings, ${load.repeats} requests asked again`;
});
await test('no job ever ran twice at a time', () => {
  const runs = overlaps(world);

  assert.deepEqual(runs.wrong, []);
  assert.ok(runs.hosts.every((n) => n > 0), `runs by host: ${runs.hosts}`);
  assert.ok(runs.asked > 10, `${runs.asked} requests at the provider`);
  return `${runs.hosts.join(' and ')} runs on the hosts, `
    + `${runs.asked} requests at the provider`;
});
if (option('seconds', 0) > 0)
  await test('what a dead runner had begun, another one ends', () =>
    until('the queue to be empty', () =>
      rows(env, 'SELECT id, state FROM job').length === 0, 300000, 1000));
process.stdout.write(`1..${tests}\n`);
if (process.exitCode)
  process.stdout.write(`# left for a look: ${world.dir}\n`);
await world.stop();
process.exit();
