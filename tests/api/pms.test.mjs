// A practice's system: connected, mirrored, and what its appointments do to
// free times.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSikka } from '../fake/sikka.mjs';
import { until } from '../fake/net.mjs';
import { dayOf, instantOf, onboard, sessionOf, signUp,
  workday } from '../lib/business.mjs';
import { assertError, fieldsOf } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let sikka;
const zone = 'America/New_York';
const day = (n) => dayOf(Date.now() + n * 86400000, zone);

before(async () => {
  sikka = await startSikka({ tls: true });
  stack = await startStack({ env: { FRONTDESK_SIKKA_URL: sikka.url,
    FRONTDESK_CA_FILE: sikka.caFile, FRONTDESK_PMS_NEAR_S: '1',
    FRONTDESK_PMS_FULL_S: '86400', FRONTDESK_PMS_POLL_MS: '100',
    FRONTDESK_BREAKER_OPEN_MS: '300' } });
});
after(() => sikka.stop());

const setup = (client) => client.want(200, 'GET', '/api/pms/setup')
  .then((b) => b.integration);
const list = async (client, what) => (await client.want(200, 'GET',
  `/api/pms/${what}`)).data;

/* A practice that is connected and wholly read. */
async function practice(more = {}) {
  const b = await onboard(stack, { assistant: false, timezone: zone, ...more });

  await b.client.want(200, 'POST', '/api/pms/setup', { provider: 'SIKKA',
    credentials: sikka.credentials });
  await synced(b);
  return b;
}

async function synced(b, since = 0) {
  await until('the mirror to be read', async () => {
    const at = (await setup(b.client)).lastFullSyncAt;
    return at && Date.parse(at) > since;
  });
}

test('without a system: the book that is built in', async () => {
  const { client } = await signUp(stack);
  const made = await client.want(201, 'POST', '/api/appointments', {
    starts_at: `${workday(3, 'UTC')}T10:00:00Z`, name: 'Ann',
    phone: '+14155550111' });
  const got = await setup(client);

  assert.equal(got.provider, 'BUILTIN');
  assert.equal(got.status, 'ACTIVE');
  assert.equal(got.features.writebacks, false);
  const visits = await list(client, 'appointments');
  assert.deepEqual(visits.map((v) => [v.id, v.duration, v.patientName]),
    [[made.id, 30, 'Ann']]);
  assert.equal((await list(client, 'patients'))[0].phone, '+14155550111');
  assert.equal((await list(client, 'providers')).length, 1);
  assert.deepEqual(await list(client, 'writebacks'), []);
});

test('connected: the answer, the seal, and no secret anywhere', async () => {
  const { client } = await signUp(stack);
  const body = await client.want(200, 'POST', '/api/pms/setup', {
    provider: 'SIKKA', credentials: sikka.credentials,
    config: { timezone: zone, defaultAppointmentDuration: 30 } });

  assert.equal(body.success, true);
  const it = body.integration;
  assert.equal(it.provider, 'SIKKA');
  assert.equal(it.status, 'ACTIVE');
  assert.equal(it.officeId, 'D13303');
  assert.equal(it.practiceName, 'Smile Dental');
  assert.equal(it.system, 'Dentrix');
  assert.equal(it.config.defaultAppointmentDuration, 30);
  assert.equal(it.credentialsPreview,
    `****${sikka.app.app_key.slice(-4)}`);
  assert.equal(it.breaker.state, 'closed');
  assert.ok(stack.stored('Smile Dental'));
  for (const secret of [sikka.app.app_key, sikka.offices[0].secret_key,
    ...sikka.keys.keys(), ...sikka.refreshes.keys()]) {
    assert.ok(!stack.stored(secret), 'a secret is stored in clear');
    for (const { name, text } of stack.logs())
      assert.ok(!text.includes(secret), `a secret is in ${name}`);
  }
  assert.ok(!JSON.stringify(await setup(client))
    .includes(sikka.app.app_key));
});

test('the names that other frontends use; an office found by itself',
  async () => {
    const { client } = await signUp(stack);
    const body = await client.want(200, 'POST', '/api/v1/pms/setup', {
      provider: 'sikka', credentials: { applicationId: sikka.app.app_id,
        secretKey: sikka.app.app_key, practiceId: 1 } });

    assert.equal(body.integration.officeId, 'D13303');
    assert.equal(body.integration.practiceId, '1');
  });

