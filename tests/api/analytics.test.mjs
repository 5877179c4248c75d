// What is recorded of a customer's way, once; the reports; the forwarder.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSink } from '../fake/sink.mjs';
import { until } from '../fake/net.mjs';
import { callIn, onboard, seedAssistant, sessionOf, signUp, workday }
  from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let sink;
let stack;

before(async () => {
  sink = await startSink();
  stack = await startStack({ env: { FRONTDESK_POSTHOG_URL: sink.url,
    FRONTDESK_POSTHOG_KEY: sink.posthogKey, FRONTDESK_MIXPANEL_URL: sink.url,
    FRONTDESK_MIXPANEL_TOKEN: sink.mixpanelToken } });
});
after(() => sink.stop());

const funnel = (b, query = '') =>
  b.client.want(200, 'GET', `/api/analytics/onboarding${query}`);
const flow = (report, name) => report.flows.find((f) => f.flow === name);
const step = (report, name, id) => flow(report, name).steps.find((s) =>
  s.step_id === id);

/** Lines of a CSV file, read as a spreadsheet reads them. */
function readCsv(text) {
  const rows = [[]];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y;
  let m;

  while ((m = cell.exec(text))) {
    rows.at(-1).push(m[1].startsWith('"') ?
      m[1].slice(1, -1).replace(/""/g, '"') : m[1]);
    if (m[2] === '\r\n')
      rows.push([]);
  }
  assert.deepEqual(rows.pop(), [], `what stands behind: ${text}`);
  return rows;
}

async function csv(b, path) {
  const reply = await b.client.get(`/api/analytics/${path}`);

  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.headers['content-type'], /^text\/csv/);
  assert.match(reply.headers['content-disposition'], /^attachment; filename=/);
  return readCsv(reply.text);
}

/** The whole way of the nine steps. */
async function goThrough(b) {
  const put = (method, path, json, opt) =>
    b.client.want(200, method, path, json, opt);

  await put('PATCH', '/api/v1/user/profile', { accept_terms: true });
  await put('PATCH', '/api/v1/user/studio-config', { persona: 'secretary' });
  await put('PATCH', '/api/v1/user/studio-config', { business_hours: '24/7' });
  await put('PATCH', '/api/v1/user/studio-config', { calendar: 'google' });
  await put('POST', '/api/v1/vapi-settings', { vapi_api_key: 'sk-abc12345' });
  await put('PATCH', '/api/v1/user/onboarding',
    { onboarding_twilio_skipped: true });
  await b.client.want(201, 'POST', '/api/assistants', seedAssistant);
  await put('PATCH', '/api/v1/user/onboarding',
    { onboarding_assistant_created: true });
  await put('POST', '/api/v1/user/complete-onboarding');
}

test('the six events, each once, in the shape of their cause', async () => {
  const b = await signUp(stack);
  const me = b.session.user.id;

  await goThrough(b);
  await goThrough({ client: { want: (status, ...rest) =>
    b.client.want(rest[1] === '/api/assistants' ? 201 : status, ...rest) } });
  const report = await funnel(b);
  assert.deepEqual(report.events, { assistant_created: 2,
    onboarding_completed: 1, onboarding_started: 1,
    onboarding_step_completed: 8, onboarding_step_skipped: 1,
    vapi_configured: 1 });
  const mine = await until('all of it at PostHog', () => {
    const list = [...sink.posthog.values()].filter((e) =>
      e.properties.distinct_id === me);
    return list.length === 14 && list;
  });
  const of = (name) => mine.filter((e) => e.event === name)
    .map(({ properties }) => {
      const p = { ...properties };
      delete p.distinct_id;
      delete p.$process_person_profile;
      delete p.account;
      return p;
    });
  assert.deepEqual(of('onboarding_started').map((p) => [p.user_id,
    Object.keys(p).length]), [[me, 2]]);
  assert.deepEqual(of('onboarding_step_skipped'),
    [{ step_id: 'twilio', step_number: 4 }]);
  assert.deepEqual(of('onboarding_step_completed').find((p) =>
    p.step_id === 'vapi'), { step_id: 'vapi', step_number: 2,
    skipped: false });
  assert.deepEqual(of('vapi_configured'), [{ method: 'inline' }]);
  assert.deepEqual(of('assistant_created')[0], { name: 'Ava Assistant',
    voice: 'en-US-JennyNeural', from: 'onboarding' });
  const [done] = of('onboarding_completed');
  assert.deepEqual(Object.keys(done), ['duration_seconds', 'steps_skipped',
    'plan_selected']);
  assert.deepEqual([done.steps_skipped, done.plan_selected],
    [['twilio'], 'free']);
  await until('the same at Mixpanel', () => mine.every((e) =>
    sink.mixpanel.has(e.uuid)));
  assert.ok(sink.log.every((l) => l.answer.status !== 0));
});

