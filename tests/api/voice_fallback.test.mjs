// The workers are gone: a caller hears a prepared greeting, never an error.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readTwiml } from '../fake/twiml.mjs';
import { sleep, until } from '../fake/net.mjs';
import { onboard } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { cleanEnv, root } from '../lib/once.mjs';
import { childrenOf, healthy, startStack } from '../lib/stack.mjs';

let stack;
let b;
const caller = '+14155550111';

before(async () => {
  stack = await startStack();
  b = await onboard(stack);
});

test('killed workers are replaced and calls go on', async () => {
  const master = stack.pid('hook');
  const old = childrenOf(master);

  assert.ok(old.length >= 2, `${old.length} workers`);
  for (const pid of old)
    process.kill(pid, 'SIGKILL');
  const during = await b.twilio.dial(caller);
  assert.ok(during.heard.length > 0 || during.session);
  await until('new workers', async () => {
    const now = childrenOf(master);
    return now.length >= old.length && now.every((p) => !old.includes(p));
  });
  const call = await until('the assistant to answer', async () => {
    const one = await b.twilio.dial(caller);
    return one.session && one;
  });
  assert.ok(call.session);
});

test('stopped workers: the greeting of that number, or the general one',
  async () => {
    const file = join(stack.dir, 'voice', `${b.number.slice(1)}.xml`);
    await until('the greeting of the number', () => existsSync(file));
    const master = stack.pid('hook');
    const all = [master, ...childrenOf(master)];

    for (const pid of all)
      process.kill(pid, 'SIGKILL');
    await sleep(300);
    const { twilio } = b;
    for (const path of ['/twilio/voice', '/api/twilio/voice',
      '/api/v1/twilio/voice', '/twilio/voice/fallback']) {
      const reply = await twilio.post(stack.publicUrl + path,
        twilio.callParams(caller));
      const verbs = readTwiml(reply);
      assert.equal(reply.status, 200);
      assert.ok(verbs.some((v) => v.name === 'Say'), reply.text);
      assert.equal(reply.text, readFileSync(file, 'utf8'));
    }
    const other = await twilio.post(twilio.voiceUrl, twilio.callParams(
      caller, { To: '+14155550190' }));
    assert.ok(readTwiml(other).length > 0);
    const odd = await twilio.post(twilio.voiceUrl, twilio.callParams(caller,
      { To: '../../frontdesk.conf' }));
    assert.ok(readTwiml(odd).length > 0);
    assert.doesNotMatch(odd.text, /port *=/);
    const call = await twilio.dial(caller);
    if (call.recorded)
      await call.leaveMessage();
    assert.equal(call.session, null);
  });

test('meanwhile other webhooks say so, and the console goes on', async () => {
  const reply = await b.twilio.post(b.twilio.statusUrl,
    b.twilio.callParams(caller));

  assertError(reply, 503, 'busy');
  assert.ok(Number(reply.headers['retry-after']) > 0);
  await b.client.want(200, 'GET', '/api/user/profile');
});

test('a server that is started again answers as before', async () => {
  const up = spawnSync(`${root}/scripts/up`, ['--detach', '--port',
    String(stack.port), '--data', stack.dir, '--workers', '2'],
  { env: cleanEnv(stack.env), encoding: 'utf8' });

  assert.equal(up.status, 0, up.stdout + up.stderr);
  await healthy(stack);
  const call = await b.twilio.dial(caller);
  assert.ok(call.session, call.document);
});

test('who claims a number of others gives its callers nothing of his own',
  async () => {
    const transfer = '+14155550177';
    const owner = await onboard(stack, { assistant: false, transfer });
    const rival = await onboard(stack, { assistant: false });
    const file = join(stack.dir, 'voice', `${owner.number.slice(1)}.xml`);
    const own = () => existsSync(file) &&
      readFileSync(file, 'utf8').includes(transfer);
    const claim = (number) => rival.client.want(200, 'PATCH',
      '/api/user/studio-config', { number, languages: ['he'] });

    await until('the greeting of the owner', own);
    await claim(owner.number);
    await until('the general greeting', () => !existsSync(file));
    await claim(rival.number);
    await until('the greeting of the owner again', own);
  });
