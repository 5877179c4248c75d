// Text messages: only to those who agreed, once, and STOP holds.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { hex32 } from '../fake/twilio.mjs';
import { until } from '../fake/net.mjs';
import { callIn, newNumber, onboard, signUp, workday }
  from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startPhone } from '../lib/phone.mjs';

let stack;
let rest;
let b;
let hour = 0;

before(async () => {
  stack = await startPhone({ smtp: false });
  rest = stack.rest;
  b = await onboard(stack, { timezone: 'Etc/UTC' });
  await b.client.want(200, 'PATCH', '/api/phone_settings',
    { sms_confirm: true });
});

const agree = (phone, status = 'granted', who = b) => who.client.post(
  '/api/sms/consents', { phone, status });
const texts = (to) => rest.messages.filter((m) => m.to === to);
const arrived = (to, n = 1) => until(`${n} texts to ${to}`, () =>
  texts(to).length >= n && texts(to), 15000);
const rows = async (phone, who = b) => (await who.client.want(200, 'GET',
  `/api/sms/messages?phone=${encodeURIComponent(phone)}`)).data;
const book = (phone, more = {}) => {
  hour += 1;
  const at = new Date(Math.ceil(Date.now() / 3600000) * 3600000
    + (48 + hour) * 3600000);
  return b.client.want(201, 'POST', '/api/appointments', {
    starts_at: at.toISOString(), name: 'Text Reader', phone, ...more });
};
/* Whatever was put before has been sent by now. */
async function quiet() {
  const mark = newNumber();
  await agree(mark);
  await book(mark);
  await arrived(mark);
}

test('settings of the telephone', async () => {
  const { client } = await signUp(stack);
  const at = '/api/phone_settings';

  assert.deepEqual(await client.want(200, 'GET', at), { routing: 'sip',
    transcribe: true, sms_confirm: false, sms_remind: false,
    sms_remind_minutes: 1440, sms_from: null });
  const set = { routing: 'vapi', transcribe: false, sms_confirm: true,
    sms_remind: true, sms_remind_minutes: 120, sms_from: '+14155550133' };
  assert.deepEqual(await client.want(200, 'PATCH', at, set), set);
  assert.deepEqual(await client.want(200, 'PATCH', at, { sms_from: null,
    sms_remind: null, routing: null }), { ...set, sms_from: null,
    sms_remind: false, routing: 'sip' });
  for (const bad of [{ routing: 'fax' }, { sms_remind_minutes: 1 },
    { sms_from: '0123' }, { transcribe: 'yes' }, { other: 1 }])
    await client.wrong(400, 'input', 'PATCH', at, bad);
});

test('a confirmation goes to who agreed, and to nobody else', async () => {
  const yes = newNumber();
  const no = newNumber();

  await agree(yes);
  await book(no);
  const made = await book(yes);
  const [text] = await arrived(yes);
  assert.equal(text.from, b.number);
  assert.match(text.body, /^Example Dental: your appointment is on /);
  assert.match(text.body, /STOP/);
  await quiet();
  assert.equal(texts(no).length, 0);
  assert.equal(texts(yes).length, 1);
  const [row] = await rows(yes);
  assert.equal(row.kind, 'confirmation');
  assert.equal(row.sid, text.sid);
  assert.ok(row.ref.startsWith(made.id));
  await b.client.want(200, 'POST', `/api/appointments/${made.id}/cancel`,
    {});
  await arrived(yes, 2);
  assert.match(texts(yes)[0].body, /cancelled/);
});

test('the caller agrees during the call', async () => {
  const phone = newNumber();
  const { session } = await callIn(b, phone);
  const date = workday(6, 'Etc/UTC');
  const got = await session.tool('book-appointment', { date, time: '10:00',
    name: 'Ann Caller', texts: true });

  assert.match(JSON.stringify(got), /Booked/);
  const [text] = await arrived(phone);
  assert.match(text.body, /10:00 AM/);
  const { data } = await b.client.want(200, 'GET',
    `/api/sms/consents?phone=${encodeURIComponent(phone)}`);
  assert.equal(data[0].source, 'call');
  assert.equal(data[0].status, 'granted');
});

test('a caller who says nothing of texts gets none', async () => {
  const phone = newNumber();
  const { session } = await callIn(b, phone);

  await session.tool('book-appointment', { date: workday(7, 'Etc/UTC'),
    time: '10:00', name: 'Ann Caller', texts: 'true' });
  await quiet();
  assert.equal(texts(phone).length, 0);
});