test('only an admin connects; mistakes are named; refusals keep nothing',
  async () => {
    const { client } = await signUp(stack);
    const anon = stack.client();

    for (const [method, path] of [['GET', 'setup'], ['POST', 'setup'],
      ['DELETE', 'setup'], ['GET', 'patients'], ['GET', 'writebacks']])
      assertError(await anon.request(method, `/api/pms/${path}`,
        method === 'POST' ? { json: {} } : {}), 401);
    const none = await client.wrong(400, 'input', 'POST', '/api/pms/setup',
      { provider: 'KOLLA' });
    assert.deepEqual(fieldsOf(none), ['provider']);
    const empty = await client.wrong(400, 'input', 'POST', '/api/pms/setup',
      { provider: 'SIKKA', credentials: {} });
    assert.deepEqual(fieldsOf(empty), ['credentials.app_id',
      'credentials.app_key']);
    const odd = await client.wrong(422, 'input', 'POST',
      '/api/v1/pms/setup', { provider: 'SIKKA', credentials: {
        ...sikka.credentials, app_key: 'a b\nc', secret_key: 7 } });
    assert.deepEqual(fieldsOf(odd), ['credentials.app_key',
      'credentials.secret_key']);
    const wrong = await client.wrong(409, 'conflict', 'POST',
      '/api/pms/setup', { provider: 'SIKKA', credentials: {
        ...sikka.credentials, secret_key: 'not-the-secret-0123' } });
    assert.match(wrong.body.error, /SIKKA refuses/);
    assert.doesNotMatch(wrong.text, /not-the-secret/);
    assert.equal((await setup(client)).provider, 'BUILTIN');
  });

test('all is mirrored: pages, folded envelopes, families, odd rows',
  async () => {
    for (let i = 0; i < 450; i++)
      sikka.addPatient({ firstname: `First${i}`, lastname: `Crowd${i}` });
    sikka.addPatient({ firstname: 'Zoë', lastname: 'O’Néill',
      cell: '4155550142', birthdate: '1990-02-03' });
    sikka.addPatient({ firstname: 'Max', lastname: 'Family',
      homephone: '(415) 555-0142' });
    sikka.addAppointment({ date: day(3), time: '14:00', length: '45' });
    sikka.addAppointment({ date: 'soon', time: 'early' });
    sikka.addAppointment({ date: `${day(3)}T00:00:00`, time: '9:30',
      length: '', status: 'broken' });
    sikka.inArray = true;
    const b = await practice();
    sikka.inArray = false;
    const all = [];
    for (let cursor = ''; cursor !== null;) {
      const page = await b.client.want(200, 'GET',
        `/api/pms/patients?limit=200${cursor && `&cursor=${cursor}`}`);
      all.push(...page.data);
      cursor = page.next_cursor;
    }
    assert.equal(all.length, sikka.patients.size);
    assert.equal(new Set(all.map((p) => p.id)).size, all.length);
    const family = await list(b.client, 'patients?phone=%2B14155550142');
    assert.deepEqual(family.map((p) => p.lastName).sort(),
      ['Family', 'O’Néill']);
    assert.equal(family.find((p) => p.firstName === 'Zoë').dateOfBirth,
      '1990-02-03');
    assert.deepEqual((await list(b.client, 'patients?query=FAM'))
      .map((p) => p.firstName), ['Max']);
    const visits = await list(b.client,
      `appointments?startDate=${day(3)}&endDate=${day(3)}`);
    assert.deepEqual(visits.map((v) => [v.startTime, v.duration, v.status]), [
      [instantOf(day(3), '09:30', zone).toISOString(), 30, 'cancelled'],
      [instantOf(day(3), '14:00', zone).toISOString(), 45, 'scheduled']]);
    assert.equal(visits[1].providerName, 'Quill');
    const [doctor] = await list(b.client, 'providers');
    assert.equal(doctor.id, 'DR1');
    assert.equal(doctor.isActive, true);
    assert.match(doctor.resourceId, /^[0-9a-f-]{36}$/);
  });

test('a mirrored appointment takes its time, until it goes', async () => {
  const row = sikka.addAppointment({ date: day(4), time: '11:00' });
  const b = await practice();
  const starts_at = instantOf(day(4), '11:00', zone).toISOString();
  const book = () => b.client.post('/api/appointments', { starts_at,
    name: 'Late Caller', phone: '+14155550133' });

  assertError(await book(), 409, 'conflict');
  const half = await b.client.post('/api/appointments', {
    starts_at: instantOf(day(4), '11:15', zone).toISOString(),
    name: 'Late Caller' });
  assertError(half, 409, 'conflict');
  sikka.appointments.delete(row.appointment_sr_no);
  await until('the time to be free', async () =>
    !(await list(b.client, 'appointments'))
      .some((v) => v.id === row.appointment_sr_no));
  assert.equal((await book()).status, 201);
});

