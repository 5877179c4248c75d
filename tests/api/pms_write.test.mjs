// What we book, cancel and move reaches the practice's system, later if need
// be, and once.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startSikka } from '../fake/sikka.mjs';
import { until } from '../fake/net.mjs';
import { instantOf, newNumber, onboard, sessionOf, workday }
  from '../lib/business.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let sikka;
let hour = 0;
const practices = [];
const zone = 'America/New_York';
const patience = 30000;

before(async () => {
  sikka = await startSikka({ tls: true });
  stack = await startStack({ env: { FRONTDESK_SIKKA_URL: sikka.url,
    FRONTDESK_CA_FILE: sikka.caFile, FRONTDESK_PMS_NEAR_S: '1',
    FRONTDESK_PMS_POLL_MS: '100', FRONTDESK_PEER_TIMEOUT_MS: '1200',
    FRONTDESK_REPAIR_AFTER_MS: '700', FRONTDESK_BREAKER_FAILURES: '3',
    FRONTDESK_BREAKER_OPEN_MS: '300' } });
});
beforeEach(() => {
  Object.assign(sikka, { down: false, spu: true, refuseWrites: null,
    next: [], log: [] });
});
/* What one test leaves behind would go on calling in the next. */
afterEach(async () => {
  for (const b of practices.splice(0))
    await b.client.want(204, 'DELETE', '/api/pms/setup');
});
after(() => sikka.stop());

/* A time of its own for each test: {date, time, starts_at}. */
function newTime() {
  hour += 1;
  const date = workday(3 + Math.floor(hour / 20));
  const time = `${String(hour % 20 + 1).padStart(2, '0')}:00`;
  return { date, time,
    starts_at: instantOf(date, time, zone).toISOString() };
}

const setup = (b) => b.client.want(200, 'GET', '/api/pms/setup')
  .then((got) => got.integration);
const writebacks = async (b) => (await b.client.want(200, 'GET',
  '/api/pms/writebacks')).data;
const tasks = async (b) => (await b.client.want(200, 'GET',
  '/api/tasks')).data;
const entered = (t) => [...sikka.appointments.values()]
  .filter((a) => a.date === t.date && a.time === t.time);

async function practice(more = {}) {
  const b = await onboard(stack, { assistant: false, timezone: zone, ...more });

  practices.push(b);
  await b.client.want(200, 'POST', '/api/pms/setup', { provider: 'SIKKA',
    credentials: sikka.credentials });
  await until('the mirror to be read', async () =>
    (await setup(b)).lastFullSyncAt);
  b.book = (t, name, phone) => b.client.want(201, 'POST',
    '/api/appointments', { starts_at: t.starts_at, name, phone,
      reason: 'Cleaning' });
  b.settled = (status) => until(`a writeback to be ${status}`, async () => {
    const [w] = await writebacks(b);
    return w?.status === status && w;
  }, patience);
  return b;
}

/* A practice with one patient whom it knows; answers {b, phone, patient}. */
async function known(name = 'Grace Patient') {
  const phone = newNumber();
  const [firstname, lastname] = name.split(' ');
  const patient = sikka.addPatient({ firstname, lastname,
    cell: phone.slice(2) });

  return { b: await practice(), phone, patient, name };
}

test('booked, then cancelled: written once each, and mirrored', async () => {
  const { b, phone, patient, name } = await known();
  const t = newTime();
  const made = await b.book(t, name, phone);
  const w = await b.settled('completed');

  assert.equal(w.operation, 'book');
  assert.equal(w.appointmentId, made.id);
  assert.equal(w.patientId, patient.patient_id);
  const [row, ...more] = entered(t);
  assert.deepEqual(more, []);
  assert.equal(row.patient_id, patient.patient_id);
  assert.equal(row.provider_id, 'DR1');
  assert.equal(row.length, '30');
  assert.equal(row.description, 'Cleaning');
  assert.equal(w.externalId, row.appointment_sr_no);
  assert.equal(sikka.seen('POST /v4/appointment').length, 1);
  const [seen] = (await b.client.want(200, 'GET', '/api/pms/appointments'
    + `?startDate=${t.date}&endDate=${t.date}`)).data
    .filter((v) => v.bookingId === made.id);
  assert.equal(seen.id, row.appointment_sr_no);
  await b.client.want(200, 'POST',
    `/api/appointments/${made.id}/cancel`, {});
  await until('the cancellation to arrive', () =>
    row.status === 'Cancelled', patience);
  await b.settled('completed');
  assert.equal(sikka.seen('PATCH /v4/appointments/').length, 1);
  assert.deepEqual(await tasks(b), []);
  await b.book(t, name, phone);
});

