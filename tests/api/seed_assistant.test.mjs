// Assistants: made at Vapi with the account's own key, kept in step with it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { until } from '../fake/net.mjs';
import { addAssistant, onboard, seedAssistant, signUp }
  from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let vapi;

before(async () => {
  stack = await startStack({ vapi: { tls: true } });
  vapi = stack.vapi;
});

const bare = (more) => onboard(stack, { assistant: false, ...more });

test('the payload of the onboarding page, over TLS', async () => {
  const b = await bare();
  const reply = await b.client.post('/api/assistants', seedAssistant,
    { type: null });
  const { body } = reply;

  assert.equal(reply.status, 201, reply.text);
  assert.equal(body.status, 'active');
  for (const k of ['name', 'instructions', 'phoneNumber', 'firstMessage',
    'voice', 'model', 'metadata'])
    assert.deepEqual(body[k], seedAssistant[k], k);
  const made = vapi.assistants.get(body.vapiId);
  assert.equal(made.name, 'Ava Assistant');
  assert.equal(made.firstMessage, 'Bonjour!');
  assert.deepEqual(made.voice, seedAssistant.voice);
  assert.equal(made.model.temperature, 0.7);
  assert.deepEqual(made.model.messages, [{ role: 'system',
    content: seedAssistant.instructions }]);
  assert.equal(made.metadata.created_from, 'onboarding');
  assert.equal(made.metadata.frontdesk_id, body.id);
});

test('the assistant knows the way back: webhook and six tools',
  async () => {
    const b = await bare();
    const made = await addAssistant(b);
    const row = vapi.assistants.get(made.vapiId);
    const names = ['book-appointment', 'cancel-appointment',
      'check-availability',
      'get-patient-info', 'reschedule-appointment', 'transfer-to-human'];

    assert.equal(row.server.url, `${stack.publicUrl}/vapi/webhook`);
    assert.equal(row.server.headers['X-Vapi-Secret'], b.vapiSecret);
    assert.deepEqual(row.model.tools.map((t) => t.function.name).sort(),
      names);
    for (const t of row.model.tools) {
      assert.equal(t.server.url,
        `${stack.publicUrl}/vapi/tools/${t.function.name}`);
      assert.equal(t.server.headers['X-Vapi-Secret'], b.vapiSecret);
      assert.equal(t.function.parameters.type, 'object');
      assert.ok(t.function.description.length > 20);
    }
    assert.equal(made.lineUri, `sip:fd-${made.id}@sip.example.com`);
    const line = [...vapi.phones.values()]
      .find((p) => p.sipUri === made.lineUri);
    assert.equal(line.assistantId, made.vapiId);
  });

test('a webhook secret is made up where the owner gave none', async () => {
  const b = await bare();

  await b.client.want(200, 'POST', '/api/vapi-settings',
    { vapi_api_key: b.vapiKey });
  const made = await addAssistant(b);
  const row = vapi.assistants.get(made.vapiId);
  assert.ok(row.server.headers['X-Vapi-Secret'].length >= 16);
});

test('voices of the old names are translated', async () => {
  const b = await bare();
  const made = await b.client.want(201, 'POST', '/api/assistants', {
    name: 'Voice', instructions: 'Be polite.',
    voice: { provider: 'elevenlabs', voiceId: 'sarah' } });

  assert.equal(vapi.assistants.get(made.vapiId).voice.provider, '11labs');
});

test('mistakes are named before anybody is asked', async () => {
  const b = await bare();
  const before = vapi.seen('POST /assistant').length;
  const reply = await b.client.wrong(400, 'input', 'POST',
    '/api/assistants', { name: 'é'.repeat(41), voice: 'loud',
      model: { provider: 'openai', model: 'gpt-4o', temperature: 'warm' },
      metadata: [], phoneNumber: '12' });

  assert.deepEqual(fieldsOf(reply), ['instructions', 'metadata',
    'model.temperature', 'name', 'phoneNumber', 'voice']);
  assert.equal(vapi.seen('POST /assistant').length, before);
  const forty = await b.client.want(201, 'POST', '/api/assistants',
    { name: 'é'.repeat(40), instructions: 'Be polite.' });
  assert.equal(vapi.assistants.get(forty.vapiId).name, 'é'.repeat(40));
});

test('without a Vapi key there is nothing to make it with', async () => {
  const { client } = await signUp(stack);

  await client.wrong(409, 'conflict', 'POST', '/api/assistants',
    seedAssistant);
});

test('PATCH keeps prompt and tools when only the temperature changes',
  async () => {
    const b = await bare();
    const made = await addAssistant(b);
    const path = `/api/v1/assistants/${made.id}`;
    const before = structuredClone(vapi.assistants.get(made.vapiId).model);

    const got = await b.client.want(200, 'PATCH', path,
      { model: { provider: 'openai', model: 'gpt-4o-mini',
        temperature: 0.2 } });
    assert.equal(got.model.temperature, 0.2);
    await until('Vapi to know', () =>
      vapi.assistants.get(made.vapiId).model.temperature === 0.2);
    const { model } = vapi.assistants.get(made.vapiId);
    assert.deepEqual(model.messages, before.messages);
    assert.equal(model.tools.length, 6);
    const renamed = await b.client.want(200, 'PATCH', path,
      { name: 'Ava II', instructions: 'Be brief.', firstMessage: null });
    assert.equal(renamed.firstMessage, null);
    await until('Vapi to know the prompt', () => vapi.assistants
      .get(made.vapiId).model.messages[0].content === 'Be brief.');
    assert.equal(vapi.assistants.get(made.vapiId).name, 'Ava II');
  });

test('GET lists and finds, DELETE removes at Vapi too', async () => {
  const b = await bare();
  const one = await addAssistant(b);
  const two = await addAssistant(b, { ...seedAssistant, name: 'Second' });
  const list = await b.client.want(200, 'GET', '/api/assistants');

  assert.deepEqual(list.data.map((a) => a.id).sort(),
    [one.id, two.id].sort());
  assert.equal(list.next_cursor, null);
  assert.equal((await b.client.delete(`/api/assistants/${one.id}`)).status,
    204);
  await b.client.wrong(404, 'missing', 'GET', `/api/assistants/${one.id}`);
  await until('Vapi to forget it', () => !vapi.assistants.has(one.vapiId)
    && ![...vapi.phones.values()].some((p) => p.sipUri === one.lineUri));
  await b.client.wrong(404, 'missing', 'DELETE',
    `/api/assistants/${one.id}`);
  assert.ok(vapi.assistants.has(two.vapiId));
});

test('an assistant that somebody deleted at Vapi can be deleted here',
  async () => {
    const b = await bare();
    const made = await addAssistant(b);

    vapi.assistants.delete(made.vapiId);
    assert.equal((await b.client.delete(`/api/assistants/${made.id}`))
      .status, 204);
  });
