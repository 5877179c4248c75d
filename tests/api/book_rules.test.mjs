// Services, hours, closed days and what is free because of them. It is
// Wednesday, March 4, 2026, ten in the morning in Paris.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ms, openDesk } from '../lib/desk.mjs';

let d;
let other;

before(() => {
  d = openDesk();
  other = openDesk({ data: d.data });
});
after(() => d.data.drop());

const starts = (list) => list.data.map((s) => s.starts_at.slice(11, 16));
const whys = (list) => [...new Set(list.refused.map((s) => s.why))].sort();

test('resources: made, changed, and gone only without appointments', () => {
  const path = '/api/resources';
  const room = d.want(201, 'POST', path, { name: 'Room 2', kind: 'room' });

  assert.equal(room.active, true);
  assert.deepEqual(d.want(200, 'GET', `${path}/${room.id}`), room);
  assert.equal(d.want(200, 'PATCH', `${path}/${room.id}`,
    { active: false, name: '' }).active, false);
  assert.equal(d.want(200, 'GET', `${path}/${room.id}`).name, 'Room 2');
  assert.deepEqual(d.refused('POST', path, { name: '', kind: 'car' }),
    ['kind', 'name']);
  for (const [method, json] of [['GET'], ['PATCH', { name: 'Mine' }],
    ['DELETE']])
    other.want(404, method, `${path}/${room.id}`, json);
  assert.equal(d.want(200, 'GET', path).data.length, 2);
  d.ask('DELETE', `${path}/${room.id}`);
  d.want(404, 'GET', `${path}/${room.id}`);
  d.want(404, 'DELETE', `${path}/${room.id}`);
  d.want(409, 'DELETE', `${path}/${d.front.id}`);
});

test('services: defaults, changes, mistakes, other accounts', () => {
  const path = '/api/services';
  const made = d.want(201, 'POST', path, { name: 'Cleaning', minutes: 45 });

  assert.deepEqual([made.step_minutes, made.before_minutes,
    made.after_minutes, made.notice_minutes, made.horizon_days, made.per_day,
    made.resource_ids, made.active], [null, 0, 0, 0, 740, null, [], true]);
  const now = d.want(200, 'PATCH', `${path}/${made.id}`, { per_day: 3,
    after_minutes: 10, resource_ids: [d.front.id] });
  assert.deepEqual([now.per_day, now.after_minutes, now.minutes,
    now.resource_ids], [3, 10, 45, [d.front.id]]);
  assert.deepEqual(d.want(200, 'GET', `${path}/${made.id}`), now);
  const back = d.want(200, 'PATCH', `${path}/${made.id}`, { per_day: null,
    after_minutes: null, resource_ids: null });
  assert.deepEqual([back.per_day, back.after_minutes, back.resource_ids],
    [null, 0, []]);
  assert.deepEqual(d.refused('POST', path, { minutes: 2, per_day: 0,
    before_minutes: 999, horizon_days: 741, notice_minutes: -1 }),
  ['before_minutes', 'horizon_days', 'minutes', 'name', 'notice_minutes',
    'per_day']);
  assert.deepEqual(d.refused('PATCH', `${path}/${made.id}`,
    { resource_ids: [other.front.id] }), ['resource_ids']);
  d.want(409, 'POST', path, { name: 'Cleaning', minutes: 30 });
  other.want(404, 'GET', `${path}/${made.id}`);
  other.want(404, 'PATCH', `${path}/${made.id}`, { minutes: 5 });
  other.want(404, 'DELETE', `${path}/${made.id}`);
  assert.deepEqual(other.want(200, 'GET', path).data, []);
  assert.equal(d.ask('DELETE', `${path}/${made.id}`).status, 204);
  d.want(404, 'GET', `${path}/${made.id}`);
});

test('weekly hours: split, past midnight, as people write them', () => {
  const night = d.want(201, 'POST', '/api/resources', { name: 'Night',
    kind: 'practitioner' });
  const day = { date: '2026-03-10', resource_id: night.id };

  assert.equal(d.free(day).data.length, 16); // the business's 9 to 17
  const week = d.want(200, 'PUT', `/api/resources/${night.id}/hours`,
    { hours: 'Tue 9-10, 14-15; Thu 22-01' });
  assert.deepEqual(week.data.map((h) => [h.weekday, h.from_min, h.to_min]),
    [[1, 540, 600], [1, 840, 900], [3, 1320, 1500]]);
  assert.deepEqual(starts(d.free(day)), ['08:00', '08:30', '13:00', '13:30']);
  assert.deepEqual(starts(d.free({ ...day, date: '2026-03-13' })),
    ['23:00', '23:30']); // the end of Thursday's night
  const rule = d.want(201, 'POST', '/api/availability-rules',
    { resource_id: night.id, weekday: 1, from_min: 900, to_min: 930 });
  assert.equal(d.free(day).data.length, 5);
  assert.equal(d.ask('DELETE', `/api/availability-rules/${rule.id}`).status,
    204);
  assert.equal(d.free(day).data.length, 4);
  d.want(404, 'DELETE', `/api/availability-rules/${rule.id}`);
  assert.equal(d.want(200, 'GET',
    `/api/availability-rules?resource_id=${night.id}`).data.length, 3);
  assert.deepEqual(d.refused('PUT', `/api/resources/${night.id}/hours`,
    { hours: 'now and then' }), ['hours']);
  assert.deepEqual(d.refused('POST', '/api/availability-rules',
    { resource_id: other.front.id, weekday: 1, from_min: 1, to_min: 9 }),
  ['resource_id']);
  assert.deepEqual(d.refused('POST', '/api/availability-rules',
    { resource_id: night.id, weekday: 7, from_min: 600, to_min: 500 }),
  ['weekday']);
  assert.deepEqual(d.refused('POST', '/api/availability-rules',
    { resource_id: night.id, weekday: 6, from_min: 600, to_min: 500 }),
  ['to_min']);
  other.want(404, 'PUT', `/api/resources/${night.id}/hours`,
    { hours: 'Mon 9-10' });
  d.ask('DELETE', `/api/resources/${night.id}`);
});

