// No slot is given away twice, and a repeated request is the same request.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { callAssistant } from '../fake/vapi-call.mjs';
import { onboard, sessionOf, workday } from '../lib/business.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;

before(async () => {
  stack = await startStack({ workers: 4 });
});

const book = async (b) => (await b.client.want(200, 'GET',
  '/api/appointments?limit=100')).data;
const isBooked = (r) => /\bbooked\b/i.test(r.result ?? '')
  && !/\b(not|taken|already)\b/i.test(r.result);

test('32 callers want one slot at once: one gets it', async () => {
  const b = await onboard(stack);
  const date = workday(3);
  const wish = (i) => sessionOf(b, `+1415555${String(i).padStart(4, '0')}`)
    .tool('book-appointment', { date, time: '10:00',
      name: `Test Caller ${i}` });
  const said = await Promise.all(Array.from({ length: 32 }, (_, i) =>
    wish(100 + i)));
  const rows = await book(b);

  assert.equal(rows.length, 1, `${rows.length} rows`);
  assert.equal(said.filter(isBooked).length, 1,
    JSON.stringify(said.map((r) => r.result ?? r.error)));
});

test('32 callers want 32 slots at once: all get one', async () => {
  const b = await onboard(stack, { hours: '24/7' });
  const date = workday(3);
  const time = (i) => `${String(i >> 1).padStart(2, '0')}:${
    i % 2 ? '30' : '00'}`;
  const said = await Promise.all(Array.from({ length: 32 }, (_, i) =>
    sessionOf(b, `+1415555${String(i).padStart(4, '0')}`).tool(
      'book-appointment', { date, time: time(i), name: 'Test Caller' })));

  assert.deepEqual(said.filter((r) => !isBooked(r)), []);
  assert.equal((await book(b)).length, 32);
});

test('slots that overlap in part exclude each other', async () => {
  const b = await onboard(stack);
  const s = sessionOf(b);
  const date = workday(3);
  const at = (time) => s.tool('book-appointment', { date, time,
    name: 'Test Caller' });

  await b.client.want(200, 'PATCH', '/api/user/studio-config',
    { slot_minutes: 60 });
  assert.ok(isBooked(await at('10:00')));
  for (const time of ['09:30', '10:30', '10:15', '09:01', '10:59'])
    assert.ok(!isBooked(await at(time)), time);
  assert.ok(isBooked(await at('11:00')));
  assert.ok(isBooked(await at('09:00')));
  assert.equal((await book(b)).length, 3);
});

test('a repeated tool call gets the same bytes and books nothing',
  async () => {
    const b = await onboard(stack);
    const s = sessionOf(b);
    const ask = [{ id: 'call_same', name: 'book-appointment',
      args: { date: workday(3), time: '10:00', name: 'Test Caller' } }];
    const first = await s.toolsRaw(ask);
    const again = [await s.toolsRaw(ask), ...await Promise.all(
      Array.from({ length: 8 }, () => s.toolsRaw(ask)))];

    for (const r of again)
      assert.equal(r.text, first.text);
    const shapes = await s.toolsRaw(ask, { shape: 'string',
      webhook: true });
    assert.equal(shapes.text, first.text);
    assert.equal((await book(b)).length, 1);
  });

test('repeats that arrive together are one booking', async () => {
  const b = await onboard(stack);
  const s = sessionOf(b);
  const ask = [{ id: 'call_twins', name: 'book-appointment',
    args: { date: workday(3), time: '10:00', name: 'Test Caller' } }];
  const all = await Promise.all(Array.from({ length: 16 }, () =>
    s.toolsRaw(ask)));

  assert.equal(new Set(all.map((r) => r.text)).size, 1);
  assert.equal((await book(b)).length, 1);
});

test('the same id in another call is another request', async () => {
  const b = await onboard(stack);
  const row = stack.vapi.assistants.get(b.assistant.vapiId);
  const ask = (time) => callAssistant(stack.vapi, row,
    { from: '+14155550131' }).tool('book-appointment',
    { date: workday(3), time, name: 'Test Caller' }, { id: 'call_1' });

  assert.ok(isBooked(await ask('10:00')));
  assert.ok(isBooked(await ask('11:00')));
  assert.equal((await book(b)).length, 2);
});

test('lists go page by page without a gap or a repeat', async () => {
  const b = await onboard(stack);
  const s = sessionOf(b);
  const seen = [];
  let cursor = null;

  for (let i = 0; i < 7; i++)
    await s.tool('book-appointment', { date: workday(3 + i), time: '10:00',
      name: `Test Caller ${i}` });
  for (let i = 0; i < 10; i++) {
    const more = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page = await b.client.want(200, 'GET',
      `/api/appointments?limit=3${more}`);
    assert.ok(page.data.length <= 3);
    seen.push(...page.data.map((row) => row.id));
    cursor = page.next_cursor;
    if (cursor === null)
      break;
  }
  assert.equal(cursor, null);
  assert.equal(seen.length, 7);
  assert.equal(new Set(seen).size, 7);
});

test('64 callers at once and eight times: each is given once, and what was '
  + 'held for those who hung up is free again', async () => {
  const b = await onboard(stack, { hours: 'Mon-Fri 9-13' });
  const date = workday(4);
  const said = [];
  const wave = (n) => Promise.all(Array.from({ length: 64 }, async (_, i) => {
    const s = sessionOf(b, `+1415555${String(1000 + 64 * n + i)}`);
    const offer = await s.tool('check-availability', { date });
    const [time] = /\d+:\d\d [AP]M/.exec(offer.result) ?? ['10:00'];
    const got = await s.tool('book-appointment', { date, time,
      name: `Caller ${n}-${i}` });

    if (isBooked(got))
      said.push(`Caller ${n}-${i}`);
    await s.end();
  }));

  for (let n = 0; n < 4; n++)
    await wave(n);
  const rows = (await book(b)).filter((a) => a.starts_at.startsWith(date));
  assert.equal(rows.length, 8);
  assert.equal(new Set(rows.map((a) => a.starts_at)).size, 8);
  const all = await book(b);
  assert.deepEqual(all.map((a) => a.name).sort(), said.sort());
  const { refused } = await b.client.want(200, 'GET',
    `/api/availability?date=${date}&days=14&explain=1`);
  assert.deepEqual(refused.filter((x) => x.why === 'held'), []);
});
