// The set-up wizard: each step is saved by itself, shown in the exact shape,
// and nothing is lost between tabs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { until } from '../fake/net.mjs';
import { newNumber, onboard, seedAssistant, signUp } from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { cleanEnv, root } from '../lib/once.mjs';
import { startStack } from '../lib/stack.mjs';

/* What the steps hold, as the wizard sends it. */
const steps = {
  voice: { voiceId: '21m00Tcm4TlvDq8ikWAM', provider: '11labs' },
  knowledge: { files: [{ id: 'file_abc123', name: 'FAQ.pdf', size: 52000 }] },
  integrations: { pmsConnected: true, provider: 'sikka' },
  phone: { method: 'sip', settings: { sipDomain: 'sip.example.com',
    sipUsername: 'clinic123' } },
};
const order = Object.keys(steps);
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
let stack;

before(async () => {
  stack = await startStack({ workers: 4 });
});

/** A new account; at(step) is the address of a step. */
async function wizard(onto = stack) {
  const b = await signUp(onto);
  const { account_id: id } = b.session.user;

  return { ...b, id, at: (step) => `/api/setup/${id}/${step}`,
    save: (step, data = steps[step]) =>
      b.client.want(200, 'POST', `/api/setup/${id}/${step}`, data),
    progress: () => b.client.want(200, 'GET', `/api/setup/${id}/progress`) };
}

/* The bytes of a step, with the times taken out. */
const bytes = (text) => text.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"T"');

test('a new account has no progress', async () => {
  const w = await wizard();
  const got = await w.progress();

  assert.deepEqual(got, { accountId: w.id, progress: {}, lastStep: null,
    completedAt: null, setup_last_step: null, setup_completed_at: null,
    onboarding_completed_at: null });
});

test('four steps in any order make the exact progress JSON', async () => {
  const w = await wizard();

  for (const step of ['phone', 'voice', 'integrations'])
    await w.save(step);
  const three = await w.progress();
  assert.equal(three.setup_completed_at, null);
  assert.equal(three.lastStep, 'integrations');
  const last = await w.save('knowledge');
  assert.equal(last.success, true);
  const reply = await w.client.get(w.at('progress'));
  const { progress } = reply.body;
  assert.deepEqual(Object.keys(progress), order);
  assert.equal(bytes(JSON.stringify(progress)),
    JSON.stringify(Object.fromEntries(order.map((step) =>
      [step, { data: steps[step], completedAt: 'T' }]))));
  for (const step of order) {
    assert.deepEqual(reply.body[step], progress[step]);
    assert.match(progress[step].completedAt, time);
  }
  assert.ok(bytes(reply.text).startsWith(
    `{"voice":{"data":${JSON.stringify(steps.voice)},"completedAt":"T"},`));
  assert.equal(reply.body.setup_last_step, 'knowledge');
  assert.match(reply.body.setup_completed_at, time);
  assert.equal(reply.body.completedAt, reply.body.setup_completed_at);
});

test('every form of a body that the wizard sends', async () => {
  const w = await wizard();
  const rich = { ...steps.voice, name: 'Rachel', gender: 'female',
    accent: 'American' };
  const types = [null, 'application/json', 'text/plain;charset=UTF-8'];

  for (const json of [rich, { voice: rich }, { data: rich }])
    for (const type of types) {
      const reply = await w.client.post(w.at('voice').replace('/api/',
        type ? '/api/v1/' : '/api/'), json, { type });
      assert.equal(reply.status, 200, reply.text);
      assert.deepEqual(reply.body.voice.data, rich);
      assert.equal(reply.headers['x-ignored-fields'], undefined);
    }
  for (const method of ['sip', 'forwarding', 'forwarded', 'porting', 'ported',
    'new_number', 'new'])
    assert.deepEqual((await w.save('phone', { method, settings: {} }))
      .phone.data, { method, settings: {} });
  for (const data of [{ skipped: true }, { pmsConnected: false },
    { provider: 'builtin' }, { pmsConnected: true, pmsProvider: 'sikka',
      pmsConnectionId: 'conn_1', skipped: false }])
    assert.deepEqual((await w.save('integrations', data)).integrations.data,
      data);
});

