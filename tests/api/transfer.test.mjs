// Calls handed to humans: who is on call, by which way, and what if nobody
// takes it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { until } from '../fake/net.mjs';
import { callIn, newNumber, onboard, sessionOf, signUp }
  from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startPhone } from '../lib/phone.mjs';

let stack;
let b;
const email = 'desk-staff@example.com';
const at = '/api/on_call';

before(async () => {
  stack = await startPhone();
  b = await business();
});

async function business(more) {
  const one = await onboard(stack, { timezone: 'Etc/UTC', ...more });

  await one.client.want(200, 'PATCH', '/api/user/studio-config',
    { fallback_email: email });
  return one;
}

const put = (person, one = b) => one.client.want(201, 'POST', at, person);
const now = async (one = b) => (await one.client.want(200, 'GET',
  `${at}/now`)).data.map((p) => p.phone);
const tasks = async (one = b) => (await one.client.want(200, 'GET',
  '/api/tasks')).data.filter((t) => t.kind === 'callback');
const mails = (text) => stack.smtp.mails.filter((m) =>
  m.headers.subject.includes(text));
const control = (session) => stack.vapi.controls.filter((c) =>
  c.callId === session.call?.id || c.callId === session.id);
const human = '+14155550171';

test('the list: kept, ordered, changed', async () => {
  const one = await business({ assistant: false, transfer: '+14155550170' });

  assert.deepEqual(await now(one), ['+14155550170'], 'no list: the number');
  const second = await put({ name: 'Bo', phone: '+14155550172' }, one);
  const first = await put({ name: 'Al', phone: human, place: 1 }, one);
  assert.equal(second.place, 100);
  assert.deepEqual(await now(one), [human, '+14155550172']);
  await one.client.want(200, 'PATCH', `${at}/${first.id}`,
    { active: false });
  assert.deepEqual(await now(one), ['+14155550172']);
  const back = await one.client.want(200, 'PATCH', `${at}/${first.id}`,
    { active: null, place: 200 });
  assert.equal(back.active, true);
  assert.deepEqual(await now(one), ['+14155550172', human]);
  const list = await one.client.want(200, 'GET', at);
  assert.deepEqual(list.data.map((p) => p.name), ['Bo', 'Al']);
  assert.equal((await one.client.want(200, 'GET', `${at}/${first.id}`)).name,
    'Al');
  for (const id of [first.id, second.id])
    assert.equal((await one.client.delete(`${at}/${id}`)).status, 204);
  await one.client.wrong(404, 'missing', 'DELETE', `${at}/${first.id}`);
  assert.deepEqual(await now(one), ['+14155550170']);
});

test('bad entries, and those of others', async () => {
  for (const body of [{}, { name: 'Al' }, { name: '', phone: human },
    { name: 'Al', phone: '4155550171' },
    { name: 'Al', phone: human, hours: 'whenever' },
    { name: 'Al', phone: human, hours: '9-5' },
    { name: 'Al', phone: human, place: 0 },
    { name: 'Al', phone: human, more: 1 }])
    assert.ok(fieldsOf(await b.client.wrong(400, 'input', 'POST', at, body))
      .length > 0);
  const row = await put({ name: 'Zoe', phone: human, active: false });
  const other = await signUp(stack);
  await other.client.wrong(404, 'missing', 'GET', `${at}/${row.id}`);
  await other.client.wrong(404, 'missing', 'PATCH', `${at}/${row.id}`,
    { name: 'Eve' });
  await other.client.wrong(404, 'missing', 'DELETE', `${at}/${row.id}`);
  assert.equal((await b.client.delete(`${at}/${row.id}`)).status, 204);
});

test('hours of their own, or those of the business', async () => {
  const day = new Date().toLocaleDateString('en-US',
    { weekday: 'short', timeZone: 'UTC' });
  const next = new Date(Date.now() + 86400000 * 2).toLocaleDateString(
    'en-US', { weekday: 'short', timeZone: 'UTC' });
  const one = await business({ assistant: false, hours: `${next} 9-10`,
    transfer: '+14155550170' });

  await put({ name: 'Closed', phone: '+14155550172' }, one);
  assert.deepEqual(await now(one), [], 'the business is closed');
  await put({ name: 'Today', phone: human, hours: `${day} 0-24` }, one);
  await put({ name: 'Later', phone: '+14155550173',
    hours: `${next} 0-24` }, one);
  assert.deepEqual(await now(one), [human]);
});

