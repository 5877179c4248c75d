// routes.mjs - what is measured: three invented businesses and the requests that
// reach them. A target: name, pool (whose processes work), method, path,
// headers, body; @1@ … in them are filled in from values(serial).
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolMembers } from '../fake/vapi-call.mjs';
import { form, sign } from '../fake/twilio.mjs';
import { onboard, password, sessionOf } from '../lib/business.mjs';
import { psql } from '../lib/postgres.mjs';
import { python } from './stack.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const day = 86400000;
const slotMinutes = 5;
const rows = 20;

/* Midnight UTC of a day from now; the businesses live in UTC. */
const midnight = (days) => (Math.floor(Date.now() / day) + days) * day;

/* A practice: ten chairs, six days of ten hours, twenty minutes a visit. */
const practice = { hours: 'Mon-Sat 8-18', timezone: 'UTC' };
const chairs = 10;
const visit = 20;
const visits = 60000;		// of the 93,600 that there could be in a year
const perDay = 30;

async function makePractice(stack) {
  const b = await onboard(stack, practice);
  const send = (path, json) => b.client.want(201, 'POST', path, json);
  b.chairs = (await b.client.want(200, 'GET', '/api/resources')).data;

  await b.client.want(200, 'PATCH', '/api/v1/user/studio-config',
    { slot_minutes: visit });
  while (b.chairs.length < chairs)
    b.chairs.push(await send('/api/resources', { name: `Chair ${
      b.chairs.length + 1}`, kind: 'room' }));
  return b;
}

/* Two visits out of three, spread over a year from tomorrow on. */
function fillYear(stack, b) {
  const wishes = [];
  let seed = 1;

  for (let day = 1; day <= 365; day++)
    for (let slot = 0; slot < perDay; slot++)
      for (const chair of b.chairs) {
        seed = (seed * 48271) % 2147483647;
        if (new Date(midnight(day)).getUTCDay() !== 0 &&
            seed % 93900 < visits)
          wishes.push([chair.id, midnight(day) + (480 + visit * slot) * 60000,
            visit]);
      }
  const account = b.session.user.account_id;
  if (stack.database)
    for (let i = 0; i < wishes.length; i += 1000)
      psql(stack.database.super, insertOf(account, wishes.slice(i, i + 1000)));
  else
    fillSqlite(stack, account, wishes);
}

/* Some of them as one statement. */
const insertOf = (account, wishes) => `INSERT INTO appointment (id, account_id,
  resource_id, name, starts_at, ends_at, blocked_from, blocked_to, zone,
  created_at, updated_at) SELECT gen_random_uuid()::text, '${account}', v.r,
  'Alex Example', v.t, v.t + ${visit * 60000}, v.t, v.t + ${visit * 60000},
  'UTC', 1, 1 FROM (VALUES ${wishes.map(([r, t]) =>
    `('${r}', ${t})`).join()}) AS v (r, t)`;

function fillSqlite(stack, account, wishes) {
  const r = spawnSync(python, [join(here, 'fill_year.py'),
    join(stack.dir, 'frontdesk.db'), account],
  { input: JSON.stringify(wishes), encoding: 'utf8' });
  if (Number(r.stdout) !== wishes.length)
    throw new Error(`fill_year.py: ${r.stdout}${r.stderr}`);
}

/**
 * A desk with a list of 20 rows, a book with room for every booking, a line
 * that keeps ringing, and two practices, of which one is busy for a year.
 */
export async function makeData(stack) {
  const often = { hours: '24/7', timezone: 'UTC' };
  const desk = await onboard(stack, often);
  const book = await onboard(stack, often);
  const line = await onboard(stack, often);

  await book.client.want(200, 'PATCH', '/api/v1/user/studio-config',
    { slot_minutes: slotMinutes });
  for (let i = 0; i < rows; i++)
    await desk.client.want(201, 'POST', '/api/appointments', {
      starts_at: new Date(midnight(1) + (9 * 60 + 30 * i) * 60000)
        .toISOString(), name: `Alex Example ${i}`, phone: '+14155550111',
      reason: 'A cleaning, and a look at the tooth on the left' });
  const calm = await makePractice(stack);
  const busy = await makePractice(stack);
  fillYear(stack, busy);
  return { desk, book, line, calm, busy };
}

const hex = (n, width) => n.toString(16).padStart(width, '0');
const run = hex(Date.now(), 12);
const uuid = (n) => `${hex(n, 8)}-0000-4000-8000-${run}`;
const okText = (want) => (reply) => reply.status === 200 &&
  reply.text.includes(want);

/* A tool call as Vapi sends it; four of them in each telephone call. */
function tool(b, name, args, more) {
  const session = sessionOf(b);
  const { id } = session.call;
  const message = session.envelope('tool-calls', toolMembers(
    [{ id: 'call_@2@', name, args }]));
  const body = JSON.stringify(message).replaceAll(id, '@1@');

  return { pool: 'hook', method: 'POST', path: `/vapi/tools/${name}`,
    headers: { 'Content-Type': 'application/json',
      'X-Vapi-Secret': b.vapiSecret }, body, good: okText('"result"'),
    values: (n) => [uuid(n >> 2), hex(n, 8)], ...more };
}

