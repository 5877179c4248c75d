// Messages that callers leave: kept once, shown, written down and mailed.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { hex32 } from '../fake/twilio.mjs';
import { until } from '../fake/net.mjs';
import { newNumber, onboard, signUp } from '../lib/business.mjs';
import { startPhone } from '../lib/phone.mjs';

let stack;
let b;
const email = 'front@example.com';

before(async () => {
  stack = await startPhone();
  b = await answering();
});

/** A business whose callers reach nobody. */
async function answering(more = {}) {
  const one = await onboard(stack, { assistant: false,
    timezone: 'Europe/Paris', ...more });

  await one.client.want(200, 'PATCH', '/api/user/studio-config',
    { fallback_email: more.email ?? email, languages: [more.lang ?? 'en'] });
  return one;
}

const list = async (one = b) =>
  (await one.client.want(200, 'GET', '/api/voicemails')).data;
const mails = (to = email) => stack.smtp.mails.filter((m) =>
  m.to[0] === to);
const about = (from, to) => mails(to).filter((m) =>
  m.headers.subject.includes(from));
const mailed = (from, to) => until(`a mail about ${from}`, () =>
  about(from, to)[0], 30000);

async function leave(one, from, seconds) {
  const call = await one.twilio.dial(from);

  assert.ok(call.recorded, call.document);
  await call.leaveMessage(seconds);
  return call;
}

test('a message is kept once, with a task, and mailed with what was said',
  async () => {
    const from = newNumber();
    const call = await leave(b, from, 7);

    assert.equal((await call.transcribe('Please call me — it hurts.')).status,
      204);
    const [row] = await list();
    assert.equal(row.from_number, from);
    assert.equal(row.duration_s, 7);
    assert.equal(row.transcript, 'Please call me — it hurts.');
    assert.equal(row.status, 'new');
    assert.equal((await list()).filter((v) => v.from_number === from).length,
      1, 'the action and the callback tell of the same');
    const mail = await mailed(from);
    assert.equal(mail.from, 'desk@example.com');
    assert.deepEqual(mail.to, [email]);
    assert.equal(mail.headers.subject, `Voicemail from ${from}`);
    assert.match(mail.headers.from, /Example Dental/);
    assert.ok(mail.text.includes('Please call me — it hurts.'));
    assert.ok(mail.text.includes(`/api/voicemails/${row.id}/recording`));
    await until('the row to know', async () => (await list())[0].mailed_at);
    const { data } = await b.client.want(200, 'GET', '/api/tasks');
    assert.ok(data.some((t) => t.kind === 'voicemail' && t.ref === row.id));
    const calls = await b.client.want(200, 'GET', `/api/calls/${row.call_id}`);
    assert.ok(calls.recording_url);
    assert.equal((await call.transcribe('again')).status, 204);
    assert.equal((await list())[0].transcript, 'Please call me — it hurts.');
    assert.equal(about(from).length, 1);
  });

test('without a transcript the mail waits a while, then goes', async () => {
  const from = newNumber();
  const start = Date.now();

  await leave(b, from);
  const mail = await mailed(from);
  assert.ok(Date.now() - start >= 1400, 'it waited');
  assert.doesNotMatch(mail.text, /written down/);
  const failed = newNumber();
  const call = await leave(b, failed);
  await call.transcribe('', 'failed');
  await mailed(failed);
  const row = (await list()).find((v) => v.from_number === failed);
  assert.equal(row.transcript, null);
  assert.equal(row.transcript_status, 'failed');
});

test('subjects in other languages, names that want to be headers',
  async () => {
    const to = 'israel@example.com';
    const one = await answering({ lang: 'he', email: to });
    const from = newNumber();

    await one.client.want(200, 'PATCH', '/api/user/profile', {
      organization_name: 'Ünï "Dental" <x@y>, \u200fמרפאה: a@b; '
        + 'Bcc: evil@example.com' });
    const call = await leave(one, from);
    assert.equal(call.transcriber, null, 'Twilio writes down English alone');
    const mail = await mailed(from, to);
    assert.equal(mail.headers.subject, `הודעה קולית מאת ${from}`);
    assert.ok(mail.headers.from.startsWith('Ünï "Dental"'));
    assert.deepEqual(mail.to, [to]);
    assert.deepEqual(stack.smtp.wrong, []);
  });

test('a caller\'s name is no header', async () => {
  const from = newNumber();

  await b.client.want(201, 'POST', '/api/appointments', {
    starts_at: new Date(Date.now() + 3 * 86400000).toISOString(),
    name: 'Eve\r\nBcc: evil@example.com\r\n\r\nBody', phone: from });
  const call = await leave(b, from);
  await call.transcribe('.\r\n.\r\nQUIT\r\n');
  const mail = await mailed(from);
  assert.match(mail.headers.subject, /Eve {2}Bcc: evil/);
  assert.ok(mail.text.includes('.\n.\nQUIT'));
  assert.deepEqual(mail.to, [email]);
  assert.deepEqual(stack.smtp.wrong, []);
});

