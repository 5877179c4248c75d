// Tool calls in every shape that Vapi has used, and what they answer.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { listNames, shapeNames } from '../fake/vapi-call.mjs';
import { callIn, onboard, sessionOf, workday } from '../lib/business.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let b;
let s;
const date = workday(4);

before(async () => {
  stack = await startStack();
  b = await onboard(stack, { transfer: '+14155550177' });
  s = sessionOf(b);
});

test('every shape in every list, at the tool and at the webhook',
  async () => {
    const bare = new Set(['none', 'empty', 'null']);
    const want = (await s.tool('check-availability', { date })).result;

    for (const shape of shapeNames.filter((n) => !bare.has(n)))
      for (const lists of [...listNames.map((n) => [n]), listNames])
        for (const webhook of [false, true]) {
          const got = await s.tool('check-availability', { date },
            { shape, lists, webhook });
          assert.equal(got.result, want, `${shape} ${lists} ${webhook}`);
          assert.equal(got.name, 'check-availability');
        }
  });

test('no arguments at all is a question back, not a failure', async () => {
  for (const shape of ['none', 'empty', 'null']) {
    const got = await s.tool('book-appointment', undefined, { shape });
    assert.ok((got.error ?? got.result).length > 10, shape);
    const info = await s.tool('get-patient-info', undefined, { shape });
    assert.ok(info.result ?? info.error);
  }
});

test('several calls in one message: one result each, in order, one failing',
  async () => {
    const got = await s.tools([
      { id: 'm1', name: 'check-availability', args: { date } },
      { id: 'm2', name: 'check-availability', args: { date: 'never' } },
      { id: 'm3', name: 'get-patient-info', args: {} }]);

    assert.deepEqual(got.map((r) => r.toolCallId), ['m1', 'm2', 'm3']);
    assert.ok(got[0].result);
    assert.ok(got[1].error ?? got[1].result);
  });

test('what a model may get wrong is answered in words', async () => {
  const wrong = [{ date: '2026-13-45' }, { date: 7 }, { date: null },
    { date: '' }, { date: '2020-01-01' }, { date: '9999-12-31' },
    { date: ['x'] }, { date, time: '25:99' }, { date, time: 'noon-ish' },
    { date: 'x'.repeat(5000) }, { day: date }];

  for (const args of wrong) {
    const got = await s.tool('book-appointment', { time: '10:00',
      name: 'Test Caller', ...args });
    assert.ok(got.error ?? got.result, JSON.stringify(args));
    assert.doesNotMatch(got.result ?? '', /\bbooked for\b/i,
      JSON.stringify(args));
  }
  const list = await b.client.want(200, 'GET', '/api/appointments');
  assert.deepEqual(list.data, []);
});

test('a tool that does not exist', async () => {
  const reply = await s.toolsRaw([{ id: 'u1', name: 'make-coffee',
    args: {} }], { webhook: true });

  assert.equal(reply.status, 200, reply.text);
  assert.match(JSON.parse(reply.text).results[0].error, /\w/);
});

test('times on the clock of the business, and only free ones', async () => {
  const day = workday(5);
  const first = await s.tool('book-appointment', { date: day,
    time: '14:30', name: 'Test Caller' });
  const second = await s.tool('book-appointment', { date: day,
    time: '2:30 PM', name: 'Other Caller' });

  assert.match(first.result, /2:30|14:30/);
  assert.doesNotMatch(second.result ?? '', /\bis booked\b/i);
  const free = await s.tool('check-availability', { date: day,
    time: '14:30' });
  assert.doesNotMatch(free.result.split(/[.?!]/)[0],
    /2:30 PM is (free|available)/i);
});

test('a message outside the opening hours is not booked', async () => {
  const other = await onboard(stack, { hours: 'Mon-Fri 9-12' });
  const got = await sessionOf(other).tool('book-appointment',
    { date: workday(3), time: '15:00', name: 'Test Caller' });

  assert.ok(got.error ?? got.result);
  assert.deepEqual((await other.client.want(200, 'GET',
    '/api/appointments')).data, []);
});

test('get-patient-info knows the caller after a booking', async () => {
  const from = '+14155550142';
  const mine = sessionOf(b, from);

  await mine.tool('book-appointment', { date: workday(6), time: '09:30',
    name: 'Known Caller' });
  const info = await mine.tool('get-patient-info', {});
  assert.match(info.result, /Known Caller/);
  const stranger = await sessionOf(b, '+14155550143')
    .tool('get-patient-info', {});
  assert.doesNotMatch(stranger.result ?? stranger.error, /Known Caller/);
});

test('transfer-to-human names a way to a person', async () => {
  const { session } = await callIn(b, '+14155550144');
  const got = await session.tool('transfer-to-human',
    { reason: 'wants a person' });

  assert.ok((got.result ?? got.error).length > 5);
});

test('answers in the language of the business', async () => {
  const said = {};

  for (const locale of ['en', 'fr', 'he']) {
    const one = await onboard(stack, { locale });
    said[locale] = (await sessionOf(one).tool('check-availability',
      { date })).result;
  }
  assert.match(said.fr, /[éàûè]|lundi|mardi|mercredi|jeudi|vendredi/);
  assert.match(said.he, /[\u0590-\u05ff]/);
  assert.doesNotMatch(said.en, /[\u0590-\u05ff]/);
});

test('answers touch no provider', async () => {
  const before = stack.vapi.log.length;

  await s.tool('check-availability', { date });
  await s.tool('book-appointment', { date: workday(7), time: '11:00',
    name: 'Test Caller' });
  assert.equal(stack.vapi.log.length, before);
});

test('other messages are answered 200, whatever they are', async () => {
  for (const type of ['hang', 'speech-update', 'conversation-update',
    'transcript', 'transcript[transcriptType="final"]', 'model-output',
    'user-interrupted', 'assistant.started', 'something-new',
    'assistant-request'])
    await s.event(type, {});
  const legacy = await s.event('function-call', { functionCall: {
    name: 'check-availability', parameters: { date } } });
  assert.match(legacy.text, /\{/);
});
