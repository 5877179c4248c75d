// Every call to the database or a provider fails once, in every route: each
// answer is well-formed, nothing crashes, and nothing is left half done.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { dayOf } from '../fake/days.mjs';
import { startTwilioRest } from '../fake/twilio-rest.mjs';
import { until } from '../fake/net.mjs';
import { startSikka } from '../fake/sikka.mjs';
import { startVapi } from '../fake/vapi.mjs';
import { canonical, pick } from '../lib/openapi.mjs';
import { cleanEnv, makeData, program, root, run } from '../lib/once.mjs';
import { onPostgres } from '../lib/postgres.mjs';
import { business as b, numbers, routesOf,
  twilio as twilioPost } from './fault_routes.mjs';

const asan = join(root, 'build/asan/frontdesk');
const swept = existsSync(asan) ? asan : program;
const look = join(root, 'build/obj/tests/db/look');
const callsMax = 120;
/* The whole of it takes long on PostgreSQL: see `make sweep`. */
const stride = onPostgres && process.env.FRONTDESK_SWEEP !== 'full' ? 5 : 1;
let data;
let vapi;
let twilioRest;
let sikka;
let token;
let routes;
let rest;

function exec(file, args, env, input = '') {
  const child = spawn(file, args, { env: cleanEnv(env) });
  const out = { out: '', err: '' };

  child.stdout.on('data', (d) => { out.out += d; });
  child.stderr.on('data', (d) => { out.err += d; });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((done, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => done({ code, signal, ...out }));
  });
}

/** One request; fail: the number of the call that fails. */
async function once(env, r, fail) {
  const args = ['once', r.method, r.path];
  const body = r.json !== undefined ? JSON.stringify(r.json) : r.body;
  const headers = { 'Content-Type': r.type ?? 'application/json',
    ...r.headers };

  if (!r.headers)
    headers.Authorization = `Bearer ${token}`;
  for (const [k, v] of Object.entries(headers))
    args.push('-H', `${k}: ${v}`);
  if (body !== undefined)
    args.push('-d', '-');
  if (fail)
    args.push(`--fail=${fail}`);
  const got = await exec(swept, args, env, body);
  const at = got.out.indexOf('\n\n');
  const text = got.out.slice(at + 2);
  return { ...got, text, status: Number(/^HTTP (\d{3}) /.exec(got.out)?.[1]),
    fired: got.err.includes('fault fired'),
    body: /^Content-Type: application\/json/m.test(got.out.slice(0, at)) ?
      JSON.parse(text) : undefined };
}

async function want(status, r) {
  const reply = await once(data.env, r);
  assert.equal(reply.status, status, `${r.path}: ${reply.out}${reply.err}`);
  return reply.body;
}

/** It is sound; answers what is in it, as lines `table|…`. */
async function contents(env) {
  const got = await exec(look, ['--sound', '--all'], env);
  const [sound, rows] = got.out.split('\n\n');

  assert.equal(got.code, 0, got.err);
  assert.equal(sound, 'ok');
  return rows.split('\n');
}

const without = (tables, lines) =>
  lines.filter((l) => !tables.includes(l.split('|')[0]));

/** Let the runner work until there is a task for the staff: its id. */
async function runnerTask() {
  const runner = spawn(program, ['runner', '--workers', '1'],
    { env: cleanEnv(data.env), stdio: 'ignore' });
  const gone = new Promise((done) => runner.on('close', done));

  try {
    return await until('a task', async () => (await want(200,
      { method: 'GET', path: '/api/tasks' })).data[0]?.id, 20000);
  } finally {
    runner.kill();
    await gone;
  }
}