test('a key that is saved in the settings', async () => {
  const b = await signUp(stack);

  await b.client.want(200, 'POST', '/api/v1/vapi-settings',
    { vapi_api_key: 'sk-other-key' }, { headers: {
      Referer: 'https://app.example.com/fr/settings?section=vapi' } });
  const event = await until('the event', () => [...sink.posthog.values()]
    .find((e) => e.event === 'vapi_configured'
      && e.properties.distinct_id === b.session.user.id));
  assert.equal(event.properties.method, 'settings');
});

test('the funnel: steps, rates, times, and one account only', async () => {
  const b = await signUp(stack);
  const other = await signUp(stack);
  const path = `/api/setup/${b.session.user.account_id}`;

  await b.client.want(200, 'POST', `${path}/voice`,
    { provider: 'vapi', voiceId: 'Elliot' });
  await b.client.want(200, 'POST', `${path}/integrations`, { skipped: true });
  const report = await funnel(b);
  assert.deepEqual(report.flows.map((f) => f.flow),
    ['onboarding', 'setup', 'session']);
  assert.equal(flow(report, 'onboarding').started, 1);
  assert.equal(flow(report, 'onboarding').completion_rate, 0);
  assert.equal(flow(report, 'session').completion_rate, null);
  assert.deepEqual(flow(report, 'setup').steps.map((s) => [s.step_id,
    s.step_number, s.completed, s.skipped, s.skip_rate]),
  [['voice', 1, 1, 0, 0], ['knowledge', 2, 0, 0, null],
    ['integrations', 3, 0, 1, 1], ['phone', 4, 0, 0, null]]);
  assert.ok(step(report, 'setup', 'integrations').median_seconds >= 0);
  assert.equal(step(report, 'setup', 'phone').median_seconds, null);
  assert.deepEqual((await funnel(other)).events, { onboarding_started: 1 });
  const rows = await csv(b, 'onboarding?format=csv');
  assert.deepEqual(rows[0], ['flow', 'step_id', 'step_number', 'started',
    'completed', 'skipped', 'skip_rate', 'median_seconds']);
  assert.equal(rows.length, 1 + 9 + 4 + 3);
  assert.deepEqual(rows.find((l) => l[1] === 'voice').slice(0, 7),
    ['setup', 'voice', '1', '1', '1', '0', '0']);
});

test('ranges', async () => {
  const b = await signUp(stack);
  const day = (n) => new Date(Date.now() + n * 86400000).toISOString();
  const date = (n) => day(n).slice(0, 10);
  const count = async (q) => Object.keys((await funnel(b, q)).events).length;

  assert.equal(await count(''), 1);
  assert.equal(await count(`?from=${date(0)}&to=${date(0)}`), 1);
  assert.equal(await count(`?from=${day(-2)}&to=${day(-1)}`), 0);
  assert.equal(await count(`?from=${date(1)}&to=${date(2)}`), 0);
  assert.equal(await count(`?from=${date(-365)}`), 1);
  for (const [query, field] of [['from=yesterday', 'from'],
    ['to=2026-02-30', 'to'], ['from=2026-02-11&to=2026-02-10', 'from'],
    ['from=2020-01-01&to=2022-01-01', 'from'], ['format=xls', 'format'],
    ['from=9999-12-31', 'from'], ['from=1960-01-01', 'from']])
    for (const report of ['onboarding', 'calls'])
      assert.deepEqual(fieldsOf(await b.client.wrong(400, 'input', 'GET',
        `/api/analytics/${report}?${query}`)), [field], query);
  await stack.client().wrong(401, 'auth', 'GET', '/api/analytics/calls');
});