test('a caller whom the practice does not know is entered, once',
  async () => {
    const b = await practice();
    const phone = newNumber();
    const t = newTime();

    sikka.fail({ mode: 'done-then-drop', on: 'POST /v4/patient' });
    await b.book(t, 'Nova Van Newcomer', phone);
    await b.settled('completed');
    const made = [...sikka.patients.values()]
      .filter((p) => p.cell === phone.slice(2));
    assert.deepEqual(made.map((p) => [p.firstname, p.lastname]),
      [['Nova Van', 'Newcomer']]);
    assert.equal(entered(t).length, 1);
    assert.equal(entered(t)[0].patient_id, made[0].patient_id);
  });

test('families share a number: the name decides, or the staff', async () => {
  const { b, phone } = await known('Ada Shared');
  const son = sikka.addPatient({ firstname: 'Ben', lastname: 'Shared',
    homephone: phone, cell: phone.slice(2) });
  const first = newTime();
  const second = newTime();

  await b.client.want(200, 'POST', '/api/pms/setup', { provider: 'SIKKA',
    credentials: sikka.credentials });
  await until('both to be known', async () => (await b.client.want(200, 'GET',
    `/api/pms/patients?phone=${encodeURIComponent(phone)}`)).data.length
    === 2);
  await b.book(first, 'ben  SHARED', phone);
  await b.settled('completed');
  assert.equal(entered(first)[0].patient_id, son.patient_id);
  await b.client.want(200, 'PATCH', '/api/phone_settings',
    { sms_confirm: true });
  await b.client.want(200, 'POST', '/api/sms/consents',
    { phone, status: 'granted' });
  const made = await b.book(second, 'Cleo Shared', phone);
  const w = await b.settled('failed');
  assert.match(w.error, /several patients/i);
  assert.deepEqual(entered(second), []);
  const [task] = await tasks(b);
  assert.equal(task.kind, 'pms.writeback');
  assert.match(task.text, /Cleo Shared/);
  assert.equal(task.ref, made.id);
  const { data } = await b.client.want(200, 'GET', '/api/sms/messages');
  assert.deepEqual(data.map((m) => m.kind).sort(),
    ['confirmation', 'trouble']);
  assert.match(data[0].body, /please call us/);
  await b.client.want(200, 'PATCH', `/api/tasks/${task.id}`,
    { status: 'done' });
  assert.deepEqual(await tasks(b), []);
});

/* Whatever goes wrong while it is written: in the end it is there once. */
for (const mode of ['401', '429', '500', 'html', 'drop', 'hang', 'slow',
  'half', 'inner-401', 'done-then-drop', 'done-then-html', 'done-then-no-id'])
  test(`${mode} while it is written: there once in the end`, async () => {
    const { b, phone, name } = await known();
    const t = newTime();

    sikka.fail({ mode, on: 'POST /v4/appointment', ms: 500 });
    await b.book(t, name, phone);
    await b.settled('completed');
    assert.equal(entered(t).length, 1);
    assert.deepEqual(await tasks(b), []);
    assert.equal((await setup(b)).breaker.state, 'closed');
  });

test('whatever is asked for fails once; still there once', async () => {
  const { b, phone, name } = await known();
  const t = newTime();

  for (const mode of ['html', '500', 'drop', '401', 'half', '429'])
    for (const on of ['GET /v4/appointments', 'GET /v4/writeback_status'])
      sikka.fail({ mode, on });
  await b.book(t, name, phone);
  await b.settled('completed');
  assert.equal(entered(t).length, 1);
});

test('before it is written again there is a look', async () => {
  const { b, phone, name } = await known();

  sikka.fail({ mode: 'drop', on: 'POST /v4/appointment' });
  sikka.log.length = 0;
  await b.book(newTime(), name, phone);
  await b.settled('completed');
  const posts = sikka.log.map((e, i) => [i, e])
    .filter(([, e]) => e.method === 'POST' && e.path === '/v4/appointment');
  assert.equal(posts.length, 2);
  assert.ok(posts[1][1].at - posts[0][1].at >= 700,
    'it had no time to appear');
  const between = sikka.log.slice(posts[0][0] + 1, posts[1][0]);
  assert.ok(between.some((e) => e.path.startsWith('/v4/appointments?')));
});

