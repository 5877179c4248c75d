// pool.test.mjs - the pools under bad luck: crashed, stuck, replaced and
// stopped workers, and what callers see of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { startStack } from '../lib/stack.mjs';
import { until } from '../fake/net.mjs';

const stack = await startStack({ vapi: false, workers: 2, env: {
  FRONTDESK_SLOW_MS: '200', FRONTDESK_HARD_MS: '1500' } });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Requests from n clients until stop() is called: how many, and failures. */
function load(n, path, init) {
  const seen = { count: 0, bad: [] };
  let on = true;
  const one = async () => {
    while (on) {
      try {
        const r = await fetch(stack.url + path, init);
        await r.text();
        if (r.status >= 500)
          seen.bad.push(r.status);
      } catch (e) {
        seen.bad.push(e.cause?.code ?? e.message);
      }
      seen.count++;
    }
  };
  const all = Array.from({ length: n }, one);
  return { seen, stop: async () => { on = false; await Promise.all(all); } };
}

async function pool(name) {
  const r = await (await fetch(`${stack.url}/status`)).json();
  return r.pools.find((p) => p.pool === name);
}

test('SIGHUP replaces every worker under load and loses no request',
  async () => {
    const before = (await pool('web')).workers.map((w) => w.pid);
    const l = load(8, '/api/health');
    await sleep(300);
    process.kill(stack.pid('web'), 'SIGHUP');
    const after = await until(async () => {
      const now = (await pool('web')).workers.map((w) => w.pid);
      return now.every((p) => p > 0 && !before.includes(p)) && now;
    }, 10000);
    await sleep(300);
    await l.stop();
    assert.equal(after.length, before.length);
    assert.deepEqual(l.seen.bad, []);
    assert.ok(l.seen.count > 100, `only ${l.seen.count} requests`);
  });

test('a worker told to stop answers what it has, POSTs included',
  async () => {
    const l = load(8, '/api/auth/signout', { method: 'POST' });
    for (let i = 0; i < 6; i++) {
      await sleep(150);
      const { workers } = await pool('web');
      const one = workers.find((w) => w.pid > 0);
      process.kill(one.pid, 'SIGTERM');
      await until(async () => (await pool('web')).workers
        .every((w) => w.pid > 0 && w.pid !== one.pid), 5000);
    }
    await l.stop();
    assert.deepEqual(l.seen.bad, []);
    assert.ok(l.seen.count > 100, `only ${l.seen.count} requests`);
  });

test('a killed worker is replaced', async () => {
  const { workers } = await pool('web');
  process.kill(workers[0].pid, 'SIGKILL');
  const now = await until(async () => {
    const p = await pool('web');
    const w = p.workers[0];
    return w.pid > 0 && w.pid !== workers[0].pid && w;
  }, 5000);
  assert.ok(now.restarts > workers[0].restarts);
  const log = stack.logs().find((l) => l.name === 'web.log').text;
  assert.match(log, new RegExp(`worker ${workers[0].pid} of web died of ` +
    'signal 9'));
});

test('a stuck worker is told of, then killed, and the caller gets 503',
  async () => {
    // whoever holds the writers' lock keeps every write waiting
    const hold = spawn('flock', [join(stack.dir, 'frontdesk.db.lock'), 'sleep',
      '3'], { stdio: 'ignore' });
    await sleep(300);
    const r = await fetch(`${stack.url}/api/auth/refresh`, { method: 'POST',
      body: '{"refresh_token":"fdr_none"}' });
    const body = await r.json();
    hold.kill();
    assert.equal(r.status, 503);
    assert.equal(body.code, 'busy');
    assert.ok(r.headers.get('retry-after'));
    const log = await until(() => {
      const { text } = stack.logs().find((l) => l.name === 'web.log');
      return text.includes('stuck request') && text;
    }, 5000);
    assert.match(log, /"msg":"slow request".*"route":"\/auth\/refresh"/);
    assert.match(log, /"msg":"stuck request; worker killed"/);
  });

test('the lock that is released in time lets the write through', async () => {
  const hold = spawn('flock', [join(stack.dir, 'frontdesk.db.lock'), 'sleep',
    '0.6'], { stdio: 'ignore' });
  await sleep(200);
  const r = await fetch(`${stack.url}/api/auth/refresh`, { method: 'POST',
    body: '{"refresh_token":"fdr_none"}' });
  hold.kill();
  assert.equal(r.status, 401);
});
