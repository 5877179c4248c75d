// The database server goes away and comes back: 503 with Retry-After in
// between, the same processes before and after, and nothing lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { send, until } from '../fake/net.mjs';
import { onboard, workday } from '../lib/business.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { childrenOf, startStack } from '../lib/stack.mjs';

const skip = process.env.FRONTDESK_TEST_ENGINE === 'postgres' ? false :
  'SQLite has no server';
const pools = ['web', 'hook', 'auth', 'wait', 'runner'];
let server;
let stack;
let b;

before(async () => {
  if (skip)
    return;
  server = await startPostgres({ safe: true });
  const database = server.createDatabase();
  stack = await startStack({ database, env: database.env });
  b = await onboard(stack, { assistant: false });
});

after(async () => {
  await stack?.stop();
  await server?.drop();
});

const get = (path) => send(`${stack.url}${path}`, { timeoutMs: 8000,
  headers: { Authorization: `Bearer ${b.client.token}` } });
const everybody = () => pools.flatMap((p) => childrenOf(stack.pid(p))).sort();

async function isBusy(path) {
  const from = Date.now();
  const reply = await get(path);

  assert.equal(reply.status, 503, `${path}: ${reply.text}`);
  assert.equal(reply.headers['retry-after'], '2');
  assert.equal(JSON.parse(reply.text).code, 'busy');
  assert.ok(Date.now() - from < 3000, `${Date.now() - from} ms`);
}

for (const mode of ['fast', 'immediate', 'crash'])
  test(`the server ends (${mode}) and comes back`, { skip }, async () => {
    const old = everybody();

    await server.stop(mode);
    for (let i = 0; i < 3; i++) {
      await isBusy('/api/user/profile');
      await isBusy('/api/appointments');
    }
    assert.equal((await get('/api/health')).status, 200);
    assert.equal((await get('/api/ready')).status, 503);
    await server.start();
    await until('all to be well', async () =>
      (await get('/api/ready')).status === 200
      && (await get('/api/user/profile')).status === 200, 5000);
    assert.deepEqual(everybody(), old, 'a process was replaced');
  });

test('connections that end between requests cost nobody anything', { skip },
  async () => {
    const { name } = stack.database;

    for (let i = 0; i < 5; i++) {
      assert.ok(server.kill(name) > 0);
      const replies = await Promise.all(Array.from({ length: 12 }, () =>
        get('/api/user/profile')));
      assert.deepEqual(replies.map((r) => r.status),
        replies.map(() => 200));
    }
  });

/* Bookings go on while connections are cut at any moment. */
test('a booking is answered as booked once, or not at all', { skip },
  async () => {
    const day = workday(3);
    const told = new Set();
    let cut = 0;
    let stopped = false;
    const cutter = (async () => {
      while (!stopped) {
        cut += server.kill(stack.database.name);
        await new Promise((done) => setTimeout(done, 40));
      }
    })();
    const seen = {};

    for (let i = 0; i < 48; i++) {
      const at = `${day}T${String(Math.floor(i / 2)).padStart(2, '0')}:${
        i % 2 ? '30' : '00'}:00Z`;
      for (let again = true; again;) {
        const r = await b.client.post('/api/appointments',
          { starts_at: at, name: `Caller ${i}`, phone: '+14155550111' },
          { validate: false });
        seen[r.status] = (seen[r.status] ?? 0) + 1;
        assert.ok([201, 409, 503].includes(r.status), `${r.status} ${r.text}`);
        again = r.status === 503;
        if (r.status === 201)
          told.add(at);
      }
    }
    stopped = true;
    await cutter;
    assert.ok(cut > 10, `${cut} connections were cut`);
    const list = await until('the list', async () => {
      const r = await get('/api/appointments?limit=200');
      return r.status === 200 && JSON.parse(r.text).data;
    });
    const there = list.map((a) => new Date(a.starts_at).toISOString());
    assert.equal(new Set(there).size, there.length, 'a time is booked twice');
    for (const at of told)
      assert.ok(there.includes(new Date(at).toISOString()), `${at} is lost`);
    assert.equal(there.length, 48, JSON.stringify(seen));
  });

test('a schema that is not ours is told, and nothing is served from it',
  { skip }, async () => {
    assert.equal(stack.run(['migrate', 'down']).code, 0);
    server.kill(stack.database.name);
    await isBusy('/api/user/profile');
    assert.match(stack.logs().map((l) => l.text).join(''),
      /the database has schema \d+, this program needs \d+/);
    assert.equal(stack.run(['migrate', 'up']).code, 0);
    await until('all to be well', async () =>
      (await get('/api/user/profile')).status === 200);
  });
