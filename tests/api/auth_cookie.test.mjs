// The session as a cookie: its attributes, and who may write with it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { newEmail, password } from '../lib/business.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let origin;

before(async () => {
  stack = await startStack();
  origin = stack.publicUrl;
});

async function browser() {
  const client = stack.client({ cookies: true });
  const reply = await client.post('/api/auth/signup',
    { email: newEmail(), password }, { headers: { Origin: origin } });

  assert.equal(reply.status, 201, reply.text);
  return { client, reply };
}

const cookie = (reply, name) => reply.headers['set-cookie']
  .find((c) => c.startsWith(`${name}=`));

test('attributes of both cookies', async () => {
  const { reply } = await browser();
  const session = cookie(reply, 'fd_session');
  const refresh = cookie(reply, 'fd_refresh');

  for (const c of [session, refresh]) {
    assert.match(c, /;\s*HttpOnly/i);
    assert.match(c, /;\s*SameSite=Lax/i);
    assert.doesNotMatch(c, /;\s*Secure/i);
    assert.doesNotMatch(c, /;\s*Domain/i);
  }
  assert.match(session, /;\s*Path=\/(;|$)/i);
  assert.match(refresh, /;\s*Path=\/api(;|$)/i);
});

test('the cookie alone reads', async () => {
  const { client } = await browser();
  const mine = await client.want(200, 'GET', '/api/auth/session');

  assert.match(mine.user.email, /@example\.com$/);
});

test('a cookie write needs our own origin', async () => {
  const { client } = await browser();
  const patch = (headers) => client.patch('/api/user/profile',
    { full_name: 'Test Person' }, { headers });

  assert.equal((await patch({ Origin: origin })).status, 200);
  assert.equal((await patch({ 'Sec-Fetch-Site': 'same-origin' })).status,
    200);
  for (const headers of [{}, { Origin: 'https://evil.example.com' },
    { Origin: 'null' }, { Origin: `${origin}.evil.example.com` },
    { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://evil.example.com',
      'Sec-Fetch-Site': 'same-origin' }]) {
    const reply = await patch(headers);
    assert.equal(reply.status, 403, `${JSON.stringify(headers)} ${
      reply.text}`);
    assert.equal(reply.body.code, 'denied');
  }
});

test('a bearer token needs no origin, even beside a cookie', async () => {
  const { client, reply } = await browser();
  const headers = { Authorization: `Bearer ${reply.body.access_token}`,
    Origin: 'https://app.example.com' };

  assert.equal((await client.patch('/api/user/profile', { locale: 'fr' },
    { headers })).status, 200);
});

test('refresh and sign-out by cookie', async () => {
  const { client } = await browser();
  const before = client.jar.get('fd_refresh');
  const fresh = await client.post('/api/auth/refresh', undefined,
    { headers: { Origin: origin } });

  assert.equal(fresh.status, 200, fresh.text);
  assert.notEqual(client.jar.get('fd_refresh'), before);
  await client.want(200, 'GET', '/api/auth/session');
  const out = await client.post('/api/auth/signout', undefined,
    { headers: { Origin: origin } });
  assert.equal(out.status, 204);
  assert.equal(client.jar.size, 0, 'both cookies are cleared');
  await client.wrong(401, 'auth', 'GET', '/api/auth/session');
});

test('no answer is open to other origins', async () => {
  const { client } = await browser();
  const reply = await client.get('/api/auth/session',
    { headers: { Origin: 'https://evil.example.com' } });

  assert.equal(reply.headers['access-control-allow-origin'], undefined);
});

test('behind https the cookies are Secure and bound to the host',
  async () => {
    const https = await startStack({ vapi: false,
      publicUrl: 'https://desk.example.com' });
    const reply = await https.client().post('/api/auth/signup',
      { email: newEmail(), password },
      { headers: { Origin: 'https://desk.example.com' } });
    const session = cookie(reply, '__Host-fd_session');

    assert.equal(reply.status, 201, reply.text);
    assert.match(session, /;\s*Secure/i);
    assert.match(session, /;\s*Path=\/(;|$)/i);
    assert.match(cookie(reply, 'fd_refresh'), /;\s*Secure/i);
  });

test('signing out ends the session with whatever is left of it', async () => {
  for (const part of ['fd_session', 'fd_refresh', 'body']) {
    const { client, reply } = await browser();
    const [session, refresh] = ['fd_session', 'fd_refresh'].map((name) =>
      cookie(reply, name).split(';')[0]);
    const headers = { Origin: origin, Authorization: 'Bearer stale' };

    client.jar.clear();
    if (part !== 'body')
      headers.Cookie = part === 'fd_session' ? session : refresh;
    await client.want(204, 'POST', '/api/auth/signout', part === 'body' ?
      { refresh_token: refresh.split('=')[1] } : undefined, { headers });
    for (const [method, path, Cookie] of [['GET', 'session', session],
      ['POST', 'refresh', refresh]])
      await client.wrong(401, 'auth', method, `/api/auth/${path}`, undefined,
        { headers: { Origin: origin, Cookie } });
  }
});
