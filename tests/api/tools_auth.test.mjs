// Who may call the tools: every style of secret, and nobody else.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { authHeaders } from '../fake/vapi-call.mjs';
import { onboard, sessionOf, workday } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let b;
let s;
const call = () => [{ id: 'c1', name: 'check-availability',
  args: { date: workday(3) } }];
const styles = ['secret', 'bearer', 'hmac-ms', 'hmac-s', 'signature'];

before(async () => {
  stack = await startStack();
  b = await onboard(stack);
  s = sessionOf(b);
});

test('each style with the right secret', async () => {
  for (const style of styles)
    for (const webhook of [false, true]) {
      const got = await s.tools(call(), { style, secret: b.vapiSecret,
        webhook });
      assert.ok(got[0].result, `${style}: ${got[0].error}`);
    }
});

test('each style with a wrong secret, and none at all', async () => {
  const wrong = [`${b.vapiSecret}x`, b.vapiSecret.slice(0, -1), 'x',
    b.vapiSecret.toUpperCase()];

  for (const style of styles)
    for (const secret of wrong)
      assertError(await s.toolsRaw(call(), { style, secret }), 401, 'auth');
  assertError(await s.toolsRaw(call(), { style: 'none' }), 401, 'auth');
  for (const headers of [{ 'X-Vapi-Secret': '' },
    { Authorization: 'Bearer ' }, { 'x-signature': '' },
    { 'x-vapi-signature': b.vapiSecret }, { 'x-vapi-signature': 'sha256=' },
    { Authorization: `Basic ${b.vapiSecret}` },
    { Authorization: `Bearer ${b.session.access_token}` }])
    assertError(await s.toolsRaw(call(), { style: 'none', headers }), 401,
      'auth');
});

test('a signature is over the body as it was sent', async () => {
  const body = JSON.stringify(s.envelope('status-update',
    { status: 'in-progress' }));
  const server = s.assistant.server;
  const good = authHeaders('signature', b.vapiSecret, body);
  const spaced = `${body} `;

  assert.equal((await s.post(server, body, { style: 'none',
    headers: good })).status, 200);
  assertError(await s.post(server, spaced, { style: 'none',
    headers: good }), 401, 'auth');
  assert.equal((await s.post(server, spaced, { style: 'none',
    headers: authHeaders('signature', b.vapiSecret, spaced) })).status, 200);
});

test('an old timestamp is a replay', async () => {
  const body = JSON.stringify(s.envelope('hang', {}));
  const hour = 3600000;

  for (const [age, status] of [[0, 200], [60000, 200], [hour, 401],
    [-hour, 401]])
    for (const style of ['hmac-ms', 'hmac-s']) {
      const headers = authHeaders(style, b.vapiSecret, body,
        Date.now() - age);
      const reply = await s.post(s.assistant.server, body,
        { style: 'none', headers });
      assert.equal(reply.status, status, `${style} ${age}: ${reply.text}`);
    }
  const headers = authHeaders('hmac-s', b.vapiSecret, body);
  delete headers['x-timestamp'];
  assertError(await s.post(s.assistant.server, body, { style: 'none',
    headers }), 401, 'auth');
});

test('an assistant that nobody knows', async () => {
  for (const change of [{ assistantId: 'unknown' }, { assistantId: null },
    { assistantId: '' }, { assistantId: 7 }, { assistantId: {} }]) {
    const other = { ...s.call, phoneNumberId: undefined, ...change };
    const body = { message: { type: 'tool-calls', call: other,
      toolCallList: [{ id: 'c1', name: 'check-availability',
        arguments: {} }] } };
    const reply = await s.post(s.assistant.server, body, { style: 'secret',
      secret: b.vapiSecret });
    assertError(reply, 401, 'auth');
  }
});

test('bodies that are no webhook', async () => {
  const server = s.serverOf('check-availability');

  for (const body of ['', '{', '[]', 'null', '{}', '{"message":[]}',
    '{"message":{}}', '{"message":{"type":7}}', '\0',
    `{"message":${'['.repeat(1000)}`, '{"message":{"call":"x"}}']) {
    const reply = await s.post(server, body);
    assert.ok([400, 401].includes(reply.status), `${body.slice(0, 40)}: ${
      reply.status}`);
    assertError(reply, reply.status);
  }
});

test('huge reports are taken, beyond reason they are refused', async () => {
  const lines = Array.from({ length: 4000 }, (_, i) =>
    ({ role: 'user', message: `line ${i} ${'word '.repeat(30)}` }));
  const big = await s.report({ artifact: { messages: lines,
    transcript: 'x'.repeat(100000) } });
  assert.equal(big.status, 200);
  const body = `{"message":{"x":"${'x'.repeat(6 << 20)}"}}`;
  const reply = await s.post(s.assistant.server, body);
  assertError(reply, 413, 'too_large');
});
