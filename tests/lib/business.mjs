// business.mjs - invented businesses for the tests: signed up, onboarded, and
// with a telephone line that reaches their assistant.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Twilio, hex32 } from '../fake/twilio.mjs';
import { until } from '../fake/net.mjs';
import { hit } from './client.mjs';

export { dayOf, instantOf, weekdayOf, workday } from '../fake/days.mjs';

let count = 0;
export const password = 'correct horse battery';

/** A number of the range kept for fiction, new in this process. */
export function newNumber() {
  count += 1;
  const area = 201 + ((process.pid + Math.floor(count / 100)) % 700);
  return `+1${area}55501${String(count % 100).padStart(2, '0')}`;
}

export const newEmail = () =>
  `owner-${randomBytes(6).toString('hex')}@example.com`;

/** Sign up; answers {client, session, email}. The client uses its token. */
export async function signUp(stack, more = {}) {
  const email = more.email ?? newEmail();
  const client = stack.client();
  const session = await client.want(201, 'POST', '/api/auth/signup', {
    email, password, full_name: 'Test Owner',
    organization_name: 'Example Dental', ...more });

  client.token = session.access_token;
  return { client, session, email, stack };
}

export const seedAssistant = { name: 'Ava Assistant',
  instructions: 'Tu es une secrétaire...', phoneNumber: '+14155550199',
  firstMessage: 'Bonjour!', voice: { provider: 'azure',
    voiceId: 'en-US-JennyNeural' }, model: { provider: 'openai',
    model: 'gpt-4o-mini', temperature: 0.7 },
  metadata: { created_from: 'onboarding' } };

/**
 * A business whose number can be called. more: hours, timezone, locale,
 * afterHours, terms (false: not accepted), assistant (false: none), transfer.
 */
export async function onboard(stack, more = {}) {
  const b = await signUp(stack);
  const { client } = b;

  b.number = newNumber();
  b.vapiKey = `sk-${randomBytes(12).toString('hex')}`;
  b.vapiSecret = `whsec-${randomBytes(12).toString('hex')}`;
  b.authToken = hex32();
  b.accountSid = `AC${hex32()}`;
  await client.want(200, 'PATCH', '/api/v1/user/profile', {
    timezone: more.timezone ?? 'America/New_York',
    locale: more.locale ?? 'en', accept_terms: more.terms ?? true });
  await client.want(200, 'PATCH', '/api/v1/user/studio-config', {
    number: b.number, business_hours: more.hours ?? '24/7',
    after_hours: more.afterHours ?? 'voicemail', strategy: 'attach',
    ...(more.transfer ? { transfer_number: more.transfer } : {}) });
  await client.want(200, 'POST', '/api/v1/vapi-settings', {
    vapi_api_key: b.vapiKey, vapi_webhook_secret: b.vapiSecret });
  stack.rest?.account(b.accountSid, b.authToken);
  if (more.own !== false)
    stack.rest?.own(b.accountSid, b.number);
  await client.want(200, 'POST', '/api/v1/twilio-settings', {
    account_sid: b.accountSid, auth_token: b.authToken,
    phone_number: b.number });
  if (more.assistant !== false)
    await addAssistant(b, more.assistant);
  b.twilio = new Twilio({ token: b.authToken, accountSid: b.accountSid,
    number: b.number, vapi: stack.vapi, reach: stack.reach, onHit: hit,
    voiceUrl: `${stack.publicUrl}/twilio/voice`,
    statusUrl: `${stack.publicUrl}/twilio/status`,
    smsUrl: `${stack.publicUrl}/twilio/messages`,
    fallbackUrl: `${stack.publicUrl}/twilio/voice/fallback` });
  return b;
}

/** Create the assistant and wait for its line. */
export async function addAssistant(b, payload = seedAssistant) {
  const made = await b.client.want(201, 'POST', '/api/assistants', payload);

  b.assistant = await until('the line of the assistant', async () => {
    const got = await b.client.want(200, 'GET', `/api/assistants/${made.id}`);
    return got.lineUri && got;
  });
  return b.assistant;
}

/** A call that has reached the assistant. Answers {call, session}. */
export async function callIn(b, from = '+14155550111', more = {}) {
  const call = await b.twilio.dial(from, more);

  assert.ok(call.session, `no assistant answered: ${call.sipError ?? ''} `
    + call.document);
  return { call, session: call.session };
}

/** A session at the stand-in without going through the telephone. */
export function sessionOf(b, from = '+14155550111') {
  const { vapi } = b.stack;
  const uri = `${b.assistant.lineUri}?X-Caller=${encodeURIComponent(from)}`;

  return vapi.answerSip(uri, { from });
}
