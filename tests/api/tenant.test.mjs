// One account never reads, changes or reaches what is another's.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { onboard, seedAssistant, sessionOf, workday }
  from '../lib/business.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let mine;
let theirs;
const day = workday(3);

before(async () => {
  stack = await startStack();
  [mine, theirs] = [await onboard(stack), await onboard(stack)];
  const said = await sessionOf(theirs).tool('book-appointment',
    { date: day, time: '10:00', name: 'Test Caller' });
  assert.ok(said.result, said.error);
});

test('ids of another account do not exist, in each position', async () => {
  const id = theirs.assistant.id;

  await mine.client.wrong(404, 'missing', 'GET', `/api/assistants/${id}`);
  await mine.client.wrong(404, 'missing', 'PATCH', `/api/assistants/${id}`,
    { name: 'Mine' });
  await mine.client.wrong(404, 'missing', 'DELETE',
    `/api/assistants/${id}`);
  const still = await theirs.client.want(200, 'GET',
    `/api/assistants/${id}`);
  assert.equal(still.name, theirs.assistant.name);
});

test('lists hold one account only', async () => {
  const lists = ['/api/assistants', '/api/appointments', '/api/calls'];

  for (const path of lists) {
    const a = await mine.client.want(200, 'GET', path);
    const b = await theirs.client.want(200, 'GET', path);
    const ids = new Set(a.data.map((row) => row.id));
    assert.ok(b.data.every((row) => !ids.has(row.id)), path);
  }
  assert.equal((await mine.client.want(200, 'GET', '/api/appointments'))
    .data.length, 0);
});

test('a cursor of another account shows nothing of it', async () => {
  const one = await theirs.client.want(200, 'GET',
    '/api/appointments?limit=1');
  const cursor = one.next_cursor ?? one.data[0].id;
  const reply = await mine.client.get(
    `/api/appointments?cursor=${encodeURIComponent(cursor)}`);

  assert.ok([200, 400].includes(reply.status));
  assert.deepEqual(reply.body.data ?? [], []);
});

test('bodies cannot name an account', async () => {
  const other = theirs.session.user.account_id;

  for (const extra of [{ account_id: other }, { accountId: other },
    { user_id: theirs.session.user.id }])
    await mine.client.want(200, 'PATCH', '/api/user/profile',
      { organization_name: 'Mine', ...extra });
  assert.notEqual((await theirs.client.want(200, 'GET',
    '/api/user/profile')).organization_name, 'Mine');
});

test('the secret of one account opens no tool of another', async () => {
  const s = sessionOf(theirs);
  const reply = await s.toolsRaw([{ id: 'c1', name: 'check-availability',
    args: { date: day } }], { style: 'secret', secret: mine.vapiSecret });

  assert.equal(reply.status, 401, reply.text);
});

test('a tool call books for the assistant that it comes from', async () => {
  const s = sessionOf(mine);
  const other = theirs.session.user.account_id;

  s.call.metadata = { frontdesk_account: other };
  s.assistant = { ...s.assistant, metadata: { ...s.assistant.metadata,
    frontdesk_account: other, frontdesk_id: theirs.assistant.id } };
  const said = await s.tool('book-appointment', { date: day, time: '11:00',
    name: 'Test Caller', account_id: other });
  assert.ok(said.result, said.error);
  const list = await mine.client.want(200, 'GET', '/api/appointments');
  assert.equal(list.data.length, 1);
  assert.equal((await theirs.client.want(200, 'GET', '/api/appointments'))
    .data.length, 1);
});

test('an assistant id and a number of two accounts do not mix', async () => {
  const s = sessionOf(mine);
  const phone = [...stack.vapi.phones.values()]
    .find((p) => p.assistantId === theirs.assistant.vapiId);

  const reply = await s.toolsRaw([{ id: 'c9', name: 'check-availability',
    args: { date: day } }], { call: { ...s.call,
    assistantId: theirs.assistant.vapiId, phoneNumberId: phone.id } });
  assert.equal(reply.status, 401, reply.text);
});

test('the token of one number signs nothing for another', async () => {
  const { twilio } = mine;
  const params = twilio.callParams('+14155550111', { To: theirs.number,
    Called: theirs.number, AccountSid: theirs.accountSid });
  const reply = await twilio.post(`${stack.publicUrl}/twilio/voice`, params);

  assert.equal(reply.status, 403);
});

test('a status of one account does not touch the calls of another',
  async () => {
    const call = await theirs.twilio.dial('+14155550111');
    const params = { ...mine.twilio.callParams('+14155550111'),
      CallSid: call.sid, CallStatus: 'completed' };
    const before = await theirs.client.want(200, 'GET', '/api/calls');

    await mine.twilio.post(`${stack.publicUrl}/twilio/status`, params);
    assert.deepEqual(await theirs.client.want(200, 'GET', '/api/calls'),
      before);
  });

test('the same Vapi id cannot be claimed by a second account', async () => {
  const made = await mine.client.want(201, 'POST', '/api/assistants',
    { ...seedAssistant, metadata: { frontdesk_id: theirs.assistant.id } });

  assert.notEqual(made.vapiId, theirs.assistant.vapiId);
  assert.notEqual(made.id, theirs.assistant.id);
  const row = stack.vapi.assistants.get(made.vapiId);
  assert.equal(row.metadata.frontdesk_id, made.id);
});