test('pending as long as the practice is off, never given up', async () => {
  const { b, phone, name } = await known();
  const t = newTime();

  sikka.spu = false;
  await b.book(t, name, phone);
  await until('some polls', () =>
    sikka.seen('GET /v4/writeback_status').length > 8, patience);
  const [w] = await writebacks(b);
  assert.equal(w.status, 'pending');
  assert.match(w.remoteId, /^\d+$/);
  assert.equal(sikka.seen('POST /v4/appointment').length, 1);
  sikka.spu = true;
  await b.settled('completed');
  assert.equal(entered(t).length, 1);
});

test('taken there meanwhile: nothing is written, the staff are told',
  async () => {
    const { b, phone, name } = await known();
    const t = newTime();

    sikka.down = true;
    const made = await b.book(t, name, phone);
    const other = sikka.addAppointment({ date: t.date, time: t.time });
    sikka.down = false;
    const w = await b.settled('failed');
    assert.match(w.error, /taken/);
    assert.equal(sikka.seen('POST /v4/appointment').length, 0);
    const [task] = await tasks(b);
    assert.equal(task.ref, made.id);
    assert.match(task.text, new RegExp(`${name}.*${t.date} at ${t.time}`));
    assert.ok(task.text.includes(phone));
    sikka.appointments.delete(other.appointment_sr_no);
  });

test('the practice refuses it after all: the staff are told', async () => {
  const { b, phone, name } = await known();
  const t = newTime();

  sikka.refuseWrites = 'Operatory is closed';
  await b.book(t, name, phone);
  const w = await b.settled('failed');
  assert.equal(w.error, 'Operatory is closed');
  assert.match((await tasks(b))[0].text, /Operatory is closed/);
});

test('down during the call: booked all the same, written later, once',
  async () => {
    const caller = newNumber();
    sikka.addPatient({ firstname: 'Iris', lastname: 'Waiting',
      cell: caller.slice(2) });
    const b = await practice({ assistant: undefined });
    const t = newTime();

    sikka.down = true;
    await until('the breaker to open', async () =>
      (await setup(b)).breaker.state !== 'closed', patience);
    const got = await sessionOf(b, caller).tool('book-appointment',
      { date: t.date, time: t.time, name: 'Iris Waiting' });
    assert.ok(got.result, JSON.stringify(got));
    const [mine] = (await b.client.want(200, 'GET', '/api/appointments'))
      .data.filter((a) => a.starts_at === t.starts_at);
    assert.equal(mine.name, 'Iris Waiting');
    const before = sikka.log.length;
    await until('two waits of the breaker', async () =>
      (await setup(b)).breaker.failures >= 5, patience);
    assert.ok(sikka.log.length - before < 12, 'it is called all the time');
    assert.equal((await setup(b)).pendingWritebacks, 1);
    sikka.down = false;
    await b.settled('completed');
    assert.equal(entered(t).length, 1);
    assert.equal(sikka.seen('POST /v4/appointment').length, 1);
    assert.equal((await setup(b)).breaker.state, 'closed');
  });

test('cancelled before anybody was told: nobody is', async () => {
  const { b, phone, name } = await known();
  const t = newTime();

  sikka.down = true;
  await until('the breaker to open', async () =>
    (await setup(b)).breaker.state === 'open', patience);
  const made = await b.book(t, name, phone);
  await b.client.want(200, 'POST',
    `/api/appointments/${made.id}/cancel`, {});
  assert.equal((await writebacks(b))[0].status, 'dropped');
  sikka.down = false;
  await until('the breaker to close', async () =>
    (await setup(b)).breaker.state === 'closed', patience);
  assert.deepEqual(entered(t), []);
});

test('cancelled while it is being written: told in order', async () => {
  const { b, phone, name } = await known();
  const t = newTime();

  sikka.spu = false;
  const made = await b.book(t, name, phone);
  await until('it to be accepted', async () =>
    (await writebacks(b))[0].state === 'sent', patience);
  await b.client.want(200, 'POST',
    `/api/appointments/${made.id}/cancel`, {});
  sikka.spu = true;
  await until('both to be told', async () => (await writebacks(b))
    .every((w) => w.status === 'completed'), patience);
  assert.deepEqual(entered(t).map((a) => a.status), ['Cancelled']);
});

