// demo.mjs - one phone call from sign-up to a booked appointment, against a
// running server, every request shown. The providers are stand-ins.
// demo-onboarding.mjs tells of the ways of a new customer instead.
//
// usage: demo.mjs [--port P]   (default 8080, or FRONTDESK_PORT)
import { randomInt } from 'node:crypto';
import { instantOf, workday } from './days.mjs';
import { until } from './net.mjs';
import { expect, findServer, Owner, portOf, sandboxOffset } from './owner.mjs';
import { exchange, failed, headline, note, sentence, spoken }
  from './show.mjs';
import { Twilio, hex32 } from './twilio.mjs';
import { startVapi } from './vapi.mjs';

const zone = 'America/New_York';
const caller = '+14155550111';

/* What frontdesk itself asked of Vapi since the last look. */
function showVapi(vapi) {
  for (const e of vapi.log.splice(0))
    exchange('frontdesk to Vapi', `${e.method} ${e.path}`, e.body && JSON.parse(
      e.body), e, { id: e.id });
}

function showHook(who, exchanges) {
  for (const e of exchanges.splice(0)) {
    const body = e.params ?? JSON.parse(e.body).message;
    const short = e.params ? { From: body.From, To: body.To,
      CallStatus: body.CallStatus, DialCallStatus: body.DialCallStatus } :
      { type: body.type, status: body.status,
        toolCallList: body.toolCallList?.map((t) => t.function) };
    exchange(who, `POST ${new URL(e.url).pathname}`, short, e.answer,
      e.answer.text);
  }
}

async function setUp(owner, my) {
  sentence('It says who and where it is, and accepts the terms.');
  await owner.ask('PATCH', '/api/v1/user/profile', { industry: 'dental',
    timezone: zone, locale: 'en', accept_terms: true });
  sentence('It says what its assistant is for, and when the practice is open.');
  await owner.ask('PATCH', '/api/v1/user/studio-config', {
    persona: 'secretary', job_to_be_done: 'Answer calls and book visits',
    languages: ['en'], tone: 'friendly', strategy: 'attach',
    number: my.number, business_hours: 'Mon-Fri 9-18',
    after_hours: 'assistant', plan: 'free', seats: 1 });
  sentence('It connects its voice agent (Vapi) and its telephone (Twilio); '
    + 'the keys are sealed and never shown again.');
  await owner.ask('POST', '/api/v1/vapi-settings',
    { vapi_api_key: my.vapiKey });
  await owner.ask('POST', '/api/v1/twilio-settings', {
    account_sid: my.accountSid, auth_token: my.authToken,
    phone_number: my.number });
}

async function assistant(owner, vapi) {
  sentence('It creates the assistant: frontdesk makes it at Vapi, with four '
    + 'tools that lead back here, and a line that can be called.');
  const made = await owner.ask('POST', '/api/assistants', {
    name: 'Ava Assistant', firstMessage: 'Hello, this is Example Dental.',
    instructions: 'You answer the phone of a dental practice.',
    voice: { provider: '11labs', voiceId: 'sarah' },
    model: { provider: 'openai', model: 'gpt-4o-mini', temperature: 0.4 } },
  201);
  const path = `/api/assistants/${made.id}`;
  await until('the line of the assistant', async () => JSON.parse(
    (await owner.send('GET', path)).text).lineUri, 20000);
  showVapi(vapi);
  await owner.ask('GET', path);
  await owner.ask('PATCH', '/api/v1/user/onboarding',
    { onboarding_assistant_created: true });
  await owner.ask('POST', '/api/v1/user/complete-onboarding');
  const row = vapi.assistants.get(made.vapiId);
  const at = row?.server?.url ?? '';
  expect(at.endsWith('/vapi/webhook'), 'the assistant knows no webhook');
  return at.slice(0, -'/vapi/webhook'.length);
}