test('closed days, absences and extra hours', () => {
  const path = '/api/availability-exceptions';
  const add = (json) => d.want(201, 'POST', path, json);
  const day = { date: '2026-04-06', resource_id: d.front.id, explain: 1 };
  const closed = add({ kind: 'closed', from_date: '2026-04-06',
    note: 'Easter Monday' });

  assert.deepEqual([closed.to_date, closed.from_min, closed.source],
    ['2026-04-06', null, 'staff']);
  let got = d.free(day);
  assert.deepEqual([got.data, whys(got), got.refused[0].ref],
    [[], ['closed'], closed.id]);
  assert.deepEqual(d.refused('POST', '/api/appointments', { starts_at:
    '2026-04-06T10:00:00+02:00', name: 'Test Visitor' }), ['starts_at']);
  add({ kind: 'open', from_date: '2026-04-06', from_min: 600, to_min: 660 });
  assert.deepEqual(starts(d.free(day)), ['08:00', '08:30']);
  const away = add({ kind: 'closed', from_date: '2026-04-05',
    to_date: '2026-04-07', resource_id: d.front.id });
  assert.deepEqual(starts(d.free(day)), []);
  assert.equal(d.want(200, 'GET', `${path}?from=2026-04-07`).data.length, 1);
  assert.equal(d.want(200, 'GET', `${path}?to=2026-04-05`).data.length, 1);
  assert.deepEqual(d.want(200, 'GET', `${path}/${away.id}`), away);
  assert.equal(d.ask('DELETE', `${path}/${away.id}`).status, 204);
  const lunch = add({ kind: 'closed', from_date: '2026-04-08',
    from_min: 720, to_min: 780 });
  got = d.free({ ...day, date: '2026-04-08' });
  assert.equal(got.data.length, 14);
  assert.deepEqual(got.refused.map((s) => [s.why, s.ref]),
    [['closed', lunch.id], ['closed', lunch.id]]);
  other.want(404, 'GET', `${path}/${lunch.id}`);
  other.want(404, 'DELETE', `${path}/${lunch.id}`);
  assert.equal(other.free({ date: '2026-04-08' }).data.length, 16);
});

test('exceptions that make no sense', () => {
  const path = '/api/availability-exceptions';
  const base = { kind: 'closed', from_date: '2026-05-01' };

  for (const [json, fields] of [
    [{ kind: 'shut', from_date: '2026-02-30' }, ['from_date', 'kind']],
    [{ ...base, to_date: '2026-04-30' }, ['to_date']],
    [{ ...base, to_date: '2099-04-30' }, ['to_date']],
    [{ ...base, from_min: 60 }, ['to_min']],
    [{ ...base, from_min: 60, to_min: 60 }, ['to_min']],
    [{ ...base, kind: 'open' }, ['from_min']],
    [{ ...base, resource_id: other.front.id }, ['resource_id']]])
    assert.deepEqual(d.refused('POST', path, json), fields,
      JSON.stringify(json));
});