test('given back and taken again before the practice knows: both are told',
  async () => {
    const { b, phone, name } = await known();
    const [t, u, away] = [newTime(), newTime(), newTime()];
    const first = await b.book(t, name, phone);
    const second = await b.book(u, name, phone);
    const change = (id, verb, more = {}) => b.client.want(200, 'POST',
      `/api/appointments/${id}/${verb}`, more);
    const settled = (n) => until(`${n} writebacks to be told`, async () => {
      const all = await writebacks(b);
      return all.length === n && all.every((w) => w.status === 'completed');
    }, patience);

    await settled(2);
    const before = sikka.log.length;
    sikka.spu = false;
    await change(first.id, 'cancel');
    await change(second.id, 'reschedule', { starts_at: away.starts_at });
    await b.book(t, name, phone);
    await b.book(u, name, phone);
    await until('looks whether it is free there', () => sikka.log.slice(before)
      .filter((e) => /startdate=([^&]+)&enddate=\1/.test(e.path)).length > 6,
    patience);
    assert.deepEqual(await tasks(b), []);
    sikka.spu = true;
    await settled(6);
    assert.deepEqual(entered(t).map((a) => a.status).sort(),
      ['Cancelled', 'Scheduled']);
    assert.equal(entered(u).length, 1);
    assert.equal(entered(away).length, 1);
    assert.deepEqual(await tasks(b), []);
  });

test('by tools: told once each', async () => {
  const caller = newNumber();
  sikka.addPatient({ firstname: 'Tess', lastname: 'Caller',
    cell: caller.slice(2) });
  const b = await practice({ assistant: undefined });
  const [t, to] = [newTime(), newTime()];
  const s = sessionOf(b, caller);
  const told = (verbs) => until(`${verbs} to be told`, async () => {
    const all = await writebacks(b);
    return all.every((w) => w.status === 'completed')
      && all.map((w) => w.operation).join() === verbs;
  }, patience);

  await s.tool('book-appointment', { date: t.date, time: t.time,
    name: 'Tess Caller' });
  await told('book');
  const moved = await s.tool('reschedule-appointment', { date: to.date,
    time: to.time });
  await told('move,book');
  assert.deepEqual([entered(t).length, entered(to).length], [0, 1],
    moved.result);
  await s.tool('cancel-appointment', { confirmed: true });
  await told('cancel,move,book');
  assert.deepEqual(entered(to).map((a) => a.status), ['Cancelled']);
  assert.equal(sikka.seen('POST /v4/appointment').length, 1);
});

test('the practice moves or cancels what we booked: the book follows',
  async () => {
    const { b, phone, name } = await known();
    const t = newTime();
    const made = await b.book(t, name, phone);
    const now = () => b.client.want(200, 'GET',
      `/api/appointments/${made.id}`);

    await b.settled('completed');
    const [row] = entered(t);
    row.time = `${t.time.slice(0, 2)}:30`;
    const half = instantOf(t.date, row.time, zone).toISOString();
    await until('the move', async () => (await now()).starts_at === half,
      patience);
    row.status = 'broken';
    await until('the cancellation', async () =>
      (await now()).status === 'cancelled', patience);
    assert.equal(sikka.seen('PATCH').length, 0);
  });

test('moved: the same appointment of the practice, once; then cancelled',
  async () => {
    const { b, phone, name } = await known();
    const t = newTime();
    const to = newTime();
    const later = newTime();
    const move = (id, when) => b.client.want(200, 'POST',
      `/api/appointments/${id}/reschedule`, { starts_at: when.starts_at });
    const made = await b.book(t, name, phone);

    await b.settled('completed');
    const [row] = entered(t);
    for (const mode of ['done-then-drop', '500'])
      sikka.fail({ mode, on: 'PUT /v4/appointments/' });
    const moved = await move(made.id, to);
    await until('the move', async () => (await writebacks(b))
      .every((w) => w.status === 'completed'), patience);
    assert.deepEqual([entered(t), entered(to)], [[], [row]]);
    const again = await move(moved.id, later);
    await b.client.want(200, 'POST', `/api/appointments/${again.id}/cancel`,
      {});
    await until('all to be told', async () => (await writebacks(b))
      .every((w) => w.status === 'completed'), patience);
    assert.deepEqual(entered(later), [row]);
    assert.equal(row.status, 'Cancelled');
    assert.equal(sikka.seen('POST /v4/appointment').length, 1);
    assert.deepEqual((await writebacks(b)).map((w) => w.operation),
      ['cancel', 'move', 'move', 'book']);
    assert.deepEqual(await tasks(b), []);
  });

