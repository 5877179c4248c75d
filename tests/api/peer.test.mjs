// Vapi hangs, lies, refuses and breaks off: the answer is clear, nothing is
// lost, and no assistant is made twice.
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { sleep, until } from '../fake/net.mjs';
import { onboard, seedAssistant } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let vapi;
let b;
const on = 'POST /assistant';

before(async () => {
  stack = await startStack({ env: { FRONTDESK_PEER_TIMEOUT_MS: '700' } });
  ({ vapi } = stack);
});
beforeEach(async () => {
  b = await onboard(stack, { assistant: false });
});

const post = () => b.client.post('/api/assistants', seedAssistant);
const rows = async () => (await b.client.want(200, 'GET', '/api/assistants'))
  .data;

/* How many assistants Vapi has for this row. */
const atVapi = (id) => [...vapi.assistants.values()]
  .filter((a) => a.metadata?.frontdesk_id === id);

/* Vapi refuses: nobody has anything. */
for (const mode of ['400', '401', '403', '404'])
  test(`Vapi says ${mode}: a clear error, no row`, async () => {
    const had = vapi.assistants.size;

    vapi.fail({ mode, on });
    const reply = await post();
    assert.ok([400, 409, 502].includes(reply.status), reply.text);
    const body = assertError(reply, reply.status);
    assert.match(body.error, /vapi/i);
    assert.doesNotMatch(body.error, new RegExp(b.vapiKey));
    assert.deepEqual(await rows(), []);
    await sleep(500);
    assert.equal(vapi.assistants.size, had);
  });

test('the words of Vapi about a mistake reach the owner', async () => {
  vapi.fail({ mode: '400', on, message: ['voice.voiceId is not yours'] });
  const reply = await post();

  assert.match(reply.text, /voice\.voiceId is not yours/);
});

/* Nobody knows whether Vapi did it: 202, and the runner finds out. */
const doubts = ['hang', 'drop', 'html', '409', '429', '500', 'half', 'cut',
  'create-then-hang', 'create-then-drop', 'create-then-500',
  'create-then-html'];
for (const mode of doubts)
  test(`${mode}: pending first, in the end one assistant`, async () => {
    vapi.fail({ mode, on });
    const reply = await post();

    assert.equal(reply.status, 202, reply.text);
    assert.equal(reply.body.status, 'pending');
    assert.equal((await rows()).length, 1);
    const made = await until('the runner to repair it', async () => {
      const [row] = await rows();
      return row.status === 'active' && row.lineUri && row;
    }, 20000);
    assert.equal(made.id, reply.body.id);
    assert.deepEqual(atVapi(made.id).map((a) => a.id), [made.vapiId]);
    const { call } = vapi.answerSip(made.lineUri);
    assert.equal(call.assistantId, made.vapiId);
  });

/* 1200 ms: after our patience. 5000: after the repair has made another. */
for (const ms of [1200, 5000])
  test(`Vapi makes it ${ms} ms late: in the end there is one`, async () => {
    vapi.fail({ mode: 'slow-create', ms, on });
    const reply = await post();

    assert.equal(reply.status, 202, reply.text);
    await until('the repair', async () =>
      (await rows())[0].status === 'active', 20000);
    await sleep(ms);
    const [row] = await until('one and only one', async () => {
      const all = await rows();
      return atVapi(reply.body.id).length === 1 && all;
    }, 20000);
    assert.equal(atVapi(reply.body.id)[0].id, row.vapiId);
  });

test('the list that the repair needs fails as well, then works',
  async () => {
    vapi.fail({ mode: 'create-then-drop', on },
      { mode: '500', on: 'GET /assistant', times: 2 },
      { mode: 'hang', on: 'GET /assistant' });
    const reply = await post();

    assert.equal(reply.status, 202, reply.text);
    await until('the repair', async () =>
      (await rows())[0].status === 'active', 40000);
    assert.equal(atVapi(reply.body.id).length, 1);
  });

test('the line: a lost answer does not make a second number', async () => {
  vapi.fail({ mode: 'create-then-drop', on: 'POST /phone-number' },
    { mode: '500', on: 'POST /phone-number' });
  const reply = await post();

  assert.equal(reply.status, 201, reply.text);
  const made = await until('the line', async () => {
    const [row] = await rows();
    return row.lineUri && row;
  }, 30000);
  assert.equal([...vapi.phones.values()]
    .filter((p) => p.sipUri === made.lineUri).length, 1);
});

test('DELETE while Vapi is down: gone here, gone there later', async () => {
  const made = (await post()).body;

  await until('the line', async () => (await rows())[0].lineUri);
  vapi.fail({ mode: '503', on: 'DELETE /assistant', times: 2 });
  const reply = await b.client.delete(`/api/assistants/${made.id}`);
  assert.ok([202, 204].includes(reply.status), reply.text);
  await until('Vapi to forget it', () => !vapi.assistants.has(made.vapiId),
    30000);
});

test('PATCH while Vapi is down says so or is made up for', async () => {
  const made = (await post()).body;

  vapi.fail({ mode: '500', on: 'PATCH /assistant', times: 2 },
    { mode: '500', on: 'GET /assistant/' });
  const reply = await b.client.patch(`/api/assistants/${made.id}`,
    { name: 'Renamed' });
  const here = await b.client.want(200, 'GET',
    `/api/assistants/${made.id}`);
  if (reply.status >= 400) {
    assertError(reply, reply.status, 'peer');
    assert.equal(here.name, made.name);
    assert.equal(vapi.assistants.get(made.vapiId).name, made.name);
  } else
    await until('Vapi to follow', () =>
      vapi.assistants.get(made.vapiId).name === 'Renamed', 30000);
});

test('a request is sent once: Vapi saw no POST twice without a look',
  async () => {
    vapi.log.length = 0;
    vapi.fail({ mode: 'drop', on });
    const reply = await post();
    await until('the repair', async () =>
      (await rows())[0].status === 'active', 20000);
    const mine = vapi.log.filter((e) => e.auth === `Bearer ${b.vapiKey}`
      && /^\/assistant\b/.test(e.path)).map((e) => e.method);

    assert.equal(reply.status, 202);
    assert.deepEqual(mine.filter((m, i) => m !== mine[i - 1])
      .slice(0, 3), ['POST', 'GET', 'POST']);
  });
