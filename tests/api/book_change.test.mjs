// Moving and closing appointments, holidays from a file, and calendars that
// subscribe. It is Wednesday, March 4, 2026, ten in the morning in Paris.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ms, openDesk } from '../lib/desk.mjs';

let d;
let other;
const path = '/api/appointments';

before(() => {
  d = openDesk();
  other = openDesk({ data: d.data });
});
after(() => d.data.drop());

test('moved: the old one stays and says so, its time is free again', () => {
  const first = d.book('2026-03-05T09:00:00Z', { phone: '+14155550133',
    minutes: 45, reason: 'First visit' });
  const move = (json, status = 200) => d.want(status, 'POST',
    `${path}/${first.id}/reschedule`, json);
  const moved = move({ starts_at: '2026-03-05T09:15:00Z' }); // over itself

  assert.deepEqual([moved.moved_from, moved.status, moved.ends_at,
    moved.phone, moved.reason, moved.contact_id], [first.id, 'scheduled',
    '2026-03-05T10:00:00.000Z', first.phone, first.reason,
    first.contact_id]);
  assert.equal(d.want(200, 'GET', `${path}/${first.id}`).status,
    'rescheduled');
  assert.deepEqual(move({ starts_at: '2026-03-05T09:15:00Z' }), moved);
  move({ starts_at: '2026-03-05T11:00:00Z' }, 409);
  d.want(409, 'POST', `${path}/${first.id}/cancel`);
  d.want(409, 'PATCH', `${path}/${first.id}`, { status: 'completed' });
  const twice = d.want(200, 'POST', `${path}/${moved.id}/reschedule`,
    { starts_at: '2026-03-06T09:00:00Z', minutes: 60 });
  assert.equal(twice.ends_at, '2026-03-06T10:00:00.000Z');
  assert.deepEqual(d.want(200, 'POST', `${path}/${twice.id}/reschedule`,
    { starts_at: '2026-03-06T09:00:00Z' }), twice);
  d.book('2026-03-05T09:00:00Z');
  assert.deepEqual(d.want(200, 'GET', `${path}?status=rescheduled`).data
    .map((a) => a.id), [first.id, moved.id]);
});

test('a time that cannot be had leaves the appointment where it is', () => {
  const mine = d.book('2026-03-09T09:00:00Z');
  const his = other.book('2026-03-09T09:00:00Z');

  d.book('2026-03-09T10:00:00Z');
  for (const [starts_at, status] of [['2026-03-09T10:15:00Z', 409],
    ['2026-03-09T20:00:00Z', 400], ['2026-03-01T09:00:00Z', 400],
    ['2126-03-01T09:00:00Z', 400], ['soon', 400]])
    d.want(status, 'POST', `${path}/${mine.id}/reschedule`, { starts_at });
  assert.deepEqual(d.refused('POST', `${path}/${mine.id}/reschedule`,
    { starts_at: '2026-03-09T11:00:00Z', resource_id: other.front.id }),
  ['resource_id']);
  d.want(404, 'POST', `${path}/${his.id}/reschedule`,
    { starts_at: '2026-03-09T11:00:00Z' });
  assert.deepEqual(d.want(200, 'GET', `${path}/${mine.id}`), mine);
  assert.equal(d.want(200, 'POST', `${path}/${mine.id}/reschedule`,
    { starts_at: '2026-03-09T20:00:00Z', force: true }).status, 'scheduled');
});

test('staff say what became of it', () => {
  const a = d.book('2026-03-10T09:00:00Z', { reason: 'Pain' });
  const patch = (json, status = 200) => d.want(status, 'PATCH',
    `${path}/${a.id}`, json);

  assert.equal(patch({ status: 'no_show', reason: null }).reason, null);
  assert.equal(patch({ name: 'Other Name' }).status, 'no_show');
  d.want(409, 'POST', path, { starts_at: a.starts_at, name: 'Test Visitor' });
  assert.deepEqual(d.refused('PATCH', `${path}/${a.id}`,
    { status: 'cancelled' }), ['status']);
  other.want(404, 'PATCH', `${path}/${a.id}`, { name: 'Mine' });
  d.want(409, 'POST', `${path}/${a.id}/cancel`);
});

test('one person is not booked twice for one time', () => {
  d.want(201, 'POST', '/api/resources', { name: 'Second',
    kind: 'practitioner' });
  const add = (name, more) => d.ask('POST', path, { name, starts_at:
    '2026-03-11T09:00:00Z', phone: '+14155550134', ...more }).status;

  assert.equal(add('Ana Example'), 201);
  assert.equal(add('ana example'), 409);
  assert.equal(add('Ben Example'), 201); // her son, at the other chair
  assert.equal(add('Cem Example'), 409);
});

test('another account\'s service, resource and appointment', () => {
  const s = other.want(201, 'POST', '/api/services', { name: 'Theirs',
    minutes: 30 });

  for (const more of [{ service_id: s.id }, { resource_id: other.front.id },
    { service_id: 'x' }])
    assert.deepEqual(d.refused('POST', path, { name: 'Test Visitor',
      starts_at: '2026-03-12T09:00:00Z', ...more }), Object.keys(more));
  assert.deepEqual(d.want(200, 'GET',
    `${path}?resource_id=${other.front.id}`).data, []);
});

const ics = (...events) => ['BEGIN:VCALENDAR', 'VERSION:2.0',
  ...events.flatMap((lines, i) => ['BEGIN:VEVENT', `UID:${i}`, ...lines,
    'END:VEVENT']), 'END:VCALENDAR', ''].join('\r\n');

