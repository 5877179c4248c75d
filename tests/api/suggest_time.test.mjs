// Suggestions through nginx and the pools: with an endpoint that hangs, 32
// clients at once all have an answer within five seconds, and the routes
// beside them stay quick.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startAi } from '../fake/ai.mjs';
import { signUp } from '../lib/business.mjs';
import { startStack } from '../lib/stack.mjs';

let ai;
let stack;
const path = '/api/onboarding/ai-suggestions';

before(async () => {
  ai = await startAi({ tls: true });
  stack = await startStack({ vapi: false, env: { ...ai.env,
    FRONTDESK_AI_USER_RATE: '1000' } });
});
after(() => ai.stop());

const quantile = (list, q) => [...list].sort((a, b) => a - b)[
  Math.ceil(list.length * q) - 1];

async function timed(call) {
  const start = Date.now();
  const reply = await call();
  return { reply, ms: Date.now() - start };
}

test('the shapes, through the whole stack', async () => {
  const { client } = await signUp(stack);
  const body = await client.want(200, 'POST', path,
    { companyName: 'Bright Smile Dental' });

  assert.equal(body.source, 'ai');
  await client.want(200, 'POST', '/api/v1/onboarding/ai-suggestions',
    { companyName: 'Plomberie Dupré', kind: 'industry' });
  await client.wrong(400, 'input', 'POST', path, {});
  await client.wrong(422, 'input', 'POST',
    '/api/v1/onboarding/ai-suggestions', {});
  await client.want(200, 'GET', '/api/onboarding/industries?context=1');
  await client.want(200, 'GET', '/api/analytics/ai-usage');
  const first = await client.want(201, 'POST', '/api/onboarding/start', {});
  await client.want(200, 'PUT', '/api/onboarding/progress', {
    sessionId: first.id, currentStep: 2, stepData: { company: { name: 'X' } },
  });
  await client.want(200, 'POST', path, { sessionId: first.id });
  await client.want(200, 'GET', `/api/onboarding/session/${first.id}`);
  await client.want(200, 'POST', '/api/onboarding/complete', {});
  assert.equal((await client.delete(`/api/onboarding/session/${first.id}`))
    .status, 204);
  // nginx refuses what is larger than any answers
  assert.equal((await client.request('PUT', '/api/onboarding/progress', {
    json: { stepData: { welcome: { role: 'x'.repeat(5 << 20) } } } }))
    .status, 413);
});

test('32 at once with an endpoint that hangs', async (t) => {
  const { client } = await signUp(stack);
  ai.next.push({ mode: 'hang', times: 1000 });
  const calm = [];
  for (let i = 0; i < 100; i++)
    calm.push((await timed(() => client.get('/api/user/profile'))).ms);
  let open = true;
  const beside = [];
  const web = (async () => {
    while (open) {
      const { reply, ms } = await timed(() => client.get('/api/user/profile'));
      assert.equal(reply.status, 200);
      beside.push(ms);
    }
  })();
  const got = await Promise.all(Array.from({ length: 32 }, (_, i) =>
    timed(() => client.post(path, { companyName: `Dental ${i}` }))));
  open = false;
  await web;
  const reasons = {};
  for (const { reply, ms } of got) {
    assert.equal(reply.status, 200, reply.text);
    assert.ok(ms < 5000, `${ms} ms`);
    assert.equal(reply.body.source, 'rules');
    assert.equal(reply.body.industry.id, 1);
    reasons[reply.body.reason] = (reasons[reply.body.reason] ?? 0) + 1;
  }
  assert.ok(reasons.timeout >= 1 && reasons.busy >= 1,
    JSON.stringify(reasons));
  assert.ok(beside.length > 200, `${beside.length} requests beside`);
  const p99 = [quantile(calm, 0.99), quantile(beside, 0.99)];
  t.diagnostic(`suggestions: longest ${Math.max(...got.map((g) => g.ms))} ms,`
    + ` ${JSON.stringify(reasons)}; profile p99 ${p99[0]} ms before, `
    + `${p99[1]} ms beside`);
  assert.ok(p99[1] < 250, `p99 ${p99[1]} ms beside ${p99[0]} ms`);
});

test('after three failures it is left alone', async () => {
  const { client } = await signUp(stack);
  const once = () => timed(() => client.post(path,
    { companyName: 'Dental after' }));
  let last = await once();

  for (let i = 0; i < 2 && last.reply.body.reason === 'timeout'; i++)
    last = await once();
  assert.equal(last.reply.body.reason, 'unavailable', last.reply.text);
  assert.ok(last.ms < 2000, `${last.ms} ms`);
});
