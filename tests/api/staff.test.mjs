// What staff do with the book and the list of calls.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { callIn, instantOf, onboard, sessionOf, workday }
  from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let b;
const zone = 'America/New_York';
const path = '/api/appointments';

before(async () => {
  stack = await startStack();
  b = await onboard(stack, { hours: 'Mon-Fri 9-18', afterHours: 'assistant' });
});

const at = (n, time) => instantOf(workday(n), time, zone).toISOString();
const add = (starts_at, more) => b.client.post(path,
  { starts_at, name: 'Test Visitor', ...more });

test('book, look at it, cancel it, book it again', async () => {
  const starts_at = at(2, '09:00');
  const made = await add(starts_at, { phone: '+14155550133', minutes: 45,
    reason: 'First visit' });
  const { body } = made;

  assert.equal(made.status, 201, made.text);
  assert.equal(body.starts_at, starts_at);
  assert.equal(Date.parse(body.ends_at) - Date.parse(starts_at), 45 * 60000);
  assert.deepEqual([body.status, body.phone, body.zone],
    ['scheduled', '+14155550133', zone]);
  assert.deepEqual(await b.client.want(200, 'GET', `${path}/${body.id}`),
    body);
  assert.equal((await add(starts_at)).status, 409);
  for (let i = 0; i < 2; i++)
    assert.equal((await b.client.want(200, 'POST',
      `${path}/${body.id}/cancel`)).status, 'cancelled');
  assert.equal((await add(starts_at)).status, 201);
});

test('a caller and staff cannot have the same time', async () => {
  const date = workday(3);

  assert.equal((await add(at(3, '10:00'))).status, 201);
  const said = await sessionOf(b).tool('book-appointment', { date,
    time: '10:00', name: 'Test Caller' });
  assert.doesNotMatch(said.result ?? '', /^Booked/);
  const other = await sessionOf(b).tool('book-appointment', { date,
    time: '11:00', name: 'Test Caller' });
  assert.match(other.result, /^Booked/);
  assert.equal((await add(at(3, '11:00'))).status, 409);
});

test('32 of staff want one time at once: one gets it', async () => {
  const all = await Promise.all(Array.from({ length: 32 }, () =>
    add(at(4, '09:00'))));
  const codes = all.map((r) => r.status).sort();

  assert.deepEqual(codes, [201, ...Array(31).fill(409)]);
});

test('mistakes are named together; unknown members are refused here',
  async () => {
    const wrong = await b.client.wrong(400, 'input', 'POST', path,
      { starts_at: 'soon', name: '', phone: '5', minutes: 2, colour: 'red' });

    for (const f of ['starts_at', 'name', 'phone', 'minutes', 'colour'])
      assert.ok(fieldsOf(wrong).includes(f), `${f}: ${wrong.text}`);
    for (const time of ['2020-01-01T10:00:00Z', '2126-01-01T10:00:00Z',
      at(2, '03:00'), at(2, '17:45')])
      assert.deepEqual(fieldsOf(await b.client.wrong(400, 'input', 'POST',
        path, { starts_at: time, name: 'Test Visitor' })), ['starts_at'],
      time);
  });

test('only what lies in the window is listed', async () => {
  const list = await b.client.want(200, 'GET', `${path}?from=${
    at(3, '00:00')}&to=${at(3, '10:30')}`);

  assert.deepEqual(list.data.map((a) => a.starts_at), [at(3, '10:00')]);
});

test('one call, and what it led to', async () => {
  const { call, session } = await callIn(b, '+14155550134');
  await session.tool('book-appointment', { date: workday(5), time: '10:00',
    name: 'Test Caller' });
  await session.end();
  await call.status('completed');
  const [first] = (await b.client.want(200, 'GET', '/api/calls?limit=1'))
    .data;
  const one = await b.client.want(200, 'GET', `/api/calls/${first.id}`);

  assert.deepEqual(one, first);
  assert.equal(one.from_number, '+14155550134');
  assert.equal(one.contact_name, 'Test Caller');
  assert.equal(one.twilio_sid, call.sid);
  assert.equal(one.vapi_id, session.call.id);
  assert.equal(one.summary, 'Booked a cleaning.');
  const visit = (await b.client.want(200, 'GET', `${path}?from=${
    at(5, '09:00')}`)).data[0];
  assert.equal(visit.call_id, one.id);
});

test('ids of another account do not exist', async () => {
  const other = await onboard(stack, { assistant: false });
  const mine = (await b.client.want(200, 'GET', path)).data[0];
  const call = (await b.client.want(200, 'GET', '/api/calls')).data[0];

  await other.client.wrong(404, 'missing', 'GET', `${path}/${mine.id}`);
  await other.client.wrong(404, 'missing', 'POST',
    `${path}/${mine.id}/cancel`);
  await other.client.wrong(404, 'missing', 'GET', `/api/calls/${call.id}`);
});
