// A whole call: the number rings, the assistant answers, asks, books, ends.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { callIn, instantOf, onboard, workday } from '../lib/business.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
const caller = '+14155550123';
const zone = 'America/New_York';

before(async () => {
  stack = await startStack();
});

const calls = async (b) => (await b.client.want(200, 'GET', '/api/calls'))
  .data;
const book = async (b) => (await b.client.want(200, 'GET',
  '/api/appointments')).data;

test('from the ring to the booked appointment', async () => {
  const b = await onboard(stack, { hours: 'Mon-Fri 9-18',
    afterHours: 'assistant' });
  const date = workday(2);
  const { call, session } = await callIn(b, caller);

  assert.equal(session.assistant.id, b.assistant.vapiId);
  assert.equal(session.sipHeaders['X-Caller'], caller);
  assert.ok(session.sipHeaders['X-Frontdesk-Call']);
  assert.equal(call.dialed.answerOnBridge, 'true');
  await session.status('in-progress');

  const free = await session.tool('check-availability', { date });
  assert.match(free.result, /\d/);
  const done = await session.tool('book-appointment', { date,
    time: '10:00', name: 'Test Caller', reason: 'Cleaning' });
  assert.match(done.result, /booked/i);
  assert.match(done.result, /10/);

  await session.end();
  await call.dialEnded('completed', 42);
  assert.ok(call.over, 'the call goes on after the assistant');
  assert.equal((await call.status('completed')).status, 204);

  const [row] = await calls(b);
  assert.match(JSON.stringify(row), /completed|ended/);
  const [visit] = await book(b);
  const text = JSON.stringify(visit);
  assert.ok(text.includes(instantOf(date, '10:00', zone).toISOString()),
    text);
  assert.ok(text.includes('Test Caller'), text);
  assert.ok(text.includes(caller), 'the number of the caller is known');
});

test('the same webhook twice is one call with one answer', async () => {
  const b = await onboard(stack);
  const params = b.twilio.callParams(caller);
  const url = b.twilio.voiceUrl;
  const first = await b.twilio.post(url, params);
  const again = await b.twilio.post(url, params);

  assert.equal(first.text, again.text);
  const both = await Promise.all([1, 2, 3, 4].map(() =>
    b.twilio.post(url, { ...params, CallSid: `CA${'b'.repeat(32)}` })));
  assert.equal(new Set(both.map((r) => r.text)).size, 1);
  assert.equal((await calls(b)).length, 2);
});

test('late and repeated events do not reopen a call', async () => {
  const b = await onboard(stack);
  const { call, session } = await callIn(b, caller);

  await call.status('in-progress', { SequenceNumber: '1' });
  await session.status('in-progress');
  await session.end();
  await call.dialEnded();
  await call.status('completed', { SequenceNumber: '3' });
  const [done] = await calls(b);
  for (const [s, n] of [['ringing', '0'], ['in-progress', '2'],
    ['completed', '3'], ['initiated', '0']])
    assert.equal((await call.status(s, { SequenceNumber: n })).status, 204);
  await session.status('in-progress');
  await session.status('queued');
  await session.report();
  await session.report();
  const [still] = await calls(b);
  const { updatedAt, updated_at, ...rest } = still;
  for (const [k, v] of Object.entries(rest))
    assert.deepEqual(v, done[k], k);
});

test('the report comes before the end, and for calls never seen',
  async () => {
    const b = await onboard(stack);
    const { session } = await callIn(b, caller);

    await session.report();
    await session.status('ended');
    const stray = stack.vapi.answerSip(b.assistant.lineUri, {});
    await stray.report();
    await stray.status('in-progress');
    for (const row of await calls(b))
      assert.doesNotMatch(JSON.stringify(row), /"in.progress"/);
  });

test('closed hours: a greeting and a voicemail, the recording is taken',
  async () => {
    const closed = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][
      (new Date(Date.now() + 3 * 86400000).getUTCDay() + 6) % 7];
    const b = await onboard(stack, { hours: `${closed} 9-10`,
      timezone: 'UTC', afterHours: 'voicemail' });
    const call = await b.twilio.dial(caller);

    assert.equal(call.session, null);
    assert.ok(call.heard.join(' ').length > 20);
    assert.ok(call.recorded, 'no voicemail');
    const answer = await call.leaveMessage();
    assert.ok(call.over);
    if (answer)
      assert.equal(answer.status, 204);
  });

test('after hours the assistant may answer', async () => {
  const closed = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][
    (new Date(Date.now() + 3 * 86400000).getUTCDay() + 6) % 7];
  const b = await onboard(stack, { hours: `${closed} 9-10`,
    timezone: 'UTC', afterHours: 'assistant' });

  await callIn(b, caller);
});

test('without accepted terms or an assistant a caller is still heard',
  async () => {
    for (const more of [{ terms: false }, { assistant: false }]) {
      const b = await onboard(stack, more);
      const call = await b.twilio.dial(caller);
      assert.equal(call.session, null, JSON.stringify(more));
      assert.ok(call.recorded, 'no voicemail');
      await call.leaveMessage();
    }
  });

test('the line is gone at Vapi: the fallback takes over', async () => {
  const b = await onboard(stack);

  stack.vapi.phones.clear();
  const call = await b.twilio.dial(caller);
  assert.ok(call.sipError, 'the call should not have been answered');
  assert.ok(call.recorded || call.dialed || call.heard.length > 0,
    'the caller hears nothing');
});

test('callers without a number, and odd ones', async () => {
  const b = await onboard(stack);

  for (const from of ['anonymous', 'Restricted', '+266696687', '',
    'sip:test@example.com', 'client:test', '+1<>&"\'5'])
    await callIn(b, from, { Caller: from });
});
