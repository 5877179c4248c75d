// Keys of the providers: stored sealed, shown as previews, gone when deleted.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { hex32 } from '../fake/twilio.mjs';
import { newNumber, onboard, signUp } from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
const prefixes = ['/api', '/api/v1'];

before(async () => {
  stack = await startStack();
});

test('Vapi key: none, saved, replaced, deleted twice', async () => {
  for (const prefix of prefixes) {
    const { client } = await signUp(stack);
    const path = `${prefix}/vapi-settings`;
    const none = { has_vapi_key: false, vapi_api_key_preview: null };

    assert.deepEqual(await client.want(200, 'GET', path), none);
    const put = await client.post(path, { vapi_api_key: 'sk-test123' },
      { type: null });
    assert.equal(put.status, 200, put.text);
    assert.deepEqual(put.body, { has_vapi_key: true,
      vapi_api_key_preview: '****t123' });
    await client.want(200, 'POST', path,
      { vapi_api_key: 'sk-abc123xyz789' });
    assert.deepEqual(await client.want(200, 'GET', path),
      { has_vapi_key: true, vapi_api_key_preview: '****z789' });
    for (let i = 0; i < 2; i++)
      assert.equal((await client.delete(path)).status, 204);
    assert.deepEqual(await client.want(200, 'GET', path), none);
  }
});

test('Twilio credentials: the curl line of the page, then real ones',
  async () => {
    for (const prefix of prefixes) {
      const { client } = await signUp(stack);
      const path = `${prefix}/twilio-settings`;
      const sid = `AC${hex32()}`;
      const number = newNumber();

      assert.equal((await client.want(200, 'GET', path)).has_credentials,
        false);
      assert.equal((await client.want(200, 'POST', path, {
        account_sid: 'AC123', auth_token: 'token123' })).has_credentials,
      true);
      const put = await client.want(200, 'POST', path, { account_sid: sid,
        auth_token: hex32(), phone_number: number });
      const want = { has_credentials: true,
        account_sid_preview: `AC****${sid.slice(-4)}`,
        phone_number: number };
      assert.deepEqual(put, want);
      assert.deepEqual(await client.want(200, 'GET', path), want);
      for (let i = 0; i < 2; i++)
        assert.equal((await client.delete(path)).status, 204);
      assert.equal((await client.want(200, 'GET', path)).has_credentials,
        false);
    }
  });

test('a short key is not shown as its own preview', async () => {
  const { client } = await signUp(stack);
  const reply = await client.post('/api/vapi-settings',
    { vapi_api_key: 'abcd' });

  assert.doesNotMatch(reply.text, /abcd/);
});

test('mistakes are named, and say nothing of the secret', async () => {
  const { client } = await signUp(stack);
  const vapi = await client.wrong(400, 'input', 'POST',
    '/api/vapi-settings', { vapi_api_key: 7 });
  assert.deepEqual(fieldsOf(vapi), ['vapi_api_key']);
  const empty = await client.wrong(422, 'input', 'POST',
    '/api/v1/vapi-settings', {});
  assert.deepEqual(fieldsOf(empty), ['vapi_api_key']);
  const twilio = await client.wrong(400, 'input', 'POST',
    '/api/twilio-settings', { account_sid: 'XX-wrong-shape',
      auth_token: '', phone_number: 'secret-phone' });
  assert.deepEqual(fieldsOf(twilio),
    ['account_sid', 'auth_token', 'phone_number']);
});

test('a number that two accounts name: the signature tells whose call it is',
  async () => {
    const mine = await onboard(stack);
    const other = await onboard(stack);
    const calls = async (b) => (await b.client.want(200, 'GET',
      '/api/calls')).data.length;

    await other.client.want(200, 'POST', '/api/twilio-settings', {
      account_sid: other.accountSid, auth_token: other.authToken,
      phone_number: mine.number });
    const call = await mine.twilio.dial('+14155550111');
    assert.equal(call.session.assistant.id, mine.assistant.vapiId);
    assert.deepEqual([await calls(mine), await calls(other)], [1, 0]);
  });

test('no secret is in the database in clear, before and after a rotation',
  async () => {
    const { client } = await signUp(stack);
    const key = `sk-${hex32()}`;
    const token = hex32();
    const clear = (text) => stack.stored(text);

    await client.want(200, 'POST', '/api/vapi-settings',
      { vapi_api_key: key });
    await client.want(200, 'POST', '/api/twilio-settings',
      { account_sid: 'AC0123456789', auth_token: token });
    assert.ok(clear('AC0123456789') || clear('Test Owner'),
      'nothing at all is found: the test looks in the wrong place');
    assert.ok(!clear(key) && !clear(token));
    const turned = stack.run(['key', 'rotate']);
    assert.equal(turned.code, 0, turned.err);
    assert.ok(!clear(key) && !clear(token));
    assert.equal((await client.want(200, 'GET', '/api/vapi-settings'))
      .vapi_api_key_preview, `****${key.slice(-4)}`);
  });