test('what a near pass sees: moved, cancelled, another doctor', async () => {
  const row = sikka.addAppointment({ date: day(5), time: '09:00' });
  const b = await practice();
  const now = async () => (await list(b.client, 'appointments'))
    .find((v) => v.id === row.appointment_sr_no);

  Object.assign(row, { time: '10:30', length: '60' });
  await until('the move', async () => (await now()).startTime
    === instantOf(day(5), '10:30', zone).toISOString());
  sikka.providers.set('DR2', { ...sikka.providers.get('DR1'),
    provider_id: 'DR2', lastname: 'Second' });
  row.provider_id = 'DR2';
  await until('the other doctor', async () =>
    (await now()).providerName === 'Second');
  const doctors = await list(b.client, 'providers');
  assert.equal(new Set(doctors.map((d) => d.resourceId)).size, 2);
  const busy = await b.client.post('/api/appointments', {
    starts_at: instantOf(day(5), '10:30', zone).toISOString(), name: 'Free',
    phone: '+14155550134' });
  assert.equal(busy.status, 201, busy.text);
  row.status = 'Cancelled';
  await until('the cancellation', async () =>
    (await now()).status === 'cancelled');
  sikka.providers.delete('DR2');
});

test('free times for callers: without the practice’s own; who calls',
  async () => {
    const from = '+14155550177';
    const date = workday(8);
    sikka.addPatient({ firstname: 'Rosa', lastname: 'Caller',
      cell: '4155550177' });
    sikka.addAppointment({ date, time: '10:00', length: '60' });
    sikka.addAppointment({ date, time: '10:30', length: '45' });
    const b = await practice({ assistant: undefined, hours: 'Mon-Fri 9-12' });
    const s = sessionOf(b, from);

    assert.match((await s.tool('get-patient-info', {})).result, /Rosa Caller/);
    for (const [time, free] of [['09:00', true], ['09:45', false],
      ['11:00', false], ['11:15', true]]) {
      const reply = await b.client.post('/api/appointments', { name: 'X Y',
        starts_at: instantOf(date, time, zone).toISOString() });
      assert.equal(reply.status, free ? 201 : 409, `${time}: ${reply.text}`);
    }
    const got = await s.tool('book-appointment', { date, time: '10:00',
      name: 'Rosa Caller' });
    assert.match(got.result, /not free|taken/);
    assert.ok(!(await list(b.client, 'appointments')).some((v) =>
      v.bookingId && v.startTime === instantOf(date, '10:00', zone)
        .toISOString()));
  });

test('a list that is suddenly empty takes nothing away', async () => {
  for (let i = 0; i < 8; i++)
    sikka.addAppointment({ date: day(6), time: `1${i}:00` });
  const b = await practice();
  const count = async () => (await list(b.client, 'appointments')).length;
  const were = await count();

  sikka.fail({ mode: '204', on: 'GET /v4/appointments', times: 3 });
  await until('the empty lists to be told', () =>
    !sikka.next.some((f) => f.mode === '204'));
  const seen = Date.now();
  await until('a whole pass after them', async () =>
    Date.parse((await setup(b.client)).lastSyncAt) > seen + 1000);
  assert.equal(await count(), were);
});

test('disconnected: nothing is left of it', async () => {
  const b = await practice();

  assert.ok((await list(b.client, 'patients')).length > 0);
  assert.equal((await b.client.delete('/api/pms/setup')).status, 204);
  assert.equal((await setup(b.client)).provider, 'BUILTIN');
  assert.deepEqual(await list(b.client, 'patients'), []);
  assert.equal((await b.client.delete('/api/pms/setup')).status, 204);
});

test('a practice sees its own rows only', async () => {
  const b = await practice();
  const other = await signUp(stack);

  assert.ok((await list(b.client, 'patients')).length > 0);
  for (const what of ['patients', 'appointments', 'writebacks'])
    assert.deepEqual(await list(other.client, what), []);
  assert.ok(!(await list(other.client, 'providers'))
    .some((p) => p.id === 'DR1'));
});
