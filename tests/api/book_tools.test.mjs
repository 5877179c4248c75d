// What callers ask for, in their words, and what they are told. It is
// Wednesday, March 4, 2026, ten in the morning in Paris.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeData } from '../lib/once.mjs';
import { openDesk } from '../lib/desk.mjs';

let data;

before(() => {
  data = makeData();
});
after(() => data.drop());

const open = (more) => openDesk({ data, ...more });
const list = (d) => d.want(200, 'GET', '/api/appointments').data;
const minute = 60000;

test('days and times in the words of callers, on the business\'s clock', () => {
  const d = open();
  const check = (date, time) => d.tool('check-availability',
    { date, ...(time && { time }) });

  assert.match(check('tomorrow afternoon'),
    /^On Thursday, March 5, these times are free: 12:00 PM, 2:\d0 PM or 4:30/);
  assert.match(check('next Tuesday at 9'),
    /^Tuesday, March 10, at 9:00 AM is free/);
  assert.match(check('Friday', '3'), /^Friday, March 6, at 3:00 PM is free/);
  assert.match(check('next Friday'),
    /^Do you mean Friday, March 6 or Friday, March 13\?/);
  assert.match(check('next week'), /^Which day/);
  assert.match(check('some day'), /did not understand the date some day/);
  assert.match(check('2026-03-05', 'evening'),
    /^Nothing is free at that time of day\. On Thursday, March 5/);
  assert.match(check('as soon as possible'),
    /^On Wednesday, March 4, these times are free: 10:30 AM/);
  assert.match(check('2026-03-07'), /^We are closed on Saturday, March 7\. /);
  assert.match(check('yesterday'), /did not understand/);
  assert.match(check('2026-03-03'), /already passed/);
  assert.match(check('2029-03-05'), /the last possible day is/);
});