test('STOP ends it; START alone allows it again', async () => {
  const phone = newNumber();

  await agree(phone);
  await book(phone);
  await arrived(phone);
  // Twilio answers its own words itself
  assert.deepEqual(await b.twilio.text(phone, ' Stop. '), []);
  await book(phone);
  await quiet();
  assert.equal(texts(phone).length, 1);
  const refused = await agree(phone);
  assert.equal(refused.status, 409, refused.text);
  const { session } = await callIn(b, phone);
  await session.tool('book-appointment', { date: workday(8, 'Etc/UTC'),
    time: '10:00', name: 'Ann Caller', texts: true });
  await quiet();
  assert.equal(texts(phone).length, 1, 'a call does not undo a stop');
  assert.deepEqual(await b.twilio.text(phone, 'START'), []);
  await book(phone);
  await arrived(phone, 2);
});

test('other words, other languages, and words inside of sentences',
  async () => {
    const status = async (phone) => (await b.client.want(200, 'GET',
      `/api/sms/consents?phone=${encodeURIComponent(phone)}`)).data[0]
      ?.status;

    for (const word of ['STOPALL', 'unsubscribe', 'Cancel', 'END', 'quit!',
      'ARRÊT', 'arrêt', 'ARRET', 'הסר', '"stop"']) {
      const phone = newNumber();
      await agree(phone);
      const said = await b.twilio.text(phone, word);
      assert.equal(await status(phone), 'stopped', word);
      assert.equal(said.length, /^[\x20-\x7e]*$/.test(word)
        && !/arret/i.test(word) ? 0 : 1, word);
    }
    for (const words of ['please stop by at nine', 'yes', 'stop it now', '',
      'end of the road', '   ', '...']) {
      const phone = newNumber();
      await agree(phone);
      assert.deepEqual(await b.twilio.text(phone, words), []);
      assert.equal(await status(phone), 'granted', words);
    }
    const phone = newNumber();
    await b.twilio.text(phone, 'stop');
    await b.twilio.text(phone, 'Yes');
    assert.equal(await status(phone), 'granted', 'YES undoes a stop');
    const advanced = newNumber();
    assert.deepEqual(await b.twilio.text(advanced, 'arrêt', {
      OptOutType: 'STOP' }), [], 'Twilio has answered');
    assert.equal(await status(advanced), 'stopped');
    const [help] = await b.twilio.text(newNumber(), 'AIDE');
    assert.match(help, /Example Dental/);
    assert.deepEqual(await b.twilio.text(newNumber(), 'help'), []);
  });

test('a text is kept once, and handed to staff', async () => {
  const phone = newNumber();
  const more = { MessageSid: `SM${hex32()}` };
  const words = 'Can I come at <nine> & bring "Rex"? ☎';

  await Promise.all([1, 2, 3].map(() => b.twilio.text(phone, words, more)));
  const got = await rows(phone);
  assert.equal(got.length, 1);
  assert.equal(got[0].body, words);
  assert.equal(got[0].direction, 'in');
  const { data } = await b.client.want(200, 'GET', '/api/tasks');
  const task = data.find((t) => t.kind === 'sms' && t.ref === phone);
  assert.ok(task.text.includes(words));
  const done = await b.client.want(200, 'PATCH', `/api/tasks/${task.id}`,
    { status: 'done' });
  assert.equal(done.status, 'done');
  await b.client.wrong(400, 'input', 'PATCH', `/api/tasks/${task.id}`,
    { status: 'lost' });
});

test('a repeated STOP of an old delivery does not undo a START',
  async () => {
    const phone = newNumber();
    const more = { MessageSid: `SM${hex32()}` };

    await b.twilio.text(phone, 'STOP', more);
    await b.twilio.text(phone, 'START');
    await b.twilio.text(phone, 'STOP', more);
    assert.equal((await agree(phone)).status, 200);
  });

test('what became of a text, in any order', async () => {
  const phone = newNumber();

  await agree(phone);
  await book(phone);
  const [text] = await arrived(phone);
  const status = async () => (await rows(phone))[0].status;
  const tell = async (s, more) => assert.equal(
    (await b.twilio.textStatus(text, s, more)).status, 204);

  await tell('sent');
  assert.equal(await status(), 'sent');
  await tell('queued');
  await tell('sending');
  assert.equal(await status(), 'sent');
  await tell('undelivered', { ErrorCode: '30005' });
  await tell('sent');
  const [row] = await rows(phone);
  assert.equal(row.status, 'undelivered');
  assert.match(row.error, /30005/);
});