test('what a service demands decides, and explain says so', () => {
  const s = d.want(201, 'POST', '/api/services', { name: 'Surgery',
    minutes: 60, step_minutes: 30, before_minutes: 15, after_minutes: 30,
    notice_minutes: 26 * 60, horizon_days: 9, per_day: 2 });
  const at = (date) => d.free({ date, service_id: s.id, explain: 1 });

  let got = at('2026-03-05');
  assert.deepEqual(starts(got), ['11:00', '11:30', '12:00', '12:30', '13:00',
    '13:30', '14:00', '14:30', '15:00']);
  assert.deepEqual(whys(got), ['hours', 'notice']);
  assert.equal(got.timezone, 'Europe/Paris');
  assert.deepEqual(whys(at('2026-03-14')), ['no_hours']);
  assert.deepEqual(whys(at('2026-03-16')), ['horizon']);
  assert.deepEqual(whys(at('2026-03-03')), ['past']);
  const visit = d.book('2026-03-06T10:00:00+01:00', { service_id: s.id });
  assert.deepEqual([visit.service_id, visit.ends_at],
    [s.id, '2026-03-06T10:00:00.000Z']);
  got = at('2026-03-06');
  assert.deepEqual(starts(got).slice(0, 2), ['11:00', '11:30']);
  assert.deepEqual(whys(got), ['buffer', 'hours', 'taken']);
  assert.equal(got.refused.find((x) => x.why === 'buffer').ref, visit.id);
  // an appointment without buffers may come as close as those of the other
  d.want(409, 'POST', '/api/appointments', { starts_at:
    '2026-03-06T11:15:00+01:00', name: 'Test Visitor', minutes: 15 });
  d.book('2026-03-06T11:30:00+01:00', { minutes: 15 });
  d.book('2026-03-06T14:00:00+01:00', { service_id: s.id });
  assert.deepEqual([at('2026-03-06').data.length,
    whys(at('2026-03-06')).includes('per_day')], [0, true]);
  d.want(409, 'POST', '/api/appointments', { starts_at:
    '2026-03-06T16:00:00+01:00', name: 'Test Visitor', service_id: s.id });
  for (const [starts_at, status] of [['2026-03-05T09:00:00+01:00', 400],
    ['2026-03-16T09:00:00+01:00', 400]])
    d.want(status, 'POST', '/api/appointments', { starts_at,
      name: 'Test Visitor', service_id: s.id });
  d.book('2026-03-16T20:00:00+01:00', { service_id: s.id, force: true });
  d.want(409, 'POST', '/api/appointments', { starts_at:
    '2026-03-16T20:30:00+01:00', name: 'Test Visitor', service_id: s.id,
  force: true });
  d.want(409, 'DELETE', `/api/services/${s.id}`);
});

test('a service of some resources is free when one of them is', () => {
  const [a, b] = ['Dr. Levy', 'Dr. Cohen'].map((name) => d.want(201, 'POST',
    '/api/resources', { name, kind: 'practitioner' }));
  const s = d.want(201, 'POST', '/api/services', { name: 'Check-up',
    minutes: 30, resource_ids: [a.id, b.id] });
  const book = (more) => d.ask('POST', '/api/appointments', { name:
    'Test Visitor', starts_at: '2026-03-11T09:00:00+01:00', service_id: s.id,
  ...more });

  const got = [book(), book(), book()];
  assert.deepEqual(got.map((r) => r.status), [201, 201, 409]);
  assert.deepEqual(got.slice(0, 2).map((r) => r.body.resource_id),
    [a.id, b.id].sort());
  assert.equal(book({ resource_id: d.front.id }).status, 400);
  assert.equal(d.free({ date: '2026-03-11', service_id: s.id }).data.length,
    30);
  assert.equal(d.free({ date: '2026-03-11', service_id: s.id,
    resource_id: b.id }).data.length, 15);
  d.want(200, 'PATCH', `/api/resources/${b.id}`, { active: false });
  assert.equal(d.free({ date: '2026-03-11', service_id: s.id }).data.length,
    15);
  d.want(200, 'PATCH', `/api/resources/${a.id}`, { active: false });
  const none = d.free({ date: '2026-03-11', service_id: s.id, explain: 1 });
  assert.deepEqual([none.data, none.refused[0].resource_id], [[], null]);
});

test('days on which clocks change', () => {
  const night = openDesk({ hours: '24/7', data: d.data });
  const day = (date) => night.free({ date }).data.length;

  assert.deepEqual(['2026-03-28', '2026-03-29', '2026-10-25'].map(day),
    [48, 46, 50]);
  assert.deepEqual(starts(night.free({ date: '2026-03-29' })).slice(0, 5),
    ['23:00', '23:30', '00:00', '00:30', '01:00']);
});

test('many days come page by page', () => {
  const wide = openDesk({ hours: '24/7', slot: 5, data: d.data });
  const seen = new Set();
  let cursor;

  for (let i = 0; i < 9 && cursor !== null; i++) {
    const got = wide.free({ date: '2026-06-01', days: 14,
      ...(cursor && { cursor }) });
    got.data.forEach((s) => seen.add(s.starts_at));
    cursor = got.next_cursor;
  }
  assert.deepEqual([cursor, seen.size], [null, 14 * 288]);
});

test('questions that cannot be answered', () => {
  for (const [query, fields] of [[{ date: 'tomorrow' }, ['date']],
    [{ days: 15 }, ['days']], [{ service_id: other.front.id },
      ['service_id']], [{ resource_id: other.front.id }, ['resource_id']],
    [{ explain: 'why' }, ['explain']]])
    assert.deepEqual(d.refused('GET',
      `/api/availability?${new URLSearchParams(query)}`), fields);
  for (const date of ['0001-01-01', '9999-12-31'])
    assert.deepEqual(d.free({ date }).data, []);
  assert.equal(ms('2026-03-04T09:00Z'), d.now);
});