test('in French and in Hebrew', () => {
  const fr = open({ locale: 'fr' });
  const he = open({ locale: 'he', timezone: 'Asia/Jerusalem',
    hours: 'Sun-Thu 8-16' });

  assert.match(fr.tool('check-availability', { date: 'demain après-midi' }),
    /^Le jeudi 5 mars, ces horaires sont libres : 12 h/);
  assert.match(fr.tool('book-appointment', { date: 'mardi prochain',
    time: '9h30', name: 'Zoé Exemple' }),
  /^C'est réservé pour Zoé Exemple : mardi 10 mars à 9 h 30/);
  assert.match(fr.tool('reschedule-appointment', { date: 'le 12 mars',
    time: '14 h' }), /est maintenant le jeudi 12 mars à 14 h/);
  assert.match(fr.tool('cancel-appointment', {}),
    /^Le rendez-vous du jeudi 12 mars à 14 h est annulé/);
  assert.match(he.tool('check-availability', { date: 'מחר בבוקר' }),
    /יום חמישי, 5 במרץ.*8:00/);
  assert.match(he.tool('book-appointment', { date: 'יום ראשון הבא',
    time: '9:30', name: 'נועה' }), /נועה.*יום ראשון, 8 במרץ, בשעה 9:30/);
  assert.match(he.tool('cancel-appointment', {}), /בוטל/);
});

test('times that the clocks skip, and have twice', () => {
  const d = open({ hours: '24/7' });
  const book = (date, time, more) => d.tool('book-appointment', { date, time,
    name: 'Test Caller', ...more });

  assert.match(book('2026-03-29', '02:30'), /does not exist on Sunday/);
  assert.match(book('2026-10-25', '02:30'), /^Booked/);
  assert.deepEqual(list(d).map((a) => a.starts_at),
    ['2026-10-25T00:30:00.000Z']);
  assert.match(book('2026-10-25', '02:30'), /^Booked/); // the same, again
  assert.match(d.tool('book-appointment', { start:
    '2026-10-25T02:30:00+01:00', name: 'Test Caller' }), /^Booked/);
  assert.equal(list(d).length, 2);
});

test('what was offered is held for the call, for two minutes', () => {
  const d = open({ hours: 'Wed-Thu 9-10:30' });
  const offer = (call, more) => d.tool('check-availability',
    { date: '2026-03-05' }, { call, ...more });
  const book = (call, time) => d.tool('book-appointment', { date:
    '2026-03-05', time, name: `Caller ${call}` }, { call, from:
    `+1415555018${call}` });

  const first = offer('1');
  assert.match(first, /9:00 AM, 9:30 AM or 10:00 AM/);
  assert.equal(offer('1'), first); // its own
  assert.match(offer('2'), /^There is nothing free on Thursday, March 5\./);
  assert.match(book('2', '09:00'), /^Thursday, March 5, at 9:00 AM is not/);
  d.want(409, 'POST', '/api/appointments', { starts_at:
    '2026-03-05T08:00:00Z', name: 'Test Visitor' });
  assert.deepEqual([...new Set(d.free({ date: '2026-03-05', explain: 1 })
    .refused.map((s) => s.why))], ['held']);
  assert.match(book('1', '09:30'), /^Booked/); // lets go of the rest
  assert.match(offer('2'), /9:00 AM or 10:00 AM/);
  d.now += 2 * minute + 1;
  assert.match(offer('3'), /9:00 AM or 10:00 AM/);
  d.hangUp('3');
  assert.match(offer('4'), /9:00 AM or 10:00 AM/);
  d.hangUp('4', 'end-of-call-report');
  assert.match(book('5', '10:00'), /^Booked/);
});

test('one time that was asked for is held too', () => {
  const d = open();
  const at = (call) => d.tool('check-availability', { date: '2026-03-05',
    time: '11:00' }, { call });

  assert.match(at('1'), /is free/);
  assert.match(at('2'), /is not free/);
  d.hangUp('1');
  assert.match(at('2'), /is free/);
});

test('services: asked for when there are several, found by what is said',
  () => {
    const d = open();
    const check = (service) => d.tool('check-availability', { date:
      '2026-03-05', ...(service && { service }) });
    const add = (name, minutes, more) => d.want(201, 'POST', '/api/services',
      { name, minutes, ...more });

    const one = add('Teeth cleaning', 60, { notice_minutes: 120 });
    assert.match(check(), /9:00 AM, 12:00 PM or 4:00 PM/);
    add('Check-up', 30);
    assert.match(check(),
      /^What is the appointment for: Check-up or Teeth cleaning\?/);
    assert.match(check('surgery'), /^What is the appointment for/);
    for (const said of ['cleaning', 'a teeth cleaning please', 'TEETH'])
      assert.match(check(said), /9:00 AM, 12:00 PM or 4:00 PM/, said);
    assert.match(d.tool('book-appointment', { date: '2026-03-05',
      time: '10:00', name: 'Test Caller', service: 'cleaning' }), /^Booked/);
    assert.equal(list(d)[0].service_id, one.id);
    assert.equal(list(d)[0].ends_at, '2026-03-05T10:00:00.000Z');
    assert.match(d.tool('book-appointment', { date: 'today', time: '11:30',
      name: 'Test Caller', service: 'cleaning' }), /too short a notice/);
  });

test('limits of a day and of the horizon are told', () => {
  const d = open();

  d.want(201, 'POST', '/api/services', { name: 'Surgery', minutes: 60,
    per_day: 1, horizon_days: 7 });
  const book = (date, time, from) => d.tool('book-appointment', { date, time,
    name: 'Test Caller' }, { from });
  assert.match(book('2026-03-05', '10:00', '+14155550151'), /^Booked/);
  assert.match(book('2026-03-05', '14:00', '+14155550152'),
    /^No more of these appointments are possible on Thursday, March 5\./);
  assert.match(book('2026-03-12', '10:00', '+14155550152'),
    /the last possible day is Wednesday, March 11/);
});

test('with whom: by name, or whoever is free', () => {
  const d = open();
  const who = (name) => d.want(201, 'POST', '/api/resources', { name,
    kind: 'practitioner' }).id;
  const [levy, cohen] = [who('Dr. Levy'), who('Dr. Cohen')];
  const book = (from, more) => d.tool('book-appointment', { date:
    '2026-03-05', time: '10:00', name: 'Test Caller', ...more }, { from });

  d.want(200, 'PATCH', `/api/resources/${d.front.id}`, { active: false });
  assert.match(book('+14155550161', { with: 'doctor smith' }),
    /^I did not find that name\. Appointments are with Dr\. /);
  assert.match(book('+14155550161', { with: 'Cohen' }), /^Booked/);
  assert.match(book('+14155550162', { with: 'Dr. Cohen' }), /just been taken/);
  assert.match(book('+14155550162'), /^Booked/);
  assert.deepEqual(list(d).map((a) => a.resource_id).sort(),
    [levy, cohen].sort());
  assert.match(book('+14155550163'), /just been taken/);
  // moved: with the same one if that can be, else with the other
  assert.match(d.tool('reschedule-appointment', { date: '2026-03-05',
    time: '11:00' }, { from: '+14155550161' }), /11:00 AM/);
  assert.match(d.tool('reschedule-appointment', { date: '2026-03-05',
    time: '11:00' }, { from: '+14155550162' }), /11:00 AM/);
  const at11 = list(d).filter((a) => a.status === 'scheduled');
  assert.deepEqual(at11.map((a) => [a.phone, a.resource_id]).sort(),
    [['+14155550161', cohen], ['+14155550162', levy]]);
});

test('a caller changes only what is his', () => {
  const d = open();
  const as = (from) => ({ from, call: `call-${from}` });
  const [ana, ben] = [as('+14155550171'), as('+14155550172')];
  const book = (date, opt) => d.tool('book-appointment', { date,
    time: '10:00', name: 'Test Caller' }, opt);

  assert.match(d.tool('cancel-appointment', {}, ana), /no upcoming/);
  book('2026-03-05', ana);
  book('2026-03-06', ana);
  book('2026-03-09', ben);
  assert.match(d.tool('cancel-appointment', {}, ana),
    /^Which appointment do you mean: Thursday.* or Friday/);
  assert.match(d.tool('cancel-appointment', { old_date: '2026-03-09' }, ana),
    /^Which appointment/);
  assert.match(d.tool('cancel-appointment', { phone: '+14155550172' },
    as(null)), /number you are calling from/);
  assert.match(d.tool('reschedule-appointment', { date: 'Friday',
    time: '10:00', old_date: 'tomorrow' }, ana), /under this number/);
  assert.match(d.tool('cancel-appointment', { old_date: 'Friday' }, ana),
    /^The appointment on Friday, March 6, at 10:00 AM is cancelled/);
  assert.match(d.tool('reschedule-appointment', {}, ana), /^Which day/);
  assert.match(d.tool('reschedule-appointment', { date: '2026-03-06' }, ana),
    /^What time on Friday/);
  assert.match(d.tool('reschedule-appointment', { date: '2026-03-09',
    time: '10:00' }, ana), /^Monday, March 9, at 10:00 AM is not free/);
  assert.match(d.tool('reschedule-appointment', { date: 'Friday',
    time: '3 pm' }, ana), /is now on Friday, March 6, at 3:00 PM/);
  assert.match(d.tool('reschedule-appointment', { date: 'Friday',
    time: '3 pm' }, ana), /is now on Friday, March 6, at 3:00 PM/);
  assert.match(d.tool('get-patient-info', {}, ana), /March 6, at 3:00 PM/);
  assert.equal(list(d).filter((a) => a.status === 'scheduled').length, 2);
});

test('a caller does not get two appointments for one time', () => {
  const d = open();
  const book = (call, name) => d.tool('book-appointment', { date:
    '2026-03-05', time: '10:00', name }, { call });

  d.want(201, 'POST', '/api/resources', { name: 'Second',
    kind: 'practitioner' });
  assert.match(book('1', 'Ana Example'), /^Booked/);
  assert.match(book('1', 'Ana Example'), /^Booked for Ana Example/);
  assert.match(book('2', 'ana example'), /under this number at that time/);
  assert.match(book('2', 'Ben Example'), /^Booked for Ben/);
  assert.equal(list(d).length, 2);
});

test('a repeated change is answered with the same words', () => {
  const d = open();
  const twice = (name, args) => [1, 2].map(() => d.tool(name, args,
    { id: `same-${name}` }));

  d.tool('book-appointment', { date: '2026-03-05', time: '10:00',
    name: 'Test Caller' });
  for (const [name, args] of [['reschedule-appointment', { date:
    '2026-03-06', time: '10:00' }], ['cancel-appointment', {}]]) {
    const [one, two] = twice(name, args);
    assert.equal(one, two);
  }
  assert.deepEqual(list(d).map((a) => a.status), ['rescheduled',
    'cancelled']);
});

test('a closed day is closed on the telephone too', () => {
  const d = open({ hours: 'Mon-Fri 9-17' });

  d.want(201, 'POST', '/api/availability-exceptions', { kind: 'closed',
    from_date: '2026-03-05' });
  assert.match(d.tool('check-availability', { date: 'tomorrow' }),
    /^We are closed on Thursday, March 5\. The next free time is Friday/);
});