/* The n-th five minutes from the day after tomorrow on. */
function slot(n) {
  const at = new Date(midnight(2) + n * slotMinutes * 60000).toISOString();
  return [uuid(n >> 2), hex(n, 8), at.slice(0, 10), at.slice(11, 16)];
}

/* A weekday of the year to come. */
function dayOfYear(n) {
  const day = 1 + (n * 37) % 360;
  const sunday = new Date(midnight(day)).getUTCDay() === 0;

  return [uuid(n >> 2), hex(n, 8),
    new Date(midnight(sunday ? day + 1 : day)).toISOString().slice(0, 10)];
}

/* A ringing telephone, as Twilio signs it. */
function voice(stack, b) {
  const params = b.twilio.callParams('+14155550111', { CallSid: '@1@' });
  const url = `${stack.publicUrl}/twilio/voice`;

  return { pool: 'hook', method: 'POST', path: '/twilio/voice',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded',
      'X-Twilio-Signature': '@2@' },
    body: form(params).replace('%401%40', '@1@'), good: okText('<Dial'),
    values: (n) => {
      const CallSid = `CA${hex(n, 20)}${run}`;
      return [CallSid, sign(b.authToken, url, { ...params, CallSid })];
    } };
}

const json = { 'Content-Type': 'application/json' };

/** Every target, yardsticks first. */
export function makeTargets(stack, { desk, book, line, calm, busy }) {
  const bearer = { Authorization: `Bearer ${desk.client.token}` };
  const at = (path) => ({ method: 'GET', path, headers: {} });
  const signed = (path) => ({ pool: 'web', method: 'GET', path,
    headers: bearer });

  return [
    { name: 'nginx: return 200', ...at('/return'), host: 'bench' },
    { name: 'hello worker', pool: 'hello', ...at('/hello'), host: 'bench' },
    { name: 'FastAPI, 20 rows', pool: 'fastapi', host: 'bench',
      ...at('/fastapi?limit=20'), good: okText('A cleaning') },
    { name: 'GET health', pool: 'web', ...at('/api/health') },
    { name: 'GET appointments, 20 rows',
      ...signed('/api/appointments?limit=20'), good: okText('A cleaning') },
    { name: 'GET user/profile', ...signed('/api/v1/user/profile') },
    { name: 'PATCH user/profile', ...signed('/api/v1/user/profile'),
      method: 'PATCH', headers: { ...bearer, ...json },
      body: '{"full_name":"Alex Example @1@"}',
      values: (n) => [hex(n, 8)] },
    { name: 'POST setup/voice', ...signed(`/api/setup/${
      desk.session.user.account_id}/voice`), method: 'POST',
    headers: { ...bearer, ...json },
    body: '{"provider":"11labs","voiceId":"voice-@1@"}',
    values: (n) => [hex(n, 8)] },
    { name: 'PATCH user/onboarding', ...signed('/api/v1/user/onboarding'),
      method: 'PATCH', headers: { ...bearer, ...json },
      body: '{"onboarding_twilio_skipped":true}' },
    { name: 'GET analytics/onboarding',
      ...signed('/api/analytics/onboarding') },
    { name: 'tool check-availability', ...tool(desk, 'check-availability',
      { date: slot(0)[2] }, { values: (n) => [uuid(0), hex(n, 8)] }) },
    { name: 'the same, empty practice', ...tool(calm, 'check-availability',
      { date: '@3@' }, { values: dayOfYear }) },
    { name: 'the same, busy practice', ...tool(busy, 'check-availability',
      { date: '@3@' }, { values: dayOfYear }) },
    { name: 'tool book-appointment', ...tool(book, 'book-appointment',
      { date: '@3@', time: '@4@', name: 'Alex Example',
        phone: '+14155550111', reason: 'A cleaning' }, { values: slot }),
    good: okText('ooked') },
    { name: 'POST twilio/voice', ...voice(stack, line) },
    { name: 'POST auth/signin', pool: 'auth', method: 'POST', slow: true,
      path: '/api/auth/signin', headers: json,
      body: JSON.stringify({ email: desk.email, password }) },
  ].map((t) => ({ serial: 1, good: (r) => r.status === 200,
    host: `127.0.0.1:${stack.port}`, body: '', ...t }));
}

/** A target's template as one HTTP request. */
export function template(t) {
  const filled = fill(t.body, t.values?.(1) ?? []);
  const headers = { Host: t.host, ...t.headers };

  if (t.body)
    headers['Content-Length'] = Buffer.byteLength(filled);
  return `${t.method} ${t.path} HTTP/1.1\r\n` + Object.entries(headers)
    .map(([k, v]) => `${k}: ${v}\r\n`).join('') + `\r\n${t.body}`;
}

export const fill = (text, values) =>
  text.replace(/@(\d)@/g, (_, i) => values[i - 1]);

/** The next request of a target, for a client in JavaScript. */
export function next(t) {
  const values = t.values?.(t.serial++) ?? [];
  const headers = Object.entries(t.headers)
    .map(([k, v]) => [k, fill(v, values)]);

  return { headers: Object.fromEntries(headers),
    body: t.body ? fill(t.body, values) : undefined };
}