test('by live call control', async () => {
  const one = await business();
  await put({ name: 'Al', phone: human }, one);
  const { session } = await callIn(one, newNumber());
  const got = await session.tool('transfer-to-human', { reason: 'a bill' });

  assert.match(JSON.stringify(got), /connecting you/);
  const [moved] = await until('the call to be moved', () =>
    control(session).length > 0 && control(session));
  assert.equal(moved.type, 'transfer');
  assert.deepEqual(moved.destination, { type: 'number', number: human },
    'on SIP Vapi hands over without a word');
  assert.deepEqual(await tasks(one), []);
});

test('Vapi tells the human first where the line is its own', async () => {
  const one = await business();
  await put({ name: 'Al', phone: human }, one);
  const from = newNumber();
  const session = sessionOf(one, from);
  const id = session.call?.id ?? session.id;
  const message = { type: 'tool-calls',
    call: { id, monitor: { controlUrl:
      `${stack.vapi.url}/call-control/${id}` } },
    assistant: { id: one.assistant.vapiAssistantId },
    phoneNumber: { number: one.number, provider: 'twilio' },
    customer: { number: from },
    toolCallList: [{ id: 'c1', type: 'function', function: {
      name: 'transfer-to-human', arguments: { reason: 'a "bill" <b>' } } }] };
  const send = (m) => one.client.post('/vapi/webhook', { message: m },
    { headers: { 'X-Vapi-Secret': one.vapiSecret, Authorization: undefined } });

  assert.equal((await send(message)).status, 200);
  const [moved] = await until('the call to be moved', () =>
    control(session).length > 0 && control(session));
  assert.equal(moved.destination.transferPlan.mode,
    'warm-transfer-say-message');
  assert.ok(moved.destination.transferPlan.message.includes(from));
  assert.ok(moved.destination.transferPlan.message.includes('a "bill" <b>'));
  const asked = await send({ ...message, type: 'transfer-destination-request',
    call: { id: `${id}-2` }, toolCallList: undefined });
  assert.equal(asked.body.destination.number, human);
  assert.equal(asked.body.destination.transferPlan.mode,
    'warm-transfer-say-summary');
});

test('by destination answer: the next one is named the next time',
  async () => {
    const one = await business();
    await put({ name: 'Al', phone: human, place: 1 }, one);
    await put({ name: 'Bo', phone: '+14155550172', place: 2 }, one);
    const from = newNumber();
    const { session } = await callIn(one, from);
    const ask = async () => JSON.parse((await session.event(
      'transfer-destination-request')).text);

    const first = await ask();
    assert.equal(first.destination.number, human);
    assert.equal(first.destination.transferPlan, undefined);
    assert.equal((await ask()).destination.number, '+14155550172');
    const none = await ask();
    assert.match(none.error, /call(s)? you back/);
    const open = await until('the task', async () => {
      const list = await tasks(one);
      return list.length > 0 && list;
    });
    assert.ok(open[0].text.includes(from));
    await until('the mail', () => mails(from).length === 1);
  });

test('nobody is on call: a task, a mail, and it is said', async () => {
  const one = await business();
  const from = newNumber();
  const { session } = await callIn(one, from);
  const got = await session.tool('transfer-to-human',
    { reason: 'my bill\r\nBcc: evil@example.com' });

  assert.match(JSON.stringify(got), /calls you back/);
  const [task] = await tasks(one);
  assert.ok(task.text.includes(from) && task.text.includes('my bill'));
  const mail = await until('the mail', () => mails(from)[0]);
  assert.deepEqual(mail.to, [email]);
  assert.deepEqual(stack.smtp.wrong, []);
});