test('mistakes are told, and change nothing', async () => {
  const w = await wizard();
  const wrong = async (step, data, ...fields) => {
    for (const [path, status] of [[w.at(step), 400],
      [w.at(step).replace('/api/', '/api/v1/'), 422]])
      assert.deepEqual(fieldsOf(await w.client.wrong(status, 'input', 'POST',
        path, data)), fields, `${step} ${JSON.stringify(data)}`);
  };

  await wrong('voice', {}, 'provider', 'voiceId');
  await wrong('voice', { voice: { provider: 'gramophone' } }, 'provider');
  await wrong('voice', { provider: '11labs', voiceId: '' }, 'voiceId');
  await wrong('voice', { provider: '11labs', voiceId: 'a b' }, 'voiceId');
  await wrong('voice', { provider: '11labs', voiceId: 7 }, 'voiceId');
  await wrong('integrations', {}, 'provider');
  await wrong('integrations', { pmsConnected: true }, 'provider');
  await wrong('integrations', { provider: 'paper' }, 'provider');
  await wrong('integrations', { pmsConnected: 'yes', provider: 'sikka' },
    'pmsConnected');
  await wrong('integrations', { pmsConnected: true, provider: 'sikka',
    skipped: true }, 'skipped');
  await wrong('integrations', { provider: 'sikka', pmsProvider: 'builtin' },
    'pmsProvider');
  await wrong('phone', {}, 'method');
  await wrong('phone', { method: 'pigeon' }, 'method');
  await wrong('phone', { method: 'sip', settings: 'x' }, 'settings');
  await wrong('phone', { method: 'porting', settings: { number: '555' } },
    'settings.number');
  await wrong('phone', { method: 'new', settings: { areaCode: '4155' } },
    'settings.areaCode');
  await wrong('phone', { method: 'sip', settings: { sipUri: 'a b' } },
    'settings.sipUri');
  await wrong('knowledge', {}, 'files');
  await wrong('knowledge', { files: 'FAQ.pdf' }, 'files');
  await wrong('knowledge', { files: [7] }, 'files');
  await wrong('knowledge', { files: [{ id: '1', name: 'run.exe' }] }, 'files');
  await wrong('knowledge', { files: [{ id: '1', name: 'a.pdf', size: 'x' }] },
    'files');
  await wrong('knowledge', { files: Array(51).fill({ id: '1',
    name: 'a.pdf' }) }, 'files');
  assert.deepEqual((await w.progress()).progress, {});
});

test('a circle of transfers is refused', async () => {
  const w = await wizard();
  const settings = { originalPhoneNumber: '+14155550150',
    forwardTo: '+14155550151', staffForwardNumber: '+14155550150' };

  assert.deepEqual(fieldsOf(await w.client.wrong(400, 'input', 'POST',
    w.at('phone'), { method: 'forwarding', settings })),
  ['settings.staffForwardNumber']);
  await w.save('phone', { method: 'forwarding', settings: { ...settings,
    mode: 'no_answer' } });
});

test('unknown steps, foreign accounts, no session', async () => {
  const w = await wizard();
  const other = await wizard();

  await w.client.wrong(404, 'missing', 'POST', w.at('payment'), {});
  await w.client.wrong(405, 'not_allowed', 'PUT', w.at('voice'), steps.voice);
  for (const [method, step, json] of [['GET', 'progress'],
    ['DELETE', 'progress'], ['GET', 'knowledge'],
    ...order.map((s) => ['POST', s, steps[s]])])
    for (const account of [other.id, 'none', `${w.id}x`])
      await w.client.wrong(404, 'missing', method,
        `/api/setup/${account}/${step}`, json);
  await stack.client().wrong(401, 'auth', 'GET', w.at('progress'));
  assert.deepEqual((await other.progress()).progress, {});
});

test('a step that is too large is refused clearly', async () => {
  const w = await wizard();
  const big = (n) => ({ ...steps.voice, note: 'x'.repeat(n) });

  for (const n of [70000, 5 << 20]) {
    await w.client.wrong(413, 'too_large', 'POST', w.at('voice'), big(n));
    await w.client.wrong(413, 'too_large', 'POST', w.at('knowledge'),
      { ...steps.knowledge, note: 'x'.repeat(n) });
  }
  await w.save('voice', big(60000));
});

test('secrets are covered in what is shown', async () => {
  const w = await wizard();
  const data = { method: 'sip', settings: { sipPassword: 'hunter2-hunter2',
    nested: [{ apiKey: 'key-1234567890' }], accountPin: '4711' } };
  const got = await w.save('phone', data);

  assert.deepEqual(got.phone.data, { method: 'sip', settings: {
    sipPassword: '****ter2', nested: [{ apiKey: '****7890' }],
    accountPin: '****1' } });
  for (const log of stack.logs())
    assert.ok(!log.text.includes('hunter2'), log.name);
});

test('DELETE starts over', async () => {
  const w = await wizard();

  for (const step of order)
    await w.save(step);
  const gone = await w.client.want(200, 'DELETE', w.at('progress'));
  assert.equal(gone.success, true);
  assert.deepEqual(gone.progress, {});
  assert.equal(gone.lastStep, null);
  assert.equal(gone.setup_completed_at, null);
  const again = await w.save('voice');
  assert.deepEqual(Object.keys(again.progress), ['voice']);
});

test('the two lines in the log', async () => {
  const w = await wizard();

  await w.save('voice');
  const lines = stack.logs().flatMap((f) => f.text.split('\n'))
    .map((l) => Buffer.from(l, 'latin1').toString('utf8'));
  const first = lines.findIndex((l) => l.includes(
    `[Setup API] POST voice: Saving voice progress for account ${w.id}`));
  assert.ok(first >= 0);
  assert.ok(lines.slice(first).some((l) =>
    l.includes('✓ Setup progress saved successfully')));
});

