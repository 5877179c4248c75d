// Sign-up, sign-in, session, refresh and sign-out with bearer tokens.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { newEmail, password, signUp } from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let api;
const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

before(async () => {
  stack = await startStack();
  api = stack.client();
});

function assertSession(s, email) {
  const seconds = Date.now() / 1000;

  assert.equal(s.token_type, 'bearer');
  assert.equal(s.expires_in, 3600);
  assert.ok(Math.abs(s.expires_at - seconds - 3600) < 60, 'expires_at');
  assert.match(s.access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.ok(s.refresh_token.length >= 32);
  assert.equal(s.user.email, email);
  assert.match(s.user.id, uuid7);
  assert.match(s.user.account_id, uuid7);
  assert.equal(s.user.role, 'admin');
  assert.equal(s.user.onboarding_completed, false);
}

test('sign-up gives a session of a new account', async () => {
  const { session, email, client } = await signUp(stack);

  assertSession(session, email);
  assert.equal(session.user.full_name, 'Test Owner');
  const mine = await client.want(200, 'GET', '/api/auth/session');
  assert.deepEqual(mine.user, session.user);
  const profile = await client.want(200, 'GET', '/api/user/profile');
  assert.equal(profile.organization_name, 'Example Dental');
});

test('one e-mail address, in any case, signs up once', async () => {
  const { email } = await signUp(stack);

  for (const again of [email, email.toUpperCase()])
    await api.wrong(409, 'conflict', 'POST', '/api/auth/signup',
      { email: again, password });
});

test('all mistakes of a sign-up are named in one answer', async () => {
  const reply = await api.wrong(400, 'input', 'POST', '/api/auth/signup',
    { email: 'nobody', password: 'short', full_name: 7 });

  assert.deepEqual(fieldsOf(reply), ['email', 'full_name', 'password']);
  const none = await api.wrong(400, 'input', 'POST', '/api/auth/signup', {});
  assert.deepEqual(fieldsOf(none), ['email', 'password']);
  await api.wrong(422, 'input', 'POST', '/api/v1/auth/signup', {});
});

test('sign-in with the right password only', async () => {
  const { email } = await signUp(stack);
  const good = await api.want(200, 'POST', '/api/auth/signin',
    { email, password });
  const wrong = await api.wrong(401, 'auth', 'POST', '/api/auth/signin',
    { email, password: 'not the password' });
  const unknown = await api.wrong(401, 'auth', 'POST', '/api/auth/signin',
    { email: newEmail(), password });

  assertSession(good, email);
  assert.equal(wrong.body.error, unknown.body.error);
});

test('an unknown address takes as long as a wrong password', async () => {
  const { email } = await signUp(stack);
  const time = async (who) => {
    const from = process.hrtime.bigint();
    await api.wrong(401, 'auth', 'POST', '/api/auth/signin',
      { email: who, password: 'not the password' });
    return Number(process.hrtime.bigint() - from) / 1e6;
  };
  const known = [];
  const unknown = [];
  for (let i = 0; i < 4; i++) {
    known.push(await time(email));
    unknown.push(await time(newEmail()));
  }
  const ratio = Math.min(...known) / Math.min(...unknown);
  assert.ok(ratio > 0.5 && ratio < 2, `${known} against ${unknown}`);
});

test('ten failures close an address for a while, and only that one',
  async () => {
    const { email } = await signUp(stack);
    const other = await signUp(stack);
    const wrong = { email, password: 'not the password' };

    for (let i = 0; i < 10; i++)
      await api.wrong(401, 'auth', 'POST', '/api/auth/signin', wrong);
    const closed = await api.wrong(429, 'limit', 'POST', '/api/auth/signin',
      { email, password });
    assert.ok(Number(closed.headers['retry-after']) > 0);
    await api.want(200, 'POST', '/api/auth/signin',
      { email: other.email, password });
  });

test('only a whole, unchanged token of ours is taken', async () => {
  const { client, session } = await signUp(stack);
  const [head, body, sig] = session.access_token.split('.');
  const none = Buffer.from('{"alg":"none","typ":"JWT"}')
    .toString('base64url');
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  const other = Buffer.from(JSON.stringify({ ...claims, sub: claims.sub
    .replace(/.$/, 'x') })).toString('base64url');

  for (const token of [`${none}.${body}.`, `${none}.${body}.${sig}`,
    `${head}.${other}.${sig}`, `${head}.${body}`, `${head}.${body}.AAAA`,
    'x', `${session.access_token}x`, session.refresh_token, '..']) {
    client.token = token;
    await client.wrong(401, 'auth', 'GET', '/api/auth/session');
  }
  await api.wrong(401, 'auth', 'GET', '/api/auth/session', undefined,
    { headers: { Authorization: `Basic ${session.access_token}` } });
});

test('refresh rotates; two tabs live on; a stolen token ends the session',
  async () => {
    const { session } = await signUp(stack);
    const refresh = (token) => api.post('/api/auth/refresh',
      { refresh_token: token });
    const first = await refresh(session.refresh_token);
    const second = await refresh(session.refresh_token);

    assert.equal(first.status, 200, first.text);
    assert.equal(second.status, 200, second.text);
    assert.notEqual(first.body.refresh_token, session.refresh_token);
    for (const r of [first, second])
      await api.want(200, 'GET', '/api/auth/session', undefined, { headers:
        { Authorization: `Bearer ${r.body.access_token}` } });
    await api.wrong(401, 'auth', 'POST', '/api/auth/refresh',
      { refresh_token: 'x'.repeat(43) });
    await api.wrong(401, 'auth', 'POST', '/api/auth/refresh', {});
  });

test('refreshing at the same time gives each tab a working pair',
  async () => {
    const { session } = await signUp(stack);
    const all = await Promise.all(Array.from({ length: 6 }, () =>
      api.post('/api/auth/refresh',
        { refresh_token: session.refresh_token })));

    for (const r of all) {
      assert.equal(r.status, 200, r.text);
      await api.want(200, 'POST', '/api/auth/refresh',
        { refresh_token: r.body.refresh_token });
    }
  });

test('after sign-out neither token works', async () => {
  const { client, session } = await signUp(stack);
  const reply = await client.post('/api/auth/signout');

  assert.equal(reply.status, 204);
  await client.wrong(401, 'auth', 'GET', '/api/auth/session');
  await api.wrong(401, 'auth', 'POST', '/api/auth/refresh',
    { refresh_token: session.refresh_token });
  const stranger = await api.post('/api/auth/signout');
  assert.equal(stranger.status, 204);
});

test('an operator adds a user on the command line', async () => {
  const email = newEmail();
  const made = stack.run(['user', 'add', email], `${password}\n`);

  assert.equal(made.code, 0, made.err);
  assertSession(await api.want(200, 'POST', '/api/auth/signin',
    { email, password }), email);
  assert.notEqual(stack.run(['user', 'add', email], `${password}\n`).code, 0);
});
