// What the AI costs: reserved before, settled after, never more than the
// account may spend; and the report of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { startAi } from '../fake/ai.mjs';
import { until } from '../fake/net.mjs';
import { newEmail, password } from '../lib/business.mjs';
import { assertError, fieldsOf } from '../lib/client.mjs';
import { cleanEnv, makeData, onceLater, program, run } from '../lib/once.mjs';

let ai;
let data;
let env;
let count = 0;
const path = '/api/onboarding/ai-suggestions';
const near = (a, b) => Math.abs(a - b) < 1e-9;

before(async () => {
  ai = await startAi();
  data = makeData();
  env = { ...data.env, ...ai.env, FRONTDESK_AI_PRICE_IN_CENTS: '1000',
    FRONTDESK_AI_PRICE_OUT_CENTS: '2000', FRONTDESK_AI_BUDGET_CENTS: '50',
    FRONTDESK_AI_USER_RATE: '1000', FRONTDESK_AI_ACCOUNT_RATE: '1000' };
});
after(async () => {
  await ai.stop();
  data.drop();
});

/* A new account: ask(more), usage(query). */
async function account() {
  const made = await onceLater(env, 'POST', '/api/auth/signup',
    { json: { email: newEmail(), password } });
  assert.equal(made.status, 201, made.text);
  const token = made.body.access_token;
  const request = (more = {}) => onceLater({ ...env, ...more }, 'POST', path,
    { token, json: { kind: 'industry', companyName: `Dental ${count += 1}` } });
  const ask = async (more) => {
    const reply = await request(more);
    assert.equal(reply.status, 200, reply.text);
    return reply.body;
  };
  const usage = async (query = '', more = {}) => {
    const reply = await onceLater({ ...env, ...more }, 'GET',
      `/api/analytics/ai-usage${query}`, { token });
    assert.equal(reply.status, 200, reply.text);
    return query.includes('csv') ? reply : reply.body;
  };
  return { request, ask, usage, token };
}

/* What the endpoint would write on its bill, in dollars. */
const billed = (log) => log.reduce((sum, e) => sum + (e.usage ?
  Math.ceil(e.usage.prompt_tokens * 10 + e.usage.completion_tokens * 20) / 1e6
  : 0), 0);

test('64 at once never spend more than there is', { timeout: 120000 },
  async () => {
    const a = await account();
    let open = true;
    ai.log.length = 0;
    ai.delayMs = 500;
    const watch = (async () => {
      let looks = 0;
      for (; open; looks++) {
        const { budget } = await a.usage();
        assert.ok(budget.spent_usd + budget.reserved_usd <= 0.5 + 1e-9,
          JSON.stringify(budget));
      }
      return looks;
    })();
    const got = await Promise.all(Array.from({ length: 64 }, () =>
      a.request()));
    ai.delayMs = 0;
    open = false;
    assert.ok(await watch > 1, 'nobody looked');
    // a machine under load may say that it is busy
    const busy = got.filter((r) => r.status === 503
      || ['busy', 'timeout'].includes(r.body.reason)).length;
    const bodies = got.map((r) => r.body)
      .filter((b) => b.source === 'ai' || b.reason === 'budget');
    const asked = bodies.filter((b) => b.source === 'ai').length;
    const { budget, totals } = await a.usage();

    assert.equal(bodies.length + busy, 64);
    assert.ok(asked >= 1 && asked < 64, `${asked} were asked`);
    assert.ok(billed(ai.log) <= 0.5, `billed ${billed(ai.log)}`);
    assert.ok(near(budget.spent_usd, totals.cost_usd));
    if (busy > 0)
      return;
    assert.equal(ai.log.length, asked);
    assert.ok(near(budget.spent_usd, billed(ai.log)));
    assert.equal(budget.reserved_usd, 0);
    assert.deepEqual([totals.requests, totals.ai, totals.rules],
      [64, asked, 64 - asked]);
  });

test('a budget of zero asks nobody', async () => {
  const a = await account();
  const before = ai.log.length;
  const body = await a.ask({ FRONTDESK_AI_BUDGET_CENTS: '0' });

  assert.deepEqual([body.source, body.reason], ['rules', 'budget']);
  assert.match(body.message, /budget/);
  assert.equal(ai.log.length, before);
});

test('until it is used up; the next month begins anew', async () => {
  const email = newEmail();
  const sign = async (how, day) => {
    const then = { ...env, FRONTDESK_CLOCK: String(Date.UTC(2026, 10, day)) };
    const { body } = await onceLater(then, 'POST', `/api/auth/${how}`,
      { json: { email, password } });
    return async (method, at, json) => (await onceLater(then, method, at,
      { json, token: body.access_token })).body;
  };
  const one = (who) => who('POST', path, { kind: 'industry',
    companyName: `Dental ${count += 1}` });
  const now = await sign('signup', 29);
  const answers = [];

  do
    answers.push(await one(now));
  while (answers.at(-1).source === 'ai' && answers.length < 200);
  assert.ok(answers.length > 3, `${answers.length} answers`);
  assert.equal(answers.at(-1).reason, 'budget');
  const { budget } = await now('GET', '/api/analytics/ai-usage');
  assert.deepEqual([budget.month, budget.limit_usd], ['2026-11', 0.5]);
  assert.ok(budget.spent_usd > 0.3 && budget.spent_usd <= 0.5);
  const next = await sign('signin', 31);
  assert.equal((await one(next)).source, 'ai');
  assert.equal((await next('GET', '/api/analytics/ai-usage')).budget.month,
    '2026-12');
});