test('a mail server in trouble gets it later, one that refuses does not',
  async () => {
    const from = newNumber();
    const { smtp } = stack;

    smtp.fail({ on: 'MAIL', reply: '451 busy' }, { on: 'RCPT', reply: null });
    await leave(b, from);
    await mailed(from);
    const other = newNumber();
    smtp.fail({ on: 'RCPT', reply: '550 no such user' });
    const call = await leave(b, other);
    await call.transcribe('x');
    const third = newNumber();
    await (await leave(b, third)).transcribe('y');
    await mailed(third);
    assert.equal(about(other).length, 0);
    assert.ok((await list()).some((v) => v.from_number === other
      && v.mailed_at === null), 'the message is there all the same');
    assert.deepEqual(smtp.wrong, []);
  });

test('a letter that may have gone out goes again under the same name',
  async () => {
    const from = newNumber();

    stack.smtp.lose = 1;
    await leave(b, from);
    await until('two letters', () => about(from).length === 2, 30000);
    const [one, two] = about(from);
    assert.equal(one.headers['message-id'], two.headers['message-id']);
  });

test('without an address nothing is mailed', async () => {
  const one = await onboard(stack, { assistant: false });
  const before = stack.smtp.mails.length;
  const from = newNumber();

  await (await leave(one, from)).transcribe('z');
  const mark = newNumber();
  await (await leave(b, mark)).transcribe('z');
  await mailed(mark);
  assert.equal(stack.smtp.mails.length, before + 1);
  assert.equal((await list(one)).length, 1);
});

test('staff listen through us and put it away', async () => {
  const from = newNumber();
  const call = await leave(b, from);
  const row = (await list()).find((v) => v.from_number === from);
  const at = `/api/voicemails/${row.id}`;
  const sound = Buffer.from([0xff, 0xfb, 0x90, 0, 1, 2, 10, 13, 26]);

  await b.client.wrong(404, 'missing', 'GET', `${at}/recording`);
  stack.rest.recordings.set(call.left.RecordingSid, sound);
  const got = await b.client.get(`${at}/recording`);
  assert.equal(got.status, 200, got.text);
  assert.equal(got.headers['content-type'], 'audio/mpeg');
  assert.deepEqual(got.raw, sound);
  stack.rest.fail({ on: 'GET /Recordings', mode: 'html', status: 200 });
  await b.client.wrong(502, 'peer', 'GET', `${at}/recording`);
  const done = await b.client.want(200, 'PATCH', at, { status: 'done' });
  assert.equal(done.status, 'done');
  const open = await b.client.want(200, 'GET', '/api/voicemails?status=new');
  assert.equal(open.data.some((v) => v.id === row.id), false);
  assert.equal((await b.client.want(200, 'GET', at)).id, row.id);
  await b.client.wrong(400, 'input', 'PATCH', at, { status: 'eaten' });
  const other = await signUp(stack);
  for (const path of [at, `${at}/recording`])
    await other.client.wrong(404, 'missing', 'GET', path);
  await other.client.wrong(404, 'missing', 'PATCH', at, { status: 'done' });
});

test('recordings of conversations are no messages', async () => {
  const call = await b.twilio.dial(newNumber());
  const before = (await list()).length;
  const rec = { RecordingSid: `RE${hex32()}`, RecordingStatus: 'completed',
    RecordingUrl: 'https://example.com/r', RecordingDuration: '3',
    RecordingSource: 'DialVerb', AccountSid: b.accountSid,
    CallSid: call.sid };

  assert.equal((await b.twilio.post(
    `${stack.publicUrl}/twilio/recording`, rec)).status, 204);
  assert.equal((await list()).length, before);
});

test('a transcript that comes first makes the message', async () => {
  const from = newNumber();
  const call = await b.twilio.dial(from);

  call.left = { back: call.transcriber, RecordingSid: `RE${hex32()}`,
    RecordingUrl: 'https://example.com/early' };
  assert.equal((await call.transcribe('Early bird.')).status, 204);
  const row = (await list()).find((v) => v.from_number === from);
  assert.equal(row.transcript, 'Early bird.');
  const bad = await b.twilio.post(`${stack.publicUrl}/twilio/transcription`,
    { AccountSid: b.accountSid, CallSid: call.sid });
  assert.equal(bad.status, 400);
});

test('nobody has to know the password of the mail server', async () => {
  for (const { name, text } of stack.logs())
    assert.equal(text.includes('secret-word'), false, name);
  const conf = stack.run(['conf']);
  assert.equal(conf.out.includes('secret-word'), false);
  assert.match(conf.out, /FRONTDESK_SMTP_URL = smtp:\/\/desk:\*\*\*\*@/);
  assert.ok(stack.smtp.log.includes('STARTTLS'));
});