test('50 writers at once lose nothing', async () => {
  const w = await wizard();
  const writes = Array.from({ length: 50 }, (_, i) => {
    const step = order[i % order.length];
    return [step, step === 'knowledge' ? { files: [], tab: i } :
      { ...steps[step], tab: i }];
  });
  const replies = await Promise.all(writes.map(([step, data]) =>
    w.client.post(w.at(step), data)));

  for (const reply of replies)
    assert.equal(reply.status, 200, reply.text);
  const got = await w.progress();
  assert.deepEqual(Object.keys(got.progress), order);
  for (const step of order) {
    const sent = writes.filter(([s]) => s === step).map(([, data]) => data);
    assert.ok(sent.some((data) => JSON.stringify(data)
      === JSON.stringify(got[step].data)), step);
  }
  assert.match(got.setup_completed_at, time);
});

test('the four steps complete the onboarding everywhere', async () => {
  const w = await wizard();

  for (const step of order)
    await w.save(step);
  const session = await w.client.want(200, 'GET', '/api/auth/session');
  assert.equal(session.user.onboarding_completed, true);
  const done = await w.client.want(200, 'POST',
    '/api/v1/user/complete-onboarding');
  const { onboarding_completed_at: at } = await w.progress();
  assert.equal(done.onboarding_completed_at, at);
  const other = await wizard();
  const first = await other.client.want(200, 'POST',
    '/api/v1/user/complete-onboarding');
  const seen = await other.progress();
  assert.equal(seen.onboarding_completed_at, first.onboarding_completed_at);
  assert.equal(seen.setup_completed_at, null);
});

test('the voice comes to the assistant', async () => {
  const b = await onboard(stack, { assistant: false });
  const id = b.session.user.account_id;
  const { voice, ...bare } = seedAssistant;
  const path = `/api/setup/${id}/voice`;
  const find = (name) => [...stack.vapi.assistants.values()]
    .find((a) => a.name === name && a.metadata.frontdesk_account === id)
    ?.voice;
  const isVoice = (name, v) => until(`the voice of ${name}`, () =>
    JSON.stringify(find(name)) === JSON.stringify(v));

  await b.client.want(201, 'POST', '/api/assistants', { ...bare,
    name: 'One' });
  await b.client.want(200, 'POST', path, steps.voice);
  await isVoice('One', { provider: '11labs', voiceId: steps.voice.voiceId });
  await b.client.want(201, 'POST', '/api/assistants', { ...bare,
    name: 'Two' });
  await isVoice('Two', { provider: '11labs', voiceId: steps.voice.voiceId });
  await b.client.want(201, 'POST', '/api/assistants', { ...bare,
    name: 'Three', voice });
  await b.client.want(200, 'POST', path, { provider: 'elevenlabs',
    voiceId: 'sarah' });
  await isVoice('One', { provider: '11labs', voiceId: 'sarah' });
  await isVoice('Two', { provider: '11labs', voiceId: 'sarah' });
  assert.deepEqual(find('Three'), voice);
});

test('the number is attached', async () => {
  const b = await onboard(stack, { assistant: false });
  const id = b.session.user.account_id;
  const number = newNumber();

  await b.client.want(200, 'POST', `/api/setup/${id}/phone`, {
    method: 'new_number', settings: { phoneNumber: number,
      staffForwardNumber: '+14155550177' } });
  const studio = await until('the number in the studio', async () => {
    const s = await b.client.want(200, 'GET', '/api/user/studio-config');
    return s.number === number && s;
  });
  assert.equal(studio.transfer_number, '+14155550177');
});

/** Rows of `integration`, which has no address of its own here. */
function integrations(account) {
  const r = spawnSync(join(root, 'build/obj/tests/db/look'),
    [`SELECT name, type, status, settings FROM integration WHERE account_id =
    '${account}' ORDER BY name`], { env: cleanEnv(stack.env),
    encoding: 'utf8' });

  assert.equal(r.status, 0, r.stderr);
  return r.stdout.trim().split('\n').filter(Boolean);
}

test('steps become integrations; one PMS at a time', async () => {
  const w = await wizard();
  const isThere = (what, want) => until(what, () =>
    JSON.stringify(integrations(w.id)) === JSON.stringify(want));
  const phone = 'Phone|telephony|disconnected|{"method":"sip","number":null}';
  const book = (status) => `Built-in book|pms|${status}|`
    + '{"provider":"builtin","connectionId":null}';
  const sikka = (status) => `Sikka|pms|${status}|`
    + '{"provider":"sikka","connectionId":"conn_1"}';
  const voice = `Voice|voice|disconnected|${JSON.stringify({
    provider: steps.voice.provider, voiceId: steps.voice.voiceId })}`;

  await w.save('phone');
  await w.save('voice');
  await w.save('integrations', { provider: 'builtin' });
  await isThere('three rows', [book('connected'), phone, voice]);
  await w.save('integrations', { pmsConnected: true, provider: 'sikka',
    pmsConnectionId: 'conn_1' });
  await isThere('another PMS, which nobody has connected yet',
    [book('disconnected'), phone, sikka('disconnected'), voice]);
  await w.save('integrations', { provider: 'none' });
  await isThere('none', [book('disconnected'), phone, sikka('disconnected'),
    voice]);
});
