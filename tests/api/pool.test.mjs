// Workers come and go under load: nothing that was accepted is lost, what is
// stuck is killed, and what is slow is written down.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { send, sleep, until } from '../fake/net.mjs';
import { onboard, seedAssistant, signUp } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { cleanEnv, root } from '../lib/once.mjs';
import { childrenOf, healthy, startStack } from '../lib/stack.mjs';

let stack;
let owner;

before(async () => {
  stack = await startStack({ workers: 3, env: { FRONTDESK_SLOW_MS: '1',
    FRONTDESK_PEER_TIMEOUT_MS: '8000',
    FRONTDESK_HARD_MS: '2500' } });
  owner = await signUp(stack);
});

/* Requests from 16 clients for a time; answers how often each status came. */
async function load(ms, during) {
  const end = Date.now() + ms;
  const seen = {};
  const one = async () => {
    while (Date.now() < end) {
      const r = await send(`${stack.url}/api/user/profile`, {
        timeoutMs: 5000, headers: { Authorization:
          `Bearer ${owner.session.access_token}` } })
        .catch((e) => ({ status: e.message }));
      seen[r.status] = (seen[r.status] ?? 0) + 1;
    }
  };
  await Promise.all([...Array.from({ length: 16 }, one), during()]);
  return seen;
}

/*
 * A worker that leaves passes its kept connections to the others, so that a
 * request that nginx has just written to it is not lost.
 */
test('workers that are asked to stop finish what they hold', async () => {
  const master = stack.pid('web');
  const old = childrenOf(master);
  const seen = await load(2500, async () => {
    for (let i = 0; i < 6; i++) {
      await sleep(300);
      const now = childrenOf(master);
      process.kill(now[i % now.length], 'SIGTERM');
    }
  });

  assert.deepEqual(Object.keys(seen), ['200'], JSON.stringify(seen));
  assert.ok(seen[200] > 100, `only ${seen[200]} requests`);
  await until('new workers', () => {
    const now = childrenOf(master);
    return now.length === 3 && now.every((p) => !old.includes(p));
  });
});

test('killed workers cost at most the requests they held', async () => {
  const master = stack.pid('web');
  const seen = await load(2000, async () => {
    for (let i = 0; i < 4; i++) {
      await sleep(300);
      process.kill(childrenOf(master)[0], 'SIGKILL');
    }
  });
  const bad = Object.entries(seen).filter(([k]) => k !== '200');

  assert.ok(bad.every(([k]) => k === '503'), JSON.stringify(seen));
  assert.ok(bad.reduce((n, [, v]) => n + v, 0) <= 64,
    JSON.stringify(seen));
  await until('three workers', () => childrenOf(master).length === 3);
});

test('a request that is stuck is ended, and the next one is served',
  async () => {
    const b = await onboard(stack, { assistant: false });

    stack.vapi.fail({ mode: 'hang', on: 'POST /assistant' });
    const from = Date.now();
    const reply = await b.client.post('/api/assistants', seedAssistant,
      { validate: false });
    assert.ok(Date.now() - from < 7000, `${Date.now() - from} ms`);
    assertError(reply, 503, 'busy');
    /* the answer comes when the worker dies, its successor a little later */
    await until('a successor of the stuck worker', async () => {
      const { pools } = (await b.client.get('/status')).body;
      return pools.find((p) => p.pool === 'wait').workers
        .some((w) => w.restarts > 0);
    });
    const made = await until('a place', async () => {
      const r = await b.client.post('/api/assistants',
        { ...seedAssistant, name: 'Second' });
      return r.status === 201 && r.body;
    });
    assert.ok(stack.vapi.assistants.has(made.vapiId));
  });

test('slow requests are in the log with their route', () => {
  const log = stack.logs().filter((l) => /web|auth|wait|slow/.test(l.name))
    .map((l) => l.text).join('');

  assert.match(log, /"slow/);
});

test('going down finishes what runs', async () => {
  const b = await onboard(stack, { assistant: false });

  stack.vapi.fail({ mode: 'slow-create', ms: 1200, on: 'POST /assistant' });
  const asked = b.client.post('/api/assistants', seedAssistant);
  await sleep(300);
  const down = spawn(join(root, 'scripts/down'), ['--data', stack.dir],
    { env: cleanEnv(stack.env), stdio: 'ignore' });
  const ended = new Promise((done) => down.on('close', done));
  const reply = await asked;
  assert.equal(reply.status, 201, reply.text);
  assert.equal(await ended, 0);
  await assert.rejects(send(`${stack.url}/api/health`));
  const up = spawn(join(root, 'scripts/up'), ['--detach', '--port',
    String(stack.port), '--data', stack.dir, '--workers', '2'],
  { env: cleanEnv(stack.env), stdio: 'ignore' });
  assert.equal(await new Promise((done) => up.on('close', done)), 0);
  await healthy(stack);
  assert.equal((await b.client.want(200, 'GET', '/api/assistants'))
    .data[0].id, reply.body.id);
});