test('moved to where the practice has somebody else: the staff are told',
  async () => {
    const { b, phone, name } = await known();
    const t = newTime();
    const to = newTime();
    const made = await b.book(t, name, phone);

    await b.settled('completed');
    sikka.down = true;
    await b.client.want(200, 'POST',
      `/api/appointments/${made.id}/reschedule`, { starts_at: to.starts_at });
    const other = sikka.addAppointment({ date: to.date, time: to.time });
    sikka.down = false;
    assert.match((await b.settled('failed')).error, /taken/);
    assert.equal((await tasks(b))[0].ref, made.id);
    assert.equal(entered(t).length, 1);
    sikka.appointments.delete(other.appointment_sr_no);
  });

test('our booking twice in the practice is told to the staff', async () => {
  const { b, phone, name } = await known();
  const t = newTime();

  await b.book(t, name, phone);
  await b.settled('completed');
  const [row] = entered(t);
  sikka.addAppointment({ ...row, appointment_sr_no: '77', operatory: 'OP2' });
  await until('the task', async () =>
    (await tasks(b)).some((x) => x.kind === 'pms.duplicate'), patience);
  sikka.appointments.delete('77');
});

test('keys are renewed in time, a refresh key once; all goes on', async () => {
  sikka.keyLifeS = 2;
  const { b, phone, name } = await known();
  const grants = sikka.grants;

  await until('the key to be renewed twice', () =>
    sikka.grants > grants + 2, patience);
  sikka.refreshes.clear();
  sikka.keys.clear();
  await b.book(newTime(), name, phone);
  await b.settled('completed');
  sikka.keyLifeS = 86400;
  const renewals = sikka.seen('POST /v4/request_key')
    .map((e) => JSON.parse(e.body)).filter((x) => x.refresh_key)
    .map((x) => x.refresh_key);
  assert.equal(new Set(renewals).size, renewals.length);
  assert.ok(renewals.length >= 2);
});

test('credentials that are revoked: said so, and healed by new ones',
  async () => {
    const { b, phone, name } = await known();
    const { secret_key: was } = sikka.offices[0];
    const t = newTime();

    sikka.offices[0].secret_key = 'another-secret-0123456789';
    sikka.keys.clear();
    sikka.refreshes.clear();
    await until('the error', async () =>
      (await setup(b)).status === 'ERROR', patience);
    await b.book(t, name, phone);
    await until('the task', async () =>
      (await tasks(b)).some((x) => x.kind === 'pms.credentials'));
    await b.client.want(200, 'POST', '/api/pms/setup', { provider: 'SIKKA',
      credentials: sikka.credentials });
    await b.settled('completed');
    assert.equal(entered(t).length, 1);
    sikka.offices[0].secret_key = was;
  });

test('connected while it is down: 202, then by itself', async () => {
  const b = await onboard(stack, { assistant: false, timezone: zone });

  practices.push(b);
  sikka.down = true;
  const got = await b.client.want(202, 'POST', '/api/pms/setup', {
    provider: 'SIKKA', credentials: sikka.credentials });
  assert.equal(got.integration.status, 'SETUP_REQUIRED');
  sikka.down = false;
  await until('it to be connected', async () => {
    const it = await setup(b);
    return it.status === 'ACTIVE' && it.lastFullSyncAt && it.officeId;
  }, patience);
});

test('disconnected with something untold: nobody is told', async () => {
  const { b, phone, name } = await known();
  const t = newTime();

  sikka.down = true;
  await b.book(t, name, phone);
  assert.equal((await b.client.delete('/api/pms/setup')).status, 204);
  sikka.down = false;
  assert.equal((await writebacks(b))[0].status, 'dropped');
  assert.deepEqual(entered(t), []);
});