test('what was not told counts in full, what was refused not at all',
  async () => {
    const a = await account();
    const spent = async (fault) => {
      const before = (await a.usage()).budget.spent_usd;
      if (fault)
        ai.next.push(fault);
      await a.ask({ FRONTDESK_AI_TIMEOUT_MS: '800' });
      const { budget } = await a.usage();
      assert.equal(budget.reserved_usd, 0);
      return budget.spent_usd - before;
    };
    const good = await spent();
    assert.ok(good > 0);
    assert.ok(near(await spent({ mode: '429' }), 0));
    assert.ok((await spent({ mode: 'hang' })) > good * 2);
    assert.ok((await spent({ mode: 'noUsage' })) > good * 2);
    assert.ok((await spent({ mode: 'notJson' })) > 0);
    assert.ok((await spent({ mode: 'x', usage: { prompt_tokens: -5,
      completion_tokens: 1e9 } })) > good * 2);
  });

test('who dies while asking has spent what was reserved', async () => {
  const a = await account();
  const seen = ai.log.length;
  ai.next.push({ mode: 'hang' });
  const child = spawn(program, ['once', 'POST', path, '-H',
    `Authorization: Bearer ${a.token}`, '-d',
    '{"kind":"industry","companyName":"Dental gone"}'],
  { env: cleanEnv(env), stdio: 'ignore' });
  const gone = new Promise((done) => child.once('exit', done));
  await until('the question to be asked', () => ai.log.length > seen);
  child.kill('SIGKILL');
  await gone;
  const { budget } = await a.usage();
  assert.ok(budget.reserved_usd > 0 && budget.spent_usd === 0);
  const runner = spawn(program, ['runner', '--workers', '1'], { env:
    cleanEnv({ ...env, FRONTDESK_CLOCK: String(Date.now() + 130000) }),
  stdio: 'ignore' });
  try {
    await until('the reservation to be settled', async () =>
      (await a.usage()).budget.reserved_usd === 0);
  } finally {
    const end = new Promise((done) => runner.once('exit', done));
    runner.kill('SIGTERM');
    await end;
  }
  assert.ok(near((await a.usage()).budget.spent_usd, budget.reserved_usd));
});

test('the report: ranges, reasons, CSV, and nobody else\'s', async () => {
  const a = await account();
  const b = await account();
  const none = await b.usage();

  assert.deepEqual([none.totals.requests, none.totals.cost_usd, none.data,
    none.reasons], [0, 0, [], []]);
  await a.ask();
  await a.ask({ FRONTDESK_AI_BUDGET_CENTS: '0' });
  const all = await a.usage();
  const day = new Date().toISOString().slice(0, 10);
  assert.deepEqual(all.reasons, [{ reason: 'budget', requests: 1 }]);
  assert.deepEqual(all.data.map((d) => [d.day, d.kind, d.model, d.requests,
    d.ai, d.rules]), [[day, 'industry', null, 1, 0, 1],
    [day, 'industry', 'test/first', 1, 1, 0]]);
  assert.ok(all.totals.tokens_in > 100 && all.totals.tokens_out > 5);
  assert.equal(all.budget.month, day.slice(0, 7));
  assert.equal((await a.usage('?from=2020-01-01&to=2020-02-01'))
    .totals.requests, 0);
  assert.deepEqual((await b.usage()).totals, none.totals);
  const csv = await a.usage('?format=csv');
  assert.match(csv.headers['content-type'], /^text\/csv/);
  const lines = csv.text.trim().split(/\r?\n/);
  assert.equal(lines[0], 'day,kind,model,requests,ai,cache,rules,tokens_in,'
    + 'tokens_out,cost_usd');
  assert.equal(lines.length, 3);
  assert.ok(lines[2].startsWith(`${day},industry,test/first,1,1,0,0,`));
  for (const q of ['?from=yesterday', '?format=xml', '?to=2026-13-01',
    '?from=2026-02-01&to=2026-01-01'])
    assert.equal(fieldsOf(await onceLater(env, 'GET',
      `/api/analytics/ai-usage${q}`, { token: a.token })).length, 1, q);
  assertError(await onceLater(env, 'GET', '/api/analytics/ai-usage'), 401);
});

test('the key is a setting that is not printed', () => {
  const out = run(['conf'], { env }).out;

  assert.match(out, /FRONTDESK_AI_KEY = \*\*\*\*/);
  assert.ok(!out.includes(ai.key));
});
