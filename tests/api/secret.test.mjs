// After a busy day no log, no answer and no file but the keys holds a secret.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { sign } from '../fake/twilio.mjs';
import { callIn, onboard, password, workday } from '../lib/business.mjs';
import { onPostgres } from '../lib/postgres.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let b;
const secrets = new Map();

async function failures() {
  const { client, twilio } = b;
  const opt = { validate: false };

  stack.vapi.fail({ mode: '401' }, { mode: 'html' }, { mode: 'drop' });
  for (let i = 0; i < 3; i++)
    await client.post('/api/assistants', { name: 'X',
      instructions: 'secret-prompt-text' }, opt);
  await client.post('/api/vapi-settings', { vapi_api_key: 7 }, opt);
  await client.post('/api/vapi-settings', `{"vapi_api_key":"${b.vapiKey}`,
    opt);
  await client.post('/api/auth/signin', { email: b.email,
    password: 'a-wrong-password-9471' }, opt);
  await client.get(`/api/auth/session?token=${b.session.access_token}`, opt);
  await twilio.post(twilio.voiceUrl, twilio.callParams('+14155550111'),
    { signature: 'x' });
}

before(async () => {
  stack = await startStack({ env: { FRONTDESK_LOG_LEVEL: 'debug',
    FRONTDESK_SLOW_MS: '0' } });
  b = await onboard(stack);
  const { session } = await callIn(b, '+14155550111');
  await session.tool('book-appointment', { date: workday(2), time: '10:00',
    name: 'Test Caller' });
  await session.end();
  await failures();
  const fresh = await b.client.want(200, 'POST', '/api/auth/refresh',
    { refresh_token: b.session.refresh_token });
  for (const [k, v] of Object.entries({ password, vapiKey: b.vapiKey,
    vapiSecret: b.vapiSecret, authToken: b.authToken,
    wrong: 'a-wrong-password-9471', access: b.session.access_token,
    accessSignature: b.session.access_token.split('.')[2],
    refresh: b.session.refresh_token, freshAccess: fresh.access_token,
    freshRefresh: fresh.refresh_token, controlUrl: '/call-control/',
    signature: sign(b.authToken, b.twilio.voiceUrl, {}) }))
    secrets.set(k, v);
});

test('no secret is in a log', () => {
  const logs = stack.logs();

  assert.ok(logs.length >= 3, logs.map((l) => l.name).join());
  assert.ok(logs.some((l) => l.text.includes('/auth/signup')),
    'the logs are empty: the test looks in the wrong place');
  for (const { name, text } of logs)
    for (const [what, secret] of secrets)
      assert.ok(!text.includes(secret), `${what} is in ${name}`);
});

test('each request left one line with its id, and the lines are JSON', () => {
  const web = stack.logs().find((l) => l.name === 'web.log').text;
  const lines = web.trim().split('\n').map((line) => JSON.parse(line));

  assert.ok(lines.length > 10);
  assert.ok(lines.some((l) => JSON.stringify(l).includes('/user/profile')));
});

test('no answer shows a stored secret', async () => {
  for (const path of ['/api/vapi-settings', '/api/twilio-settings',
    '/api/assistants', '/api/calls', '/api/appointments', '/status',
    '/api/user/studio-config', '/api/auth/session']) {
    const reply = await b.client.get(path);
    for (const what of ['vapiKey', 'vapiSecret', 'authToken', 'password'])
      assert.ok(!reply.text.includes(secrets.get(what)),
        `${what} in ${path}`);
  }
});

test('files of keys and data are for their owner only', () => {
  const mode = (f) => statSync(join(stack.dir, f)).mode & 0o777;

  assert.equal(mode('keys'), 0o600);
  if (!onPostgres)
    assert.equal(mode('frontdesk.db') & 0o007, 0);
  assert.equal(mode('.') & 0o007, 0);
});

test('no process shows a secret in its arguments', async () => {
  const { readFileSync, readdirSync } = await import('node:fs');
  for (const pid of readdirSync('/proc').filter((p) => /^\d+$/.test(p))) {
    let line = '';
    try {
      line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    } catch {
      continue;
    }
    if (line.includes('frontdesk'))
      for (const secret of secrets.values())
        assert.ok(!line.includes(secret), line);
  }
});

test('a worker that crashes leaves no core', async () => {
  const { readFileSync } = await import('node:fs');
  for (const name of ['web', 'hook', 'wait', 'auth', 'runner']) {
    const pid = stack.pid(name);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim().split(' ');
    for (const child of children)
      assert.match(readFileSync(`/proc/${child}/limits`, 'latin1'),
        /^Max core file size +0 +0 /m, name);
  }
});
