// Onboarding sessions (seed 004): the shape of their own front end, steps that
// only go forward, windows that lose nothing, one end for all ways through.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { until } from '../fake/net.mjs';
import { newEmail, password } from '../lib/business.mjs';
import { assertError, fieldsOf } from '../lib/client.mjs';
import { cleanEnv, makeData, once, program } from '../lib/once.mjs';

let data;
const start = Date.UTC(2026, 10, 20, 12);
const day = 86400000;
const welcome = { role: 'ceo', experienceLevel: 'beginner' };
const company = { name: 'Bright Smile Dental', industry: 'Dental practice',
  industryId: 1, size: '11-50', description: 'A practice in the old town' };
const organization = { teamSize: 12, structure: 'flat',
  methodology: 'okr', collaborationStyle: 'hybrid',
  departments: ['Reception', 'Hygiene'] };
const path = '/api/onboarding';

before(() => {
  data = makeData();
});
after(() => data.drop());

/* Someone who has signed up; do(method, path, json, {status, at}). */
function person() {
  const made = data.once('POST', '/api/auth/signup', { json: {
    email: newEmail(), password, organization_name: 'Before Ltd' } });
  assert.equal(made.status, 201, made.text);
  const ask = (method, route, json, at = 0) => once({ ...data.env,
    ...(at ? { FRONTDESK_CLOCK: String(at) } : {}) }, method, route,
  { json, token: made.body.access_token });
  const want = (status, method, route, json, at) => {
    const reply = ask(method, route, json, at);
    assert.equal(reply.status, status, `${route}: ${reply.text}`);
    return reply.body;
  };
  return { ask, want, id: made.body.user.id, token: made.body.access_token };
}

/* The same at a fixed time, when its token was made as well. */
function personAt(at) {
  const env = { ...data.env, FRONTDESK_CLOCK: String(at) };
  const email = newEmail();
  const made = once(env, 'POST', '/api/auth/signup',
    { json: { email, password } });
  const token = { [at]: made.body.access_token };
  const ask = (method, route, json, when) => {
    const then = { ...data.env, FRONTDESK_CLOCK: String(when) };
    token[when] ??= once(then, 'POST', '/api/auth/signin',
      { json: { email, password } }).body.access_token;
    return once(then, method, route, { json, token: token[when] });
  };
  return { ask };
}