async function ring(twilio) {
  sentence('Someone calls the number. Twilio asks what to do, signed; '
    + 'frontdesk hands the call to the assistant.');
  const call = await twilio.dial(caller);
  showHook('Twilio', twilio.exchanges);
  expect(call.session, `the call did not reach the assistant: ${
    call.sipError?.message ?? call.heard.join(' ')}`);
  await call.session.status('in-progress');
  showHook('Vapi  ', call.session.exchanges);
  spoken('assistant', call.session.assistant.firstMessage);
  return call;
}

async function book(session, slot) {
  sentence(`The caller wants a visit at ${slot.time}: the assistant asks.`);
  const free = await session.tool('check-availability', slot);
  showHook('Vapi  ', session.exchanges);
  expect(free.result, `no free times: ${free.error}`);
  spoken('assistant', free.result);
  sentence(`The caller takes ${slot.time}; the assistant books it. “Booked” `
    + 'is said only after the row is on disk.');
  const done = await session.tool('book-appointment', { ...slot,
    name: 'Test Caller', reason: 'Cleaning' }, { id: 'call_demo_book' });
  const first = session.exchanges[0].answer.text;
  showHook('Vapi  ', session.exchanges);
  expect(done.result, `not booked: ${done.error}`);
  spoken('assistant', done.result);
  sentence('The network repeats the request: same answer, nothing booked '
    + 'twice.');
  await session.tool('book-appointment', { ...slot,
    name: 'Test Caller', reason: 'Cleaning' }, { id: 'call_demo_book' });
  expect(session.exchanges[0].answer.text === first,
    'the repeated tool call got another answer');
  note('the answer is the same to the byte');
  session.exchanges.length = 0;
}

async function hangUp(twilio, call) {
  sentence('The caller hangs up; Vapi and Twilio report the end.');
  await call.session.end();
  await call.dialEnded('completed');
  const last = await call.status('completed');
  expect(last.status === 204, `/twilio/status answered ${last.status}`);
  showHook('Vapi  ', call.session.exchanges);
  showHook('Twilio', twilio.exchanges);
}

async function look(owner, slot) {
  const start = instantOf(slot.date, slot.time, zone).toISOString();

  sentence('The owner looks at the day: the call and the appointment are '
    + 'there.');
  const calls = await owner.ask('GET', '/api/calls');
  const list = await owner.ask('GET', '/api/appointments');
  expect(calls.data.length === 1, `${calls.data.length} calls are listed`);
  const mine = list.data.filter((a) => Object.values(a).includes(start));
  expect(list.data.length === 1 && mine.length === 1,
    `there should be one appointment, at ${start}`);
  headline(`Booked: Test Caller (${caller}), ${slot.date} at ${slot.time}, `
    + `${zone}.`);
}

async function sandbox(port) {
  try {
    return await startVapi({ port, sipHost: null });
  } catch (e) {
    throw new Error(`port ${port} is needed for the stand-in of Vapi: `
      + e.message);
  }
}

async function main() {
  const port = portOf(process.argv.slice(2));
  const base = `http://127.0.0.1:${port}`;

  await findServer(base);
  const vapi = await sandbox(port + sandboxOffset);
  try {
    const owner = new Owner(base);
    const my = { vapiKey: `sandbox-${hex32()}`, authToken: hex32(),
      accountSid: `AC${hex32()}`, number: `+1${randomInt(201, 990)}55501${
        String(randomInt(100)).padStart(2, '0')}` };
    const slot = { date: workday(2, zone), time: '10:00' };
    headline(`A phone call through frontdesk at ${base}`);
    await owner.signUp('A dental practice signs up.');
    await setUp(owner, my);
    const origin = await assistant(owner, vapi);
    const reach = (url) => (url.startsWith(origin) ?
      base + url.slice(origin.length) : url);
    vapi.reach = reach;
    const twilio = new Twilio({ token: my.authToken, number: my.number,
      accountSid: my.accountSid, vapi, reach,
      voiceUrl: `${origin}/twilio/voice`,
      statusUrl: `${origin}/twilio/status` });
    const call = await ring(twilio);
    await book(call.session, slot);
    await hangUp(twilio, call);
    await look(owner, slot);
  } finally {
    await vapi.stop();
  }
}

main().catch((e) => {
  failed(e.message);
  process.exitCode = 1;
});
