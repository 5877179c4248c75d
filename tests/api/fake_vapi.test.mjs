// The Vapi stand-in refuses what the real one refuses.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { send } from '../fake/net.mjs';
import { authHeaders, callAssistant, shapeNames, toolMembers }
  from '../fake/vapi-call.mjs';
import { startVapi } from '../fake/vapi.mjs';

const key = 'sk-right';
let vapi;

async function ask(method, path, body, auth = `Bearer ${key}`) {
  const headers = { 'Content-Type': 'application/json' };
  if (auth)
    headers.Authorization = auth;
  const r = await send(vapi.url + path, { method, headers,
    caFile: vapi.caFile, timeoutMs: 2000,
    body: body === undefined ? undefined : JSON.stringify(body) });
  return { ...r, body: JSON.parse(r.text) };
}

before(async () => {
  vapi = await startVapi({ tls: true, keys: [key, 'sk-other'] });
});
after(() => vapi.stop());

test('keys', async () => {
  const none = await ask('GET', '/assistant', undefined, null);
  const wrong = await ask('GET', '/assistant', undefined, 'Bearer sk-wrong');

  assert.deepEqual(none.body, { message: 'Missing Authorization Header.',
    error: 'Unauthorized', statusCode: 401 });
  assert.match(wrong.body.message, /^Invalid Key\. Hot tip,/);
});

test('the payload of the onboarding page is refused as it is', async () => {
  const r = await ask('POST', '/assistant', { name: 'x'.repeat(41),
    instructions: 'Be polite', phoneNumber: '+14155550199',
    voice: { provider: 'elevenlabs', voiceId: 'sarah' },
    model: { provider: 'openai', temperature: 3 },
    server: { url: 'https://example.com', secret: 's' } });

  assert.equal(r.status, 400);
  assert.equal(r.body.error, 'Bad Request');
  for (const text of ['property instructions should not exist',
    'property phoneNumber should not exist',
    'name must be shorter than or equal to 40 characters',
    'server.property secret should not exist',
    'model.model should not be empty',
    'model.temperature must not be greater than 2'])
    assert.ok(r.body.message.includes(text), text);
  assert.ok(r.body.message.some((m) => m.startsWith('voice.provider must')));
});

test('PATCH replaces the model as a whole; DELETE answers the row', async () => {
  const model = { provider: 'openai', model: 'gpt-4o',
    messages: [{ role: 'system', content: 'Be polite' }] };
  const made = await ask('POST', '/assistant', { name: 'A', model });
  const path = `/assistant/${made.body.id}`;

  assert.equal(made.status, 201);
  const poor = await ask('PATCH', path, { model: { temperature: 0.2 } });
  assert.equal(poor.status, 400);
  const bare = await ask('PATCH', path, { model: { provider: 'openai',
    model: 'gpt-4o' } });
  assert.equal(bare.body.model.messages, undefined);
  assert.equal(bare.body.name, 'A');
  const foreign = await ask('GET', path, undefined, 'Bearer sk-other');
  assert.equal(foreign.status, 404);
  const gone = await ask('DELETE', path);
  assert.deepEqual([gone.status, gone.body.id], [200, made.body.id]);
  assert.equal((await ask('GET', path)).status, 404);
});

test('lists are bare, newest first, with filters', async () => {
  const from = new Date().toISOString();
  const ids = [];
  for (const name of ['L1', 'L2', 'L3'])
    ids.unshift((await ask('POST', '/assistant', { name })).body.id);
  const all = await ask('GET', `/assistant?createdAtGe=${from}`);
  const two = await ask('GET', `/assistant?limit=2&createdAtGe=${from}`);

  assert.deepEqual(all.body.map((a) => a.id), ids);
  assert.deepEqual(two.body.map((a) => a.id), ids.slice(0, 2));
  assert.equal((await ask('GET', '/assistant?limit=1001')).status, 400);
  assert.equal((await ask('GET', '/assistant?name=L1')).status, 400);
});

test('one SIP address belongs to one number', async () => {
  const made = await ask('POST', '/assistant', { name: 'S' });
  const body = { provider: 'vapi', sipUri: 'sip:fd-1@sip.vapi.ai',
    assistantId: made.body.id, name: 'line' };

  assert.equal((await ask('POST', '/phone-number', body)).status, 201);
  assert.equal((await ask('POST', '/phone-number', body)).status, 400);
  assert.equal((await ask('POST', '/phone-number', { ...body,
    sipUri: 'sip:fd-2@other.example.com' })).status, 400);
  const { call } = vapi.answerSip('sip:fd-1@sip.vapi.ai?X-Caller=%2B1415',
    {});
  assert.equal(call.assistantId, made.body.id);
  assert.equal(call.customer.number, '+1415');
});

test('each fault is what it says', async () => {
  const post = () => ask('POST', '/assistant', { name: 'F' });
  const count = async () => (await ask('GET', '/assistant?limit=1000'))
    .body.filter((a) => a.name === 'F').length;
  const modes = { hang: 0, drop: 0, html: 0, 401: 0, 429: 0, 500: 0,
    half: 1, cut: 1, 'create-then-drop': 1, 'create-then-html': 1 };

  for (const [mode, rows] of Object.entries(modes)) {
    const had = await count();
    vapi.fail({ mode, on: 'POST /assistant' });
    await assert.rejects(async () => {
      const r = await post();
      assert.ok(r.status < 400, `HTTP ${r.status}`);
    }, mode);
    assert.equal(await count() - had, rows, mode);
  }
});

test('tool calls in every shape carry the same things', () => {
  for (const shape of shapeNames) {
    const m = toolMembers([{ id: 'c1', name: 'f', args: { a: 1 } }], shape);
    const one = m.toolCallList[0];
    assert.equal(one.id ?? one.toolCallId, 'c1');
    assert.equal(one.name ?? one.function.name, 'f');
    assert.deepEqual(m.toolWithToolCallList[0].toolCall, one);
  }
});

test('authentication styles follow the known vectors', () => {
  const body = '{"message":{"type":"status-update","status":"ended",'
    + '"call":{"id":"c1"}}}';
  const ms = authHeaders('hmac-ms', 'whsec_test', body, 1750000000000);
  const plain = authHeaders('signature', 'whsec_test', body);

  assert.equal(ms['x-signature'], 'edcd906b82b65cf9d8831934c2f19562'
    + 'a942e103a0c48ab3b5567d926f11ae21');
  assert.equal(plain['x-vapi-signature'], 'sha256='
    + 'e0b03b7cc15650424cfc22f55a5c4d209fa06ceed0863beb117753124d2eca82');
});

test('an answer that Vapi would ignore is an error here', async () => {
  const http = await import('node:http');
  const answers = ['{"results":[{"toolCallId":"c1","result":"a\\nb"}]}',
    '{"results":[{"toolCallId":"c2","result":"a"}]}', '{"results":[]}',
    '{"results":[{"toolCallId":"c1","result":{"a":1}}]}'];
  const server = http.createServer((req, res) => {
    res.end(answers.shift());
  }).listen(0, '127.0.0.1');
  await new Promise((ok) => server.once('listening', ok));
  const url = `http://127.0.0.1:${server.address().port}`;
  const s = callAssistant(vapi, { id: 'a', orgId: 'o', server: { url } },
    { from: '+14155550111' });

  for (let n = answers.length; n > 0; n--)
    await assert.rejects(s.tools([{ id: 'c1', name: 'f', args: {} }]));
  server.close();
});
