// What time does to a session: tokens that expire, a refresh token that comes
// again, failures that are forgotten. The clock is set for each request.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newEmail, password } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { makeData, once } from '../lib/once.mjs';

let data;
const start = Date.UTC(2026, 10, 20, 12);
const minute = 60000;

/* A request at a time, in milliseconds after the start. */
const at = (ms, method, path, opt) => once({ ...data.env,
  FRONTDESK_CLOCK: String(start + ms) }, method, path, opt);
const refresh = (ms, token) => at(ms, 'POST', '/api/auth/refresh',
  { json: { refresh_token: token } });

before(() => {
  data = makeData();
});
after(() => data.drop());

function signUp(ms) {
  const made = at(ms, 'POST', '/api/auth/signup',
    { json: { email: newEmail(), password } });

  assert.equal(made.status, 201, made.text);
  return made.body;
}

test('a used refresh token works for 30 s more, then ends the session', () => {
  const { refresh_token: first } = signUp(0);
  const second = refresh(1000, first);
  const tab = refresh(29000, first);

  assert.equal(second.status, 200, second.text);
  assert.equal(tab.status, 200, tab.text);
  assert.notEqual(second.body.refresh_token, tab.body.refresh_token);
  assertError(refresh(40000, first), 401, 'auth');
  // whoever had the copy, and the owner: all of them have to sign in again
  assertError(refresh(41000, second.body.refresh_token), 401, 'auth');
  assertError(at(41000, 'GET', '/api/auth/session',
    { token: tab.body.access_token }), 401, 'auth');
});

test('an access token lives for an hour, a session as long as it is used',
  () => {
    const made = signUp(0);
    const seen = (ms, token) => at(ms, 'GET', '/api/auth/session',
      { token }).status;

    assert.equal(seen(59 * minute, made.access_token), 200);
    assert.equal(seen(62 * minute, made.access_token), 401);
    const next = refresh(62 * minute, made.refresh_token);
    assert.equal(next.status, 200, next.text);
    assert.equal(seen(63 * minute, next.body.access_token), 200);
    const late = 62 * minute + 30 * 24 * 60 * minute + minute;
    assertError(refresh(late, next.body.refresh_token), 401, 'auth');
  });

test('ten wrong passwords close the door for a quarter of an hour', () => {
  const email = newEmail();
  const body = { email, password: 'not the password' };
  const signIn = (ms) => at(ms, 'POST', '/api/auth/signin', { json: body });

  for (let i = 0; i < 10; i++)
    assertError(signIn(i * 1000), 401, 'auth');
  const shut = signIn(11000);
  assertError(shut, 429, 'limit');
  assert.ok(Number(shut.headers['retry-after']) > 800);
  assertError(signIn(14 * minute), 429, 'limit');
  assertError(signIn(16 * minute), 401, 'auth');
});