test('the whole way, in the shape of the front end', () => {
  const p = person();
  const first = p.want(201, 'POST', `${path}/start`, {});

  assert.deepEqual(Object.keys(first), ['id', 'userId', 'status',
    'currentStep', 'stepData', 'createdAt', 'updatedAt']);
  assert.deepEqual([first.userId, first.status, first.currentStep,
    first.stepData], [p.id, 'in_progress', 1, {}]);
  assert.match(first.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const two = p.want(200, 'PUT', `${path}/progress`,
    { sessionId: first.id, currentStep: 2, stepData: { welcome } });
  assert.deepEqual([two.currentStep, two.stepData], [2, { welcome }]);
  p.want(200, 'PUT', `${path}/progress`, { sessionId: first.id,
    currentStep: 3, stepData: { company } });
  const four = p.want(200, 'PUT', `/api/v1/onboarding/progress`,
    { sessionId: first.id, currentStep: 4, stepData: { organization } });
  assert.deepEqual(four.stepData, { welcome, company, organization });
  const done = p.want(200, 'POST', `${path}/complete`,
    { sessionId: first.id });
  assert.equal(done.status, 'completed');
  assert.ok(done.completedAt >= done.createdAt);
  assert.deepEqual(p.want(200, 'GET', `${path}/session/${first.id}`), done);
  assert.deepEqual(p.want(200, 'POST', `${path}/complete`, {}), done);
});

test('its end is the end of the other ways, and the business has its name',
  () => {
    const p = person();

    p.want(201, 'POST', `${path}/start`, { stepData: { company } });
    const done = p.want(200, 'POST', `${path}/complete`, {});
    const session = p.want(200, 'GET', '/api/auth/session');
    assert.equal(session.user.onboarding_completed, true);
    const other = p.want(200, 'POST', '/api/user/complete-onboarding', {});
    assert.equal(other.onboarding_completed_at, done.completedAt);
    const profile = p.want(200, 'GET', '/api/user/profile');
    assert.deepEqual([profile.organization_name, profile.industry],
      ['Bright Smile Dental', 'Dental practice']);
  });

test('the end of another way completes the session', () => {
  const p = person();
  const { id } = p.want(201, 'POST', `${path}/start`, {});

  p.want(200, 'POST', '/api/user/complete-onboarding', {});
  assert.equal(p.want(200, 'GET', `${path}/session/${id}`).status,
    'completed');
});

test('one live session a user; restart gives the old one up', () => {
  const p = person();
  const first = p.want(201, 'POST', `${path}/start`);
  const again = p.want(200, 'POST', `${path}/start`,
    { stepData: { welcome } });

  assert.equal(again.id, first.id);
  assert.deepEqual(again.stepData, { welcome });
  const next = p.want(201, 'POST', `${path}/start`, { restart: true });
  assert.notEqual(next.id, first.id);
  assert.equal(p.want(200, 'GET', `${path}/session/${first.id}`).status,
    'abandoned');
  assertError(p.ask('PUT', `${path}/progress`, { sessionId: first.id,
    currentStep: 2 }), 409, 'conflict');
  assertError(p.ask('POST', `${path}/complete`, { sessionId: first.id }),
    409, 'conflict');
});

test('currentStep goes forward and stays in range', () => {
  const p = person();

  p.want(201, 'POST', `${path}/start`, { stepData: { company } });
  p.want(200, 'PUT', `${path}/progress`, { currentStep: 3 });
  const back = p.ask('PUT', `${path}/progress`,
    { currentStep: 2, stepData: { welcome } });
  assert.deepEqual(fieldsOf(back), ['currentStep']);
  assert.match(assertError(back, 400, 'input').error, /back from 3 to 2/);
  for (const currentStep of [0, -1, 5, 99, 2.5, '3', 1e300])
    assert.deepEqual(fieldsOf(p.ask('PUT', `${path}/progress`,
      { currentStep })), ['currentStep'], String(currentStep));
  assertError(p.ask('PUT', '/api/v1/onboarding/progress',
    { currentStep: 1 }), 422, 'input');
  const now = p.want(200, 'PUT', `${path}/progress`, {});
  assert.deepEqual([now.currentStep, now.stepData], [3, { company }]);
  p.want(200, 'PUT', `${path}/progress`, { stepData: { welcome } });
});

test('wrong answers are named with what to do about them', () => {
  const p = person();

  p.want(201, 'POST', `${path}/start`, {});
  const wrong = p.ask('PUT', `${path}/progress`, { stepData: {
    welcome: { role: 7, language: 'xx', goals: 'many' },
    company: { name: ' . ', website: 'javascript:alert(1)',
      industryId: 'one', description: 'x'.repeat(2001) },
    organization: { teamSize: 0, departments: [1] } } });
  assertError(wrong, 400, 'input');
  assert.deepEqual(fieldsOf(wrong), ['stepData.company.description',
    'stepData.company.industryId', 'stepData.company.name',
    'stepData.company.website', 'stepData.organization.departments',
    'stepData.organization.teamSize', 'stepData.welcome.goals',
    'stepData.welcome.language', 'stepData.welcome.role']);
  for (const f of JSON.parse(wrong.text).fields)
    assert.ok(f.message.length > 5, f.message);
  assert.deepEqual(fieldsOf(p.ask('PUT', `${path}/progress`,
    { stepData: { company: { industryId: 998 } } })),
  ['stepData.company.industryId']);
  assertError(p.ask('PUT', `${path}/progress`, { stepData: [] }), 400);
  assertError(p.ask('PUT', `${path}/progress`,
    { stepData: { company: 'x' } }), 400);
  assert.deepEqual(fieldsOf(p.ask('PUT', `${path}/progress`,
    { currentStep: 3, stepData: { company: { size: '1-10' } } })),
  ['stepData.company.name']);
  assert.deepEqual(p.want(200, 'PUT', `${path}/progress`, {}).stepData, {});
});

test('a business needs a name before the onboarding is complete', () => {
  const p = person();

  p.want(201, 'POST', `${path}/start`, {});
  const reply = p.ask('POST', `${path}/complete`, {});
  assertError(reply, 400, 'input');
  assert.deepEqual(fieldsOf(reply), ['stepData.company.name']);
  assert.equal(p.want(200, 'PUT', `${path}/progress`, {}).status,
    'in_progress');
  p.want(200, 'POST', `${path}/complete`, { stepData: { company } });
});

test('steps merge member by member; null clears; others are kept', () => {
  const p = person();
  const put = (stepData) => p.want(200, 'PUT', `${path}/progress`,
    { stepData }).stepData;

  p.want(201, 'POST', `${path}/start`, { stepData: { company } });
  put({ company: { size: '1-10', shoeSize: 44 }, extra: { a: [1] } });
  assert.deepEqual(put({ welcome }), { company: { ...company, size: '1-10',
    shoeSize: 44 }, extra: { a: [1] }, welcome });
  assert.deepEqual(put({ company: { description: null, shoeSize: null },
    extra: null, welcome: null }), { company: { name: company.name,
    industry: company.industry, industryId: 1, size: '1-10' } });
  assertError(p.ask('PUT', `${path}/progress`,
    { stepData: { extra: { text: 'x'.repeat(70000) } } }), 413);
});

test('nobody sees, changes or deletes the session of another', () => {
  const mine = person();
  const other = person();
  const { id } = mine.want(201, 'POST', `${path}/start`, {});

  assertError(other.ask('GET', `${path}/session/${id}`), 404, 'missing');
  assertError(other.ask('DELETE', `${path}/session/${id}`), 404, 'missing');
  assertError(other.ask('PUT', `${path}/progress`,
    { sessionId: id, currentStep: 2 }), 404, 'missing');
  assertError(other.ask('POST', `${path}/complete`, { sessionId: id }), 404);
  assertError(other.ask('PUT', `${path}/progress`, { currentStep: 2 }), 404);
  assertError(data.once('GET', `${path}/session/${id}`), 401, 'auth');
  assertError(mine.ask('GET', `${path}/session/nonsense`), 404, 'missing');
  assert.equal(mine.ask('DELETE', `${path}/session/${id}`).status, 204);
  assertError(mine.ask('DELETE', `${path}/session/${id}`), 404, 'missing');
  assertError(mine.ask('GET', `${path}/session/${id}`), 404, 'missing');
});

test('after seven days a session is over', () => {
  const p = personAt(start);
  const first = p.ask('POST', `${path}/start`, {}, start).body;
  const late = start + 7 * day;

  assert.equal(p.ask('PUT', `${path}/progress`, { currentStep: 2 },
    late - 1000).status, 200);
  assert.match(assertError(p.ask('PUT', `${path}/progress`,
    { currentStep: 3 }, late), 409, 'conflict').error, /expired/);
  assert.equal(p.ask('GET', `${path}/session/${first.id}`, undefined, late)
    .body.status, 'abandoned');
  const next = p.ask('POST', `${path}/start`, {}, late);
  assert.equal(next.status, 201, next.text);
  assert.notEqual(next.body.id, first.id);
});

test('the runner gives up what has expired, and forgets it later',
  async () => {
    const p = personAt(start);
    const { id } = p.ask('POST', `${path}/start`, {}, start).body;
    const run = async (at, seenAt, what, seen) => {
      const runner = spawn(program, ['runner', '--workers', '1'], { env:
        cleanEnv({ ...data.env, FRONTDESK_CLOCK: String(at) }),
      stdio: 'ignore' });
      try {
        await until(what, () => seen(p.ask('GET', `${path}/session/${id}`,
          undefined, seenAt)));
      } finally {
        const end = new Promise((done) => runner.once('exit', done));
        runner.kill('SIGTERM');
        await end;
      }
    };

    assert.equal(p.ask('GET', `${path}/session/${id}`, undefined,
      start + 1000).body.status, 'in_progress');
    await run(start + 8 * day, start + 1000, 'the session to be given up',
      (r) => r.body.status === 'abandoned');
    const late = start + 98 * day;
    await run(late, late, 'the session to be forgotten',
      (r) => r.status === 404);
  });
