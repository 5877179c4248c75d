// Webhooks of Twilio: only what is signed with the number's own token.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';
import { bodyUrl, hex32, sign } from '../fake/twilio.mjs';
import { onboard } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

const { getExpectedTwilioSignature } = createRequire(import.meta.url)(
  'twilio/lib/webhooks/webhooks.js');
let stack;
let b;
let base;

before(async () => {
  stack = await startStack({ publicUrl: 'https://desk.example.com' });
  base = stack.publicUrl;
  b = await onboard(stack);
});

const post = (path, params, opt) => b.twilio.post(base + path, params, opt);
const voice = (opt, more) => post('/twilio/voice',
  b.twilio.callParams('+14155550111', more), opt);

test('what the official package signs is taken, on every path', async () => {
  for (const prefix of ['', '/api', '/api/v1'])
    for (const path of ['voice', 'voice/fallback', 'status', 'recording']) {
      const at = `${prefix}/twilio/${path}`;
      const params = b.twilio.callParams('+14155550111',
        { Body: 'Café ☎ 100% & a=b?', CallStatus: 'completed',
          RecordingSid: `RE${hex32()}`, RecordingStatus: 'completed',
          RecordingUrl: 'https://example.com/r' });
      const reply = await post(at, params, { signature:
        getExpectedTwilioSignature(b.authToken, base + at, params) });
      assert.ok([200, 204].includes(reply.status), `${at}: ${reply.text}`);
    }
});

test('queries are signed as they were sent', async () => {
  for (const query of ['?orgId=42&agent=a%2Fb', '?name=O\'Brien&q=a%20b',
    '?q=a+b', '?x=%2B1&y=&z', '?']) {
    const at = await post(`/twilio/voice${query}`,
      b.twilio.callParams('+14155550111'));
    assert.equal(at.status, 200, `${query}: ${at.text}`);
  }
});

test('everything else is 403', async () => {
  const params = b.twilio.callParams('+14155550111');
  const right = sign(b.authToken, `${base}/twilio/voice`, params);
  const wrong = [null, '', ' ', 'x', right.slice(0, -1), ` ${right}x`,
    right.toLowerCase(), `${right}=`, sign(hex32(), `${base}/twilio/voice`,
      params), sign(b.authToken, `${stack.url}/twilio/voice`, params),
    sign(b.authToken, `${base}/twilio/voice/`, params),
    sign(b.authToken, `${base}/api/twilio/voice`, params),
    sign(b.authToken, `${base}/twilio/voice`, { ...params, To: '' }),
    sign(b.authToken, `http${base.slice(5)}/twilio/voice`, params),
    sign('', `${base}/twilio/voice`, params)];

  for (const signature of wrong)
    assertError(await post('/twilio/voice', params, { signature }), 403,
      'denied');
  assert.equal((await post('/twilio/voice', params,
    { signature: right })).status, 200);
});

test('one changed, added or missing parameter is 403', async () => {
  const params = b.twilio.callParams('+14155550111');
  const signature = sign(b.authToken, `${base}/twilio/status`, params);
  const { FromZip, ...less } = params;
  const ask = (p) => post('/twilio/status', p, { signature });

  assert.equal((await ask(params)).status, 204);
  for (const p of [{ ...params, Extra: '' }, less,
    { ...params, CallStatus: 'completed' }, { ...params, FromZip: ' ' },
    { ...params, From: ['+14155550111', '+14155550112'] }])
    assertError(await ask(p), 403, 'denied');
});

test('repeated parameters are signed sorted and once', async () => {
  const reply = await post('/twilio/status', { ...b.twilio.callParams(
    '+14155550111'), Tag: ['b', 'a', 'b'] });

  assert.equal(reply.status, 204, reply.text);
});

test('numbers and accounts that nobody has', async () => {
  const unknown = { To: '+14155550190', Called: '+14155550190',
    AccountSid: `AC${hex32()}` };

  assertError(await voice({}, unknown), 403, 'denied');
  assertError(await voice({}, { ...unknown, To: '', Called: '' }), 403,
    'denied');
  assertError(await voice({}, { ...unknown, AccountSid: '' }), 403,
    'denied');
});

test('a number not told to us: its account still answers', async () => {
  const reply = await voice({}, { To: '+14155550190',
    Called: '+14155550190' });

  assert.equal(reply.status, 200, reply.text);
});

test('bodies that are no form', async () => {
  for (const body of ['', '{}', '%', '%ff%', '=', '&&&', 'To=%00',
    'a'.repeat(60000), Buffer.from([0, 255, 254])]) {
    const reply = await post('/twilio/status', {}, { body });
    assert.ok([400, 403].includes(reply.status), `${reply.status}`);
    assertError(reply, reply.status);
  }
});

test('JSON is signed through its checksum, and is no call', async () => {
  const reply = await post('/twilio/voice', {}, { body: '{"a":1}',
    headers: { 'Content-Type': 'application/json' } });

  assert.ok([400, 403].includes(reply.status), String(reply.status));
});

test('JSON that is signed through its checksum tells as a form does',
  async () => {
    const params = b.twilio.callParams('+14155550111',
      { CallStatus: 'completed', CallDuration: '9' });
    const body = JSON.stringify(params);
    const url = bodyUrl(`${base}/twilio/status`, body);
    const ask = (text, opt) => b.twilio.post(url, {}, { body: text,
      headers: { 'Content-Type': 'application/json' }, ...opt });

    assert.equal((await ask(body)).status, 204);
    const { data } = await b.client.want(200, 'GET', '/api/calls');
    assert.ok(data.some((c) => c.twilio_sid === params.CallSid
      && c.status === 'completed' && c.duration_s === 9));
    assertError(await ask(`${body} `), 403, 'denied');
    assertError(await ask(body.replace('completed', 'failed')), 403,
      'denied');
    assertError(await ask(body, { signature: sign(b.authToken,
      `${base}/twilio/status`, params) }), 403, 'denied');
  });

test('a token that was replaced signs no more, the new one does',
  async () => {
    const fresh = hex32();

    await b.client.want(200, 'POST', '/api/twilio-settings', {
      account_sid: b.accountSid, auth_token: fresh,
      phone_number: b.number });
    assertError(await voice({ token: b.authToken }), 403, 'denied');
    assert.equal((await voice({ token: fresh })).status, 200);
    b.twilio.token = fresh;
  });

test('after the credentials are gone nothing is signed', async () => {
  const one = await onboard(stack);

  assert.equal((await one.client.delete('/api/twilio-settings')).status,
    204);
  const reply = await one.twilio.post(one.twilio.voiceUrl,
    one.twilio.callParams('+14155550111'));
  assertError(reply, 403, 'denied');
});