test('Twilio knows of a stop that we do not', async () => {
  const phone = newNumber();

  rest.optedOut.add(phone);
  await agree(phone);
  await book(phone);
  await until('the refusal', async () =>
    (await rows(phone))[0]?.status === 'failed');
  assert.equal((await agree(phone)).status, 409);
  const land = newNumber();
  rest.landlines.add(land);
  await agree(land);
  await book(land);
  const row = await until('the refusal', async () => {
    const [r] = await rows(land);
    return r?.status === 'failed' && r;
  });
  assert.match(row.error, /21614/);
});

test('an unknown outcome is looked up before it is sent again',
  async () => {
    for (const mode of ['create-then-drop', 'create-then-500', 'half']) {
      const phone = newNumber();
      rest.fail({ on: 'POST /Messages.json', mode });
      await agree(phone);
      await book(phone);
      await until(`the outcome of ${mode}`, async () =>
        (await rows(phone))[0]?.status === 'queued'
        && (await rows(phone))[0].sid, 20000);
      assert.equal(texts(phone).length, 1, mode);
    }
    for (const mode of ['drop', '429', '503']) {
      const phone = newNumber();
      rest.fail({ on: 'POST /Messages.json', mode });
      await agree(phone);
      await book(phone);
      await arrived(phone);
      await until('it to be known', async () => (await rows(phone))[0].sid,
        20000);
      assert.equal(texts(phone).length, 1, mode);
    }
  });

test('a status that comes before the answer tells it as well', async () => {
  const phone = newNumber();

  rest.fail({ on: 'POST /Messages.json', mode: 'create-then-drop' });
  await agree(phone);
  await book(phone);
  const [text] = await arrived(phone);
  assert.equal((await b.twilio.textStatus(text, 'delivered')).status, 204);
  assert.equal((await rows(phone))[0].status, 'delivered');
  assert.equal(texts(phone).length, 1);
});

test('reminders: before the appointment, once, and only if it stands',
  async () => {
    const one = await onboard(stack, { timezone: 'Etc/UTC',
      assistant: false });
    const [yes, gone, near, no] = [1, 2, 3, 4].map(() => newNumber());
    /* Due so many seconds from now, 15 minutes before the appointment. */
    const make = (to, seconds) => one.client.want(201, 'POST',
      '/api/appointments', { starts_at: new Date(Date.now()
        + (15 * 60 + seconds) * 1000).toISOString(), name: 'Reader',
      phone: to, minutes: 5 });

    for (const phone of [yes, gone, near])
      await agree(phone, 'granted', one);
    await one.client.want(200, 'PATCH', '/api/phone_settings',
      { sms_remind: true, sms_remind_minutes: 15 });
    const made = await make(yes, 4);
    const dropped = await make(gone, 400);
    await one.client.want(200, 'POST',
      `/api/appointments/${dropped.id}/cancel`, {});
    await make(near, -330); // only just made, and nearer than a reminder
    await make(no, 800);
    const [text] = await arrived(yes);
    assert.match(text.body, /reminder/);
    const [row] = await rows(yes, one);
    assert.equal(row.kind, 'reminder');
    assert.equal(row.ref, `${made.id}:${Date.parse(made.starts_at)}`);
    assert.ok(Date.parse(row.created_at)
      >= Date.parse(made.starts_at) - 15 * 60000);
    // a longer notice makes the cancelled and the unasked due as well
    await one.client.want(200, 'PATCH', '/api/phone_settings',
      { sms_remind_minutes: 60 });
    await quiet();
    for (const phone of [gone, near, no])
      assert.equal(texts(phone).length, 0);
    assert.equal(texts(yes).length, 1);
  });

test('messages of others are not there, and nothing is sent for them',
  async () => {
    const other = await onboard(stack, { assistant: false });
    const phone = newNumber();

    await agree(phone);
    await book(phone);
    await arrived(phone);
    assert.deepEqual(await rows(phone, other), []);
    const reply = await other.twilio.textStatus(texts(phone)[0],
      'undelivered');
    assert.equal(reply.status, 204);
    assert.notEqual((await rows(phone))[0].status, 'undelivered');
    for (const body of [{}, { phone: 'x', status: 'granted' },
      { phone, status: 'maybe' }])
      assert.ok(fieldsOf(await other.client.wrong(400, 'input', 'POST',
        '/api/sms/consents', body)).length > 0);
  });

test('an unsigned text is refused', async () => {
  const params = { From: newNumber(), To: b.number, Body: 'STOP',
    MessageSid: `SM${hex32()}`, AccountSid: b.accountSid };
  const url = b.twilio.smsUrl;

  for (const signature of [null, '', 'x'])
    assert.equal((await b.twilio.post(url, params, { signature })).status,
      403);
});
