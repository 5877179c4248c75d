// What every server must answer, and how it refuses what it does not know.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { send } from '../fake/net.mjs';
import { signUp } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let api;

before(async () => {
  stack = await startStack();
  api = stack.client();
});

test('health, ready and version', async () => {
  assert.deepEqual(await api.want(200, 'GET', '/api/health'),
    { status: 'ok' });
  await api.want(200, 'GET', '/api/ready');
  const version = await api.want(200, 'GET', '/api/version');
  assert.match(JSON.stringify(version), /\d+\.\d+\.\d+/);
});

test('every route answers with and without /v1', async () => {
  for (const path of ['/api/health', '/api/v1/health', '/api/version',
    '/api/v1/version'])
    await api.want(200, 'GET', path);
  for (const path of ['/api/user/profile', '/api/v1/user/profile'])
    await api.wrong(401, 'auth', 'GET', path);
});

test('metrics are in the text format of Prometheus', async () => {
  const reply = await api.get('/metrics');

  assert.equal(reply.status, 200);
  assert.match(reply.headers['content-type'], /^text\/plain/);
  assert.match(reply.text, /^# TYPE \S+ counter$/m);
  assert.match(reply.text, /^\S+(\{[^}]*\})? \d/m);
});

test('unknown paths are 404 and unknown methods 405, in the error shape',
  async () => {
    await api.wrong(404, 'missing', 'GET', '/api/nothing');
    await api.wrong(404, 'missing', 'GET', '/api/v1/nothing/at/all');
    await api.wrong(404, 'missing', 'POST', '/api/', {});
    const reply = await api.wrong(405, 'not_allowed', 'DELETE',
      '/api/user/profile');
    assert.deepEqual(reply.headers.allow.split(/,\s*/).sort()
      .filter((m) => !/HEAD|OPTIONS/.test(m)), ['GET', 'PATCH']);
  });

test('odd paths do not reach other routes', async () => {
  for (const path of ['/api/user%2fprofile', '/api//user/profile',
    '/api/user/profile/', '/api/user/../health%00', '/api/%75ser/profile%ff',
    '/api/health%0d%0aX-Evil:1']) {
    const reply = await send(stack.url, { target: path });
    assert.ok([400, 401, 404].includes(reply.status),
      `${path}: ${reply.status}`);
    assert.equal(reply.headers['x-evil'], undefined);
  }
});

test('each answer has an id of its own and careful headers', async () => {
  const ids = new Set();

  for (let i = 0; i < 3; i++) {
    const reply = await api.get('/api/health');
    ids.add(reply.headers['x-request-id']);
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
    assert.match(reply.headers['cache-control'] ?? '', /no-store|no-cache/);
  }
  assert.equal(ids.size, 3);
});

test('the console page names the API description', async () => {
  const page = await send(`${stack.url}/`);

  assert.equal(page.status, 200);
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.match(page.text, /openapi\.json/);
});

test('the status page shows every pool, to this machine only', async () => {
  const reply = await api.get('/status');

  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.body.pools.map((p) => p.pool).sort(),
    ['auth', 'hook', 'runner', 'wait', 'web']);
  for (const pool of reply.body.pools)
    for (const w of pool.workers)
      assert.ok(['idle', 'busy'].includes(w.state), JSON.stringify(pool));
});

test('a body over the limit is refused by nginx in the error shape',
  async () => {
    const { client } = await signUp(stack);
    const reply = await client.request('PATCH', '/api/user/profile', {
      body: JSON.stringify({ full_name: 'x'.repeat(3 << 20) }),
      validate: false });
    assertError(reply, 413, 'too_large');
  });