test('holidays come from a file, and go with the next one', () => {
  const url = '/api/availability-exceptions';
  const send = (text, more) => d.want(200, 'POST', `${url}/import`,
    { ics: text, ...more });
  const list = () => d.want(200, 'GET', `${url}?from=2026-01-01`).data;
  const free = (date) => d.free({ date, resource_id: d.front.id }).data
    .length;

  d.want(201, 'POST', url, { kind: 'closed', from_date: '2026-06-01' });
  assert.deepEqual(send(ics(['DTSTART;VALUE=DATE:20200501',
    'RRULE:FREQ=YEARLY', 'SUMMARY:Fête du Travail\\, fermé'],
  ['DTSTART;TZID=Europe/Paris:20260513T130000',
    'DTEND;TZID=Europe/Paris:20260513T150000'], ['SUMMARY:no time'])),
  { source: 'holidays', imported: 3, removed: 0, skipped: 1 });
  assert.deepEqual(list().filter((e) => e.source === 'holidays').map((e) =>
    [e.from_date, e.to_date, e.from_min, e.to_min, e.note]).sort(),
  [['2026-05-01', '2026-05-01', null, null, 'Fête du Travail, fermé'],
    ['2026-05-13', '2026-05-13', 780, 900, null],
    ['2027-05-01', '2027-05-01', null, null, 'Fête du Travail, fermé']]);
  assert.deepEqual([free('2026-05-01'), free('2026-05-13'),
    free('2026-05-14')], [0, 12, 16]);
  assert.deepEqual(send(ics(['DTSTART;VALUE=DATE:20260714'])),
    { source: 'holidays', imported: 1, removed: 3, skipped: 0 });
  assert.deepEqual([free('2026-05-01'), free('2026-07-14')], [16, 0]);
  send(ics(['DTSTART;VALUE=DATE:20260715']), { source: 'school' });
  assert.equal(list().length, 3);
  for (const text of ['hello', 'BEGIN:VCALENDAR', ''])
    assert.deepEqual(d.refused('POST', `${url}/import`, { ics: text }),
      ['ics']);
  assert.deepEqual(d.refused('POST', `${url}/import`, { source: 'staff',
    ics: ics() }), ['source']);
  assert.equal(list().length, 3);
  assert.deepEqual(other.want(200, 'GET', url).data, []);
});

test('a calendar subscribes to the book', () => {
  const feed = (body, status = 201) => d.want(status, 'POST',
    '/api/calendar-feeds', body);
  const read = (made) => d.ask('GET', new URL(made.url).pathname
    + new URL(made.url).search, undefined, { token: undefined });
  const f = openDesk({ data: d.data });
  const a = f.book('2026-03-05T09:00:00Z', { phone: '+14155550133',
    name: 'Ana; Example, \\ "x"', reason: 'A reason that is long enough to be '
      + 'folded, with é and ש and more of both: éééééééééééé שששששששששש' });
  const gone = f.book('2026-03-05T10:00:00Z');
  f.want(200, 'POST', `${path}/${gone.id}/cancel`);
  const made = f.want(201, 'POST', '/api/calendar-feeds', { name: 'Phone' });
  const busy = f.want(201, 'POST', '/api/calendar-feeds', { name: 'Shared',
    detail: 'busy', resource_id: f.front.id });

  const got = read(made);
  assert.equal(got.status, 200, got.text);
  assert.match(got.headers['content-type'], /^text\/calendar/);
  const lines = got.text.replaceAll('\r\n ', '').split('\r\n');
  assert.ok(got.text.split('\r\n').every((l) => Buffer.byteLength(l) <= 75));
  for (const line of ['BEGIN:VCALENDAR', 'VERSION:2.0', `UID:${a.id}@frontdesk`,
    'DTSTART:20260305T090000Z', 'DTEND:20260305T093000Z',
    'SUMMARY:Ana\\; Example\\, \\\\ "x"',
    'X-WR-CALNAME:Example\\, Ltd\\; "quoted"', 'LOCATION:Front desk'])
    assert.ok(lines.includes(line), `${line} in ${got.text}`);
  assert.ok(lines.some((l) => l.startsWith('DESCRIPTION:A reason')
    && l.endsWith('שש\\n+14155550133')));
  assert.equal(lines.filter((l) => l === 'BEGIN:VEVENT').length, 1);
  assert.doesNotMatch(read(busy).text, /Ana|reason|\+1415/);
  assert.match(read(busy).text, /SUMMARY:Busy/);

  const list = f.want(200, 'GET', '/api/calendar-feeds').data;
  assert.deepEqual(list.map((x) => x.name).sort(), ['Phone', 'Shared']);
  assert.doesNotMatch(JSON.stringify(list), /fdc_|token|hash/);
  d.want(404, 'DELETE', `/api/calendar-feeds/${made.id}`);
  assert.equal(f.ask('DELETE', `/api/calendar-feeds/${made.id}`).status, 204);
  assert.equal(read(made).status, 404);
  assert.equal(read(busy).status, 200);
  for (const token of ['fdc_', 'x'.repeat(47), '%00', ''])
    assert.ok([400, 404].includes(d.ask('GET',
      `/api/calendar.ics?token=${token}`, undefined,
      { token: undefined }).status), token);
  feed({ name: '', detail: 'all' }, 400);
  assert.equal(feed({ name: 'x', resource_id: other.front.id }, 400)
    .fields[0].field, 'resource_id');
});

test('the clock stood still', () => {
  assert.equal(d.now, ms('2026-03-04T09:00Z'));
});
