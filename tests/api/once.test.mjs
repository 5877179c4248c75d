// The program without a server: `frontdesk once`, its commands, and what
// happens when the n-th call to the database or a provider fails.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newEmail, newNumber, password } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { makeData, run } from '../lib/once.mjs';

let data;
let token;
const callsMax = 60;

before(() => {
  data = makeData({ FRONTDESK_VAPI_URL: 'http://127.0.0.1:9',
    FRONTDESK_PEER_TIMEOUT_MS: '300' });
  const made = data.once('POST', '/api/auth/signup',
    { json: { email: newEmail(), password } });
  assert.equal(made.status, 201, made.text);
  token = made.body.access_token;
});
after(() => data.drop());

test('one request, printed as it goes over the wire', () => {
  const reply = data.once('GET', '/api/health');

  assert.deepEqual([reply.status, reply.body, reply.code],
    [200, { status: 'ok' }, 0]);
  assert.match(reply.headers['content-type'], /^application\/json/);
});

test('a bearer token, a body, an error', () => {
  const set = data.once('PATCH', '/api/v1/user/profile',
    { token, json: { full_name: 'Test Owner' } });

  assert.equal(set.status, 200, set.text);
  assert.equal(data.once('GET', '/api/user/profile', { token }).body
    .full_name, 'Test Owner');
  const none = data.once('GET', '/api/user/profile');
  assert.equal(none.status, 401);
  assert.equal(none.body.code, 'auth');
});

const walks = {
  'PATCH profile': ['PATCH', '/api/user/profile', { locale: 'fr' }],
  'PATCH studio': ['PATCH', '/api/user/studio-config',
    { number: newNumber(), business_hours: 'Mon-Fri 9-18' }],
  'PATCH onboarding': ['PATCH', '/api/user/onboarding',
    { onboarding_vapi_skipped: true }],
  'POST complete': ['POST', '/api/user/complete-onboarding', {}],
  'POST Vapi key': ['POST', '/api/vapi-settings',
    { vapi_api_key: 'sk-once-0123456789' }],
  'POST Twilio key': ['POST', '/api/twilio-settings',
    { account_sid: 'AC0123', auth_token: 'token-once-9876',
      phone_number: newNumber() }],
  'GET profile': ['GET', '/api/user/profile'],
  'GET assistants': ['GET', '/api/assistants'],
  'GET appointments': ['GET', '/api/appointments'],
  'GET ready': ['GET', '/api/ready'],
  'POST signin': ['POST', '/api/auth/signin',
    { email: newEmail(), password }],
};

for (const [name, [method, path, json]] of Object.entries(walks))
  test(`${name}: every call in it fails once, and says so`, () => {
    const plain = data.once(method, path, { token, json });
    let failed = 0;

    for (let n = 1; n <= callsMax; n++) {
      const reply = data.once(method, path, { token, json, fail: n });
      if (reply.status === plain.status)
        break;
      failed += 1;
      assert.ok(reply.status >= 400, `--fail=${n}: ${reply.text}`);
      assert.ok(['internal', 'busy', 'peer', 'auth', 'limit']
        .includes(reply.body.code), `--fail=${n}: ${reply.text}`);
      assert.doesNotMatch(reply.text, /sqlite|postgres|SELECT|0123456789|9876/i);
      assert.ok(n < callsMax, 'it never stops failing');
    }
    assert.ok(failed > 0, 'nothing failed');
    assert.equal(data.once(method, path, { token, json }).status,
      plain.status);
  });

test('a sign-up that fails half-way leaves nothing behind', () => {
  const json = { email: newEmail(), password };
  let reply;

  for (let n = 1; n <= callsMax; n++) {
    reply = data.once('POST', '/api/auth/signup', { json, fail: n });
    if (reply.status === 201)
      break;
    assert.ok(reply.status >= 500 || reply.status === 429, reply.text);
  }
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.body.user.email, json.email);
});

test('an assistant whose every step fails once is kept or refused', () => {
  const body = (n) => ({ name: `Once ${n}`, instructions: 'Be polite.' });

  data.once('POST', '/api/vapi-settings',
    { token, json: { vapi_api_key: 'sk-once-0123456789' } });
  for (let n = 1; n <= 20; n++) {
    const had = data.once('GET', '/api/assistants', { token }).body.data;
    const reply = data.once('POST', '/api/assistants',
      { token, json: body(n), fail: n });
    const has = data.once('GET', '/api/assistants', { token }).body.data;
    if (reply.status === 202)
      assert.equal(has.length, had.length + 1, `--fail=${n}`);
    else
      assertError(reply, reply.status);
    for (const row of has)
      assert.ok(['pending', 'active', 'deleting'].includes(row.status));
  }
});

test('commands explain themselves and refuse nonsense', () => {
  for (const args of [['help'], ['version'], ['conf'], ['routes'],
    ['routes', '--nginx'], ['migrate', 'status'], ['key', 'list'],
    ['check']]) {
    const r = run(args, { env: data.env });
    assert.equal(r.code, 0, `${args}: ${r.out}${r.err}`);
    assert.ok(r.out.length > 3 || args[0] === 'check', args.join(' '));
  }
  for (const args of [['frobnicate'], ['migrate', 'sideways'],
    ['worker', '--pool', 'none'], ['once', 'GET'], ['key'],
    ['user', 'add', 'nobody']]) {
    const r = run(args, { env: data.env, input: 'x\n' });
    assert.notEqual(r.code, 0, args.join(' '));
    assert.ok((r.err + r.out).length > 5, args.join(' '));
  }
});

test('settings that are nonsense stop the program with a sentence', () => {
  for (const more of [{ FRONTDESK_PORT: 'x' },
    { FRONTDESK_PEER_TIMEOUT_MS: '-5' }, { FRONTDESK_WORKERS: '1.5' },
    { FRONTDESK_PUBLIC_URL: 'localhost' }]) {
    const r = run(['once', 'GET', '/api/health'],
      { env: { ...data.env, ...more } });
    assert.notEqual(r.code, 0, JSON.stringify(more));
    assert.match(r.err + r.out, new RegExp(Object.keys(more)[0]
      .replace('FRONTDESK_', ''), 'i'));
  }
});

test('a damaged key file or database is an error, not a new one', () => {
  const other = run(['once', 'GET', '/api/user/profile', '-H',
    `Authorization: Bearer ${token}`],
  { env: { ...data.env, FRONTDESK_KEY_FILE: '/nonexistent/keys' } });

  assert.ok(other.code !== 0 || /HTTP.{0,4} [45]\d\d/.test(other.out),
    other.out);
});
