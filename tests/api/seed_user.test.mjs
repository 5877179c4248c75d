// Profile, studio configuration and onboarding flags: the payloads of the
// onboarding page to the letter, sent as its code sends them.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { signUp } from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
const prefixes = ['/api', '/api/v1'];
const profile = { full_name: 'John Doe', organization_name: 'Acme Corp',
  industry: 'technology', timezone: 'America/New_York', locale: 'en',
  marketing_opt_in: true, accept_terms: true };
const studio = { persona: 'secretary', job_to_be_done: 'Gérer les appels',
  languages: ['en', 'fr'], tone: 'professional',
  guidelines: 'Always be polite', strategy: 'attach',
  number: '+14155550199', business_hours: 'Mon-Fri 9-18',
  fallback_email: 'ops@example.com', calendar: 'google',
  workspace_apps: ['slack', 'notion'], crm: 'hubspot', plan: 'free',
  seats: 2 };
const flags = { onboarding_vapi_skipped: true,
  onboarding_twilio_skipped: false, onboarding_assistant_created: true };

before(async () => {
  stack = await startStack();
});

/* fetch(url, {body: JSON.stringify(…)}) of a browser says text/plain. */
const types = [null, 'application/json', 'text/plain;charset=UTF-8'];

function subset(got, want) {
  assert.deepEqual(Object.fromEntries(Object.keys(want)
    .map((k) => [k, got[k]])), want);
}

test('PATCH and GET profile', async () => {
  for (const prefix of prefixes)
    for (const type of types) {
      const { client } = await signUp(stack);
      const path = `${prefix}/user/profile`;
      const reply = await client.patch(path, profile, { type });

      assert.equal(reply.status, 200, reply.text);
      assert.deepEqual(reply.body, profile);
      assert.deepEqual(await client.want(200, 'GET', path), profile);
    }
});

test('absent members stay, null clears', async () => {
  const { client } = await signUp(stack);
  const path = '/api/v1/user/profile';

  await client.want(200, 'PATCH', path, profile);
  assert.deepEqual(await client.want(200, 'PATCH', path, {}), profile);
  const got = await client.want(200, 'PATCH', path,
    { industry: null, locale: 'fr', marketing_opt_in: false });
  assert.deepEqual(got, { ...profile, industry: null, locale: 'fr',
    marketing_opt_in: false });
});

test('the wizard saves with undefined and empty members', async () => {
  const { client } = await signUp(stack);
  const got = await client.want(200, 'PATCH', '/api/v1/user/profile',
    { full_name: 'Test Owner', organization_name: undefined,
      industry: '', timezone: undefined });

  assert.equal(got.full_name, 'Test Owner');
  assert.equal(got.organization_name, 'Example Dental');
});

test('PATCH and GET studio configuration', async () => {
  for (const prefix of prefixes) {
    const { client } = await signUp(stack);
    const path = `${prefix}/user/studio-config`;
    const mine = { ...studio, number: prefix === '/api' ? '+14155550198' :
      '+14155550199' };
    const put = await client.patch(path, mine, { type: null });

    assert.equal(put.status, 200, put.text);
    subset(put.body, mine);
    const got = await client.want(200, 'GET', path);
    subset(got, mine);
    assert.equal(got.business_hours_error, null);
    const one = await client.want(200, 'PATCH', path, { seats: 3 });
    subset(one, { ...mine, seats: 3 });
  }
});

test('defaults of a new account', async () => {
  const { client } = await signUp(stack);
  const got = await client.want(200, 'GET', '/api/v1/user/studio-config');

  for (const k of Object.keys(studio))
    assert.ok(k in got, `${k} is missing`);
  assert.equal(got.plan, 'free');
  assert.equal(got.seats, 1);
});

test('hours that cannot be understood are kept and explained', async () => {
  const { client } = await signUp(stack);
  const got = await client.want(200, 'PATCH', '/api/v1/user/studio-config',
    { business_hours: 'when the sun shines' });

  assert.equal(got.business_hours, 'when the sun shines');
  assert.ok(got.business_hours_error.length > 10);
});

test('all mistakes in one answer, 400 and under /v1 422', async () => {
  const { client } = await signUp(stack);
  const wrong = { persona: 'pirate', languages: 'en', number: '555',
    calendar: 'paper', crm: 'none', plan: 'gold', seats: 0,
    fallback_email: 'nobody', workspace_apps: [1], strategy: 'steal' };

  for (const [prefix, status] of [['/api', 400], ['/api/v1', 422]]) {
    const reply = await client.wrong(status, 'input', 'PATCH',
      `${prefix}/user/studio-config`, wrong);
    assert.deepEqual(fieldsOf(reply).map((f) => f.replace(/[.[].*/, '')),
      ['calendar', 'fallback_email', 'languages', 'number', 'persona',
        'plan', 'seats', 'strategy', 'workspace_apps']);
  }
  subset(await client.want(200, 'GET', '/api/user/studio-config'),
    { plan: 'free', seats: 1, crm: null });
  const reply = await client.wrong(400, 'input', 'PATCH',
    '/api/user/profile', { timezone: 'Mars/Olympus', full_name: 1,
      accept_terms: 'yes', marketing_opt_in: 1 });
  assert.deepEqual(fieldsOf(reply), ['accept_terms', 'full_name',
    'marketing_opt_in', 'timezone']);
});

test('unknown members are ignored and named', async () => {
  const { client } = await signUp(stack);
  const reply = await client.patch('/api/v1/user/profile',
    { locale: 'he', shoe_size: 44, 'x\r\nEvil: 1': 2 });

  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.body.locale, 'he');
  assert.match(reply.headers['x-ignored-fields'], /shoe_size/);
  assert.equal(reply.headers.evil, undefined);
});

test('onboarding flags', async () => {
  for (const prefix of prefixes) {
    const { client } = await signUp(stack);
    const path = `${prefix}/user/onboarding`;
    const none = { onboarding_vapi_skipped: false,
      onboarding_twilio_skipped: false,
      onboarding_assistant_created: false };

    assert.deepEqual(await client.want(200, 'GET', path), none);
    const skip = await client.patch(path,
      { onboarding_vapi_skipped: true }, { type: null });
    assert.deepEqual(skip.body, { ...none, onboarding_vapi_skipped: true });
    assert.deepEqual(await client.want(200, 'PATCH', path, flags), flags);
    assert.deepEqual(await client.want(200, 'GET', path), flags);
  }
});

test('completing twice keeps the first time', async () => {
  const { client } = await signUp(stack);
  const path = '/api/v1/user/complete-onboarding';
  const reply = await client.request('POST', path);

  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.body.onboarding_completed, true);
  assert.match(reply.body.onboarding_completed_at,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(await client.want(200, 'POST',
    '/api/user/complete-onboarding', {}), reply.body);
  const session = await client.want(200, 'GET', '/api/auth/session');
  assert.equal(session.user.onboarding_completed, true);
});