test('Vapi refuses: Twilio takes the call back and rings the list',
  async () => {
    const one = await business();
    await put({ name: 'Al', phone: human, place: 1 }, one);
    await put({ name: 'Bo', phone: '+14155550172', place: 2 }, one);
    const from = newNumber();
    const { call, session } = await callIn(one, from);
    const live = stack.rest.talk(call.sid);

    stack.vapi.fail({ on: 'POST /call-control', mode: '404' });
    await session.tool('transfer-to-human', { reason: 'a bill' });
    const [move] = await until('the call to be moved', () =>
      live.moves.length > 0 && live.moves);
    await call.moved(move);
    assert.equal(call.dialed.sequential, 'true');
    assert.equal(call.dialed.verb.text, human);
    const whisper = await call.whispered();
    assert.ok(whisper.includes(from) && whisper.includes('a bill'), whisper);
    assert.deepEqual(await tasks(one), []);
    await call.dialEnded('no-answer');
    assert.ok(call.recorded, 'nobody answers: voicemail');
    await call.leaveMessage();
    const open = await tasks(one);
    assert.equal(open.length, 1);
    assert.ok(open[0].text.includes(from));
    await until('the mails', () => mails(from).length === 2);
  });

test('a human who answers leaves nothing to do', async () => {
  const one = await business();
  await put({ name: 'Al', phone: human }, one);
  const { call, session } = await callIn(one, newNumber());
  const live = stack.rest.talk(call.sid);

  stack.vapi.fail({ on: 'POST /call-control', mode: '404' });
  await session.tool('transfer-to-human', {});
  const [move] = await until('the call to be moved', () =>
    live.moves.length > 0 && live.moves);
  await call.moved(move);
  await call.dialEnded('completed');
  assert.equal(call.recorded, null);
  assert.equal(call.over, true);
  assert.deepEqual(await tasks(one), []);
});

test('both refuse: someone has to call back', async () => {
  const one = await business();
  await put({ name: 'Al', phone: human }, one);
  const from = newNumber();
  const { session } = await callIn(one, from);

  stack.vapi.fail({ on: 'POST /call-control', mode: '404' });
  await session.tool('transfer-to-human', { reason: 'a bill' });
  await until('the task', async () => (await tasks(one)).length === 1);
  await until('the mail', () => mails(from).length === 1);
});

test('a transfer that nobody took: the caller may leave a message',
  async () => {
    const one = await business();
    await put({ name: 'Al', phone: human }, one);
    const from = newNumber();
    const { call, session } = await callIn(one, from);

    await session.tool('transfer-to-human', { reason: 'a bill' });
    await until('the call to be moved', () => control(session).length > 0);
    await session.end({ endedReason: 'call.forwarding.no-answer' });
    await until('the task', async () => (await tasks(one)).length === 1);
    await call.dialEnded('completed');
    assert.ok(call.recorded, call.document);
  });

test('the assistant cannot be reached: the list is rung', async () => {
  const one = await business();
  await put({ name: 'Al', phone: human }, one);
  const call = await one.twilio.dial(newNumber());

  call.session = null;
  await call.fetch(one.twilio.fallbackUrl, { ErrorCode: '11200' });
  assert.equal(call.dialed.verb.text, human);
  assert.equal(await call.whispered(), null);
  await call.dialEnded('busy');
  assert.ok(call.recorded);
});

test('an attempt of another account is not told', async () => {
  const one = await business();
  const other = await business();
  await put({ name: 'Al', phone: human }, one);
  const { call, session } = await callIn(one, newNumber());
  const live = stack.rest.talk(call.sid);

  stack.vapi.fail({ on: 'POST /call-control', mode: '404' });
  await session.tool('transfer-to-human', { reason: 'secret matter' });
  const [move] = await until('the call to be moved', () =>
    live.moves.length > 0 && live.moves);
  const id = new URL(move.Url).searchParams.get('id');
  const url = `${stack.publicUrl}/twilio/voice/whisper?id=${id}`;
  const mine = await one.twilio.post(url, one.twilio.callParams(human));
  assert.match(mine.text, /secret matter/);
  const theirs = await other.twilio.post(url,
    other.twilio.callParams(human));
  assert.equal(theirs.status, 200);
  assert.doesNotMatch(theirs.text, /secret matter/);
});