before(async () => {
  vapi = await startVapi({ sipHost: 'sip.example.com' });
  twilioRest = await startTwilioRest();
  twilioRest.account(b.sid, b.authToken);
  for (const n of [b.number, numbers.attach, ...numbers.lines])
    twilioRest.own(b.sid, n);
  twilioRest.offer(numbers.buy);
  twilioRest.recordings.set(`RE${'0'.repeat(31)}1`, Buffer.from('sound'));
  sikka = await startSikka();
  data = makeData({ FRONTDESK_VAPI_URL: vapi.url,
    FRONTDESK_TWILIO_URL: twilioRest.url,
    FRONTDESK_AI_URL: 'http://127.0.0.1:9/v1',
    FRONTDESK_SIKKA_URL: sikka.url,
    FRONTDESK_PUBLIC_URL: b.publicUrl, FRONTDESK_VAPI_SIP_HOST:
    'sip.example.com', FRONTDESK_PEER_TIMEOUT_MS: '2000' });
  const session = await want(201, { method: 'POST', path: '/api/auth/signup',
    json: { email: b.email, password: b.password }, headers: {} });
  token = session.access_token;
  const put = (status, method, path, json) =>
    want(status, { method, path, json });
  await put(200, 'PATCH', '/api/user/profile', { timezone: 'Etc/UTC',
    locale: 'en', accept_terms: true });
  await put(200, 'PATCH', '/api/user/studio-config', { number: b.number,
    business_hours: '24/7', transfer_number: '+14155550177' });
  await put(200, 'POST', '/api/vapi-settings', { vapi_api_key: b.vapiKey,
    vapi_webhook_secret: b.secret });
  await put(200, 'POST', '/api/twilio-settings', { account_sid: b.sid,
    auth_token: b.authToken, phone_number: b.number });
  const made = {};
  for (const name of ['assistant', 'spare'])
    made[name] = (await put(201, 'POST', '/api/assistants',
      { name, instructions: 'Be kind.' })).id;
  const day = dayOf(Date.now() + 5 * 86400000, 'Etc/UTC');
  made.appointment = (await put(201, 'POST', '/api/appointments', {
    starts_at: `${day}T09:00:00Z`, name: 'First Caller',
    phone: '+14155550111' })).id;
  made.sign = (await put(201, 'POST', '/api/twilio/tokens', {
    account_sid: b.sid, auth_token: 'token-next-0123456789' })).id;
  made.human = (await put(201, 'POST', '/api/on_call', { name: 'Al',
    phone: '+14155550171' })).id;
  made.lines = [];
  for (const number of numbers.lines)
    made.lines.push((await put(201, 'POST', '/api/twilio/numbers',
      { number, strategy: 'attach' })).id);
  await put(200, 'PATCH', '/api/phone_settings', { sms_confirm: true });
  await put(200, 'POST', '/api/sms/consents', { phone: '+14155550112',
    status: 'granted' });
  await put(200, 'POST', '/api/pms/setup', { provider: 'SIKKA',
    credentials: sikka.credentials });
  await put(201, 'POST', '/api/appointments', {
    starts_at: `${day}T19:00:00Z`, name: 'Without Number' });
  made.task = await runnerTask();
  made.onboarding = (await put(201, 'POST', '/api/onboarding/start', {})).id;
  made.setup = `/api/setup/${session.user.account_id}`;
  made.resource = (await put(201, 'POST', '/api/resources',
    { name: 'Second', kind: 'room' })).id;
  made.service = (await put(201, 'POST', '/api/services',
    { name: 'Checking', minutes: 30, per_day: 9 })).id;
  made.exception = (await put(201, 'POST', '/api/availability-exceptions',
    { kind: 'closed', from_date: '2020-01-01' })).id;
  made.rule = (await put(201, 'POST', '/api/availability-rules',
    { resource_id: made.resource, weekday: 1, from_min: 540, to_min: 600 })).id;
  const feed = await put(201, 'POST', '/api/calendar-feeds',
    { name: 'Shared' });
  made.feed = feed.id;
  made.token = new URL(feed.url).searchParams.get('token');
  const first = { day, sikka, made: { ...made, call: '-' } };
  await want(200, routesOf(first).find((r) => r.type));
  made.file = (await put(200, 'GET', `${made.setup}/knowledge`)).data[0].id;
  const voice = routesOf(first).find((r) => r.path === '/twilio/voice');
  await want(200, voice);
  made.call = (await put(200, 'GET', '/api/calls')).data[0].id;
  await want(200, twilioPost('/twilio/recording', { RecordingUrl:
    'https://example.com/1', RecordingSid: `RE${'0'.repeat(31)}1` }));
  made.voicemail = (await put(200, 'GET', '/api/voicemails')).data[0].id;
  routes = routesOf({ day, sikka, made, refresh: session.refresh_token });
  rest = await contents(data.env);
});
after(async () => {
  await vapi.stop();
  await twilioRest.stop();
  await sikka.stop();
  data.drop();
});

