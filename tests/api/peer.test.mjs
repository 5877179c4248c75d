// Vapi hangs, lies, refuses and breaks off: the answer is clear, nothing is
// lost, and no assistant is made twice. The tests run side by side; a fault
// hits only requests with the key of its own business.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { sleep, until } from '../fake/net.mjs';
import { onboard, seedAssistant } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let vapi;
const on = 'POST /assistant';
const patience = 700;
/* More at once would meet nginx's limit of places in the slow pool. */
const concurrency = 6;

before(async () => {
  stack = await startStack({ env: {
    FRONTDESK_PEER_TIMEOUT_MS: String(patience) } });
  ({ vapi } = stack);
});

/* A business whose requests at Vapi meet these faults. */
async function business(...faults) {
  const b = await onboard(stack, { assistant: false });

  b.fail = (...list) => vapi.fail(...list.map((f) =>
    ({ ...f, key: b.vapiKey })));
  b.fail(...faults);
  b.post = () => b.client.post('/api/assistants', seedAssistant);
  b.rows = async () => (await b.client.want(200, 'GET', '/api/assistants'))
    .data;
  b.active = (ms = 30000) => until('an active assistant', async () => {
    const [row] = await b.rows();
    return row.status === 'active' && row.lineUri && row;
  }, ms);
  b.log = (start) => vapi.seen(start)
    .filter((e) => e.auth === `Bearer ${b.vapiKey}`);
  return b;
}

/* How many assistants Vapi has for this row. */
const atVapi = (id) => [...vapi.assistants.values()]
  .filter((a) => a.metadata?.frontdesk_id === id);

describe('Vapi refuses', { concurrency }, () => {
  for (const mode of ['400', '401', '403', '404'])
    it(`${mode}: a clear error, no row`, async () => {
      const b = await business({ mode, on });
      const reply = await b.post();

      assert.ok([400, 409, 502].includes(reply.status), reply.text);
      const body = assertError(reply, reply.status);
      assert.match(body.error, /vapi/i);
      assert.ok(!reply.text.includes(b.vapiKey));
      assert.deepEqual(await b.rows(), []);
      await sleep(patience + 2500);
      assert.equal(b.log(on).length, 1, 'it was tried again');
    });

  it('the words of Vapi about a mistake reach the owner', async () => {
    const b = await business({ mode: '400', on,
      message: ['voice.voiceId is not yours'] });

    assert.match((await b.post()).text, /voice\.voiceId is not yours/);
  });
});

/* Nobody knows whether Vapi did it: 202, and the runner finds out. */
describe('in doubt', { concurrency }, () => {
  for (const mode of ['hang', 'drop', 'html', '409', '429', '500', 'half',
    'cut', 'create-then-hang', 'create-then-drop', 'create-then-500',
    'create-then-html'])
    it(`${mode}: pending first, in the end one assistant`, async () => {
      const b = await business({ mode, on });
      const reply = await b.post();

      assert.equal(reply.status, 202, reply.text);
      assert.equal(reply.body.status, 'pending');
      assert.equal((await b.rows()).length, 1);
      const made = await b.active();
      assert.equal(made.id, reply.body.id);
      assert.deepEqual(atVapi(made.id).map((a) => a.id), [made.vapiId]);
      const { call } = vapi.answerSip(made.lineUri);
      assert.equal(call.assistantId, made.vapiId);
    });

  /* The second one comes after the repair has made another. */
  for (const ms of [patience + 500, patience + 4300])
    it(`Vapi makes it ${ms} ms late: in the end there is one`, async () => {
      const b = await business({ mode: 'slow-create', ms, on });
      const reply = await b.post();

      assert.equal(reply.status, 202, reply.text);
      await b.active();
      await sleep(ms);
      await until('one and only one', () =>
        atVapi(reply.body.id).length === 1, 20000);
      assert.equal(atVapi(reply.body.id)[0].id,
        (await b.rows())[0].vapiId);
    });

  it('the list that the repair needs fails as well, then works', async () => {
    const b = await business({ mode: 'create-then-drop', on },
      { mode: '500', on: 'GET /assistant' },
      { mode: 'hang', on: 'GET /assistant' });
    const reply = await b.post();

    assert.equal(reply.status, 202, reply.text);
    await b.active(60000);
    assert.equal(atVapi(reply.body.id).length, 1);
  });

  it('before a second POST there is a look', async () => {
    const b = await business({ mode: 'drop', on });
    const reply = await b.post();

    await b.active();
    const methods = [...b.log(on), ...b.log('GET /assistant')]
      .sort((x, y) => x.at - y.at).map((e) => e.method);
    assert.equal(reply.status, 202);
    assert.deepEqual(methods.filter((m, i) => m !== methods[i - 1]),
      ['POST', 'GET', 'POST']);
  });
});

describe('later steps', { concurrency }, () => {
  it('a lost answer does not make a second number', async () => {
    const b = await business(
      { mode: 'create-then-drop', on: 'POST /phone-number' },
      { mode: '500', on: 'POST /phone-number' });
    const reply = await b.post();

    assert.equal(reply.status, 201, reply.text);
    const made = await b.active();
    assert.equal([...vapi.phones.values()]
      .filter((p) => p.sipUri === made.lineUri).length, 1);
  });

  it('DELETE while Vapi is down: gone here, gone there later', async () => {
    const b = await business();
    const made = (await b.post()).body;

    await b.active();
    b.fail({ mode: '503', on: 'DELETE /assistant', times: 2 });
    const reply = await b.client.delete(`/api/assistants/${made.id}`);
    assert.ok([202, 204].includes(reply.status), reply.text);
    await until('Vapi to forget it', () =>
      !vapi.assistants.has(made.vapiId), 30000);
    await until('the row to go', async () =>
      (await b.rows()).length === 0, 10000);
  });

  it('PATCH while Vapi is down says so or is made up for', async () => {
    const b = await business();
    const made = (await b.post()).body;

    await b.active();
    b.fail({ mode: '500', on: 'PATCH /assistant', times: 2 });
    const reply = await b.client.patch(`/api/assistants/${made.id}`,
      { name: 'Renamed' });
    if (reply.status >= 400) {
      assertError(reply, reply.status, 'peer');
      assert.equal((await b.rows())[0].name, made.name);
      assert.equal(vapi.assistants.get(made.vapiId).name, made.name);
    } else
      await until('Vapi to follow', () =>
        vapi.assistants.get(made.vapiId).name === 'Renamed', 30000);
  });
});