test('figures of calls, and lines that a spreadsheet can trust', async () => {
  const b = await onboard(stack, { timezone: 'Asia/Kathmandu' });
  const get = () => b.client.want(200, 'GET', '/api/analytics/calls');

  assert.deepEqual((await get()).days, []);
  const { call, session } = await callIn(b);
  const said = await session.tool('book-appointment',
    { date: workday(3), time: '10:00', name: 'Test Caller' });
  assert.ok(said.result, said.error);
  await session.end({ cost: 0.25, durationSeconds: 60, endedReason: '=1+1',
    analysis: { summary: '=HYPERLINK("https://example.com","hi")\nsecond, line' } });
  await call.dialEnded('completed');
  await call.status('completed', { CallDuration: '60' });
  const other = sessionOf(b);
  await other.end({ cost: 0.5, durationSeconds: 30,
    endedReason: 'customer-ended-call' });
  const got = await get();
  assert.equal(got.time_zone, 'Asia/Kathmandu');
  assert.deepEqual([got.calls, got.connected, got.booked, got.duration_s,
    got.average_duration_s, got.cost], [2, 2, 1, 90, 45, 0.75]);
  const today = new Intl.DateTimeFormat('en-CA',
    { timeZone: 'Asia/Kathmandu' }).format(new Date());
  assert.deepEqual(got.days, [{ date: today, calls: 2, connected: 2,
    duration_s: 90, cost: 0.75 }]);
  assert.deepEqual(got.reasons.map((r) => [r.reason, r.calls]).sort(),
    [['=1+1', 1], ['customer-ended-call', 1]]);
  assert.deepEqual(await csv(b, 'calls?format=csv'),
    [['date', 'calls', 'connected', 'duration_s', 'cost'],
      [today, '2', '2', '90', '0.75']]);
  const reasons = await csv(b, 'calls?format=csv&by=reason');
  assert.ok(reasons.some((l) => l[0] === '\'=1+1'), JSON.stringify(reasons));
  const [head, ...lines] = await csv(b, 'calls?format=csv&by=call');
  assert.equal(lines.length, 2);
  const line = Object.fromEntries(head.map((k, i) =>
    [k, lines.find((l) => l.includes('60'))[i]]));
  assert.equal(line.summary,
    '\'=HYPERLINK("https://example.com","hi")\nsecond, line');
  assert.equal(line.ended_reason, '\'=1+1');
  assert.equal(line.from_number, '\'+14155550111');
});

test('a sink that is down or refuses loses nothing, and doubles nothing',
  async () => {
    sink.next.push(500, 503);
    const b = await signUp(stack);
    const mine = () => [...sink.posthog.values()].filter((e) =>
      e.properties.distinct_id === b.session.user.id);

    await until('the event to come through', () => mine().length === 1
      && sink.mixpanel.has(mine()[0].uuid), 20000);
    assert.equal(sink.next.length, 0);
  });

test('nothing personal leaves', async () => {
  const b = await signUp(stack, { full_name: 'Nomen Nescio',
    organization_name: 'Praxis Incognita' });

  await goThrough(b);
  await until('the last event', () => [...sink.mixpanel.values()].some((e) =>
    e.event === 'onboarding_completed'
    && e.properties.distinct_id === b.session.user.id));
  const all = JSON.stringify([[...sink.posthog], [...sink.mixpanel]]);
  for (const text of ['Nomen', 'Incognita', b.email, 'sk-abc', '+1415'])
    assert.ok(!all.includes(text), text);
});