function checkError(reply, name) {
  assert.ok(reply.body, `${name}: no JSON: ${reply.out}`);
  assert.ok(reply.body.error.length > 3, name);
  assert.equal(reply.body.detail, reply.body.error);
  assert.ok(Array.isArray(reply.body.fields) && reply.body.request_id, name);
  assert.doesNotMatch(reply.text, /sqlite|postgres|SELECT |INSERT |\.c:\d/i, name);
}

/**
 * The N-th call fails; answers whether there was one, and whether the copy is
 * as it was before.
 */
async function step(r, n, env) {
  const name = `${r.method} ${r.path} --fail=${n}`;
  const reply = await once(env, r, n);
  const failed = reply.status >= 400 || r.failed?.(reply);
  const loose = r.loose ?? [];

  assert.equal(reply.signal, null, `${name}: ${reply.err}`);
  assert.doesNotMatch(reply.err, /Sanitizer|runtime error/, name);
  assert.ok(reply.status, `${name}: ${reply.out}${reply.err}`);
  if (!reply.fired) {
    assert.ok(!failed, `${name}: ${reply.out}`);
    return { fired: false };
  }
  if (reply.status >= 400) {
    checkError(reply, name);
    assert.ok(reply.status >= 500 || r.may?.includes(reply.status),
      `${name}: ${reply.out}`);
  }
  const now = await contents(env);
  if (failed)
    assert.deepEqual(without(loose, now), without(loose, rest), name);
  return { fired: true, clean: isDeepStrictEqual(now, rest) };
}

/* Each failure meets the same rows: a copy that has changed is replaced. */
async function sweep(r) {
  let copy = data.copy();
  let n = 1 + routes.indexOf(r) % stride;
  let calls = 0;

  try {
    for (;; n += stride, calls++) {
      const did = await step(r, n, copy.env);
      if (!did.fired)
        return calls;
      assert.ok(n < callsMax, `${r.path}: it never stops failing`);
      if (!did.clean) {
        copy.drop();
        copy = data.copy();
      }
    }
  } finally {
    copy.drop();
  }
}

test('every route is in the table', () => {
  const known = run(['routes']).out.split('\n').map((l) =>
    l.split(/\s+/).slice(0, 2)).filter(([m]) => m && m !== 'JOB');
  const missed = known.filter(([m, p]) => !routes.some((r) =>
    r.method === m && pick([p], canonical(r.path))));

  assert.ok(known.length > 30);
  assert.deepEqual(missed, []);
});

test('every call of every route fails once', { timeout: 900000 },
  async (t) => {
    const queue = [...routes];
    const wrong = [];
    const count = {};

    await Promise.all(Array.from({ length: availableParallelism() + 1 },
      async () => {
        for (let r = queue.shift(); r; r = queue.shift())
          try {
            count[`${r.method} ${r.path}`] = await sweep(r);
          } catch (e) {
            wrong.push(e.message);
          }
      }));
    const calls = Object.values(count).reduce((a, n) => a + n, 0);
    t.diagnostic(`${routes.length} requests, ${calls} failures: `
      + JSON.stringify(count));
    assert.deepEqual(wrong, []);
    assert.ok(calls * stride > routes.length * 2);
  });

test('no scratch files are left', () => {
  assert.deepEqual(readdirSync(data.dir).filter((f) =>
    /journal|tmp/.test(f)), []);
});
