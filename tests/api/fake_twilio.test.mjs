// The Twilio stand-in signs like the official package, and reads TwiML as
// strictly as the real one.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { bodyUrl, form, sign } from '../fake/twilio.mjs';
import { readTwiml } from '../fake/twiml.mjs';
import { parseXml } from '../fake/xml.mjs';
import { randomCases, vectors } from '../lib/vectors.mjs';

const require = createRequire(import.meta.url);
const official = require('twilio');
const { getExpectedTwilioSignature } = require(
  'twilio/lib/webhooks/webhooks.js');

test('known signatures', () => {
  for (const v of vectors) {
    assert.equal(sign(v.token, v.url, v.params), v.signature, v.name);
    assert.ok(official.validateRequest(v.token, v.signature, v.url,
      v.params), v.name);
  }
});

test('200 random signatures equal those of the official package', () => {
  for (const c of randomCases(200))
    assert.equal(sign(c.token, c.url, c.params),
      getExpectedTwilioSignature(c.token, c.url, c.params));
});

test('a body that is no form is signed through its checksum', () => {
  const body = '{"property": "value", "boolean": true}';
  const url = bodyUrl('https://api.example.com/webhooks/twilio/json', body);
  const v8 = vectors.find((v) => v.name === 'V8');

  assert.equal(url, v8.url);
  assert.ok(official.validateRequestWithBody(v8.token, v8.signature, url,
    body));
  assert.ok(!official.validateRequestWithBody(v8.token, v8.signature, url,
    `${body} `));
});

test('forms survive a round trip', () => {
  for (const c of randomCases(50)) {
    const back = new URLSearchParams(form(c.params));
    for (const [k, v] of Object.entries(c.params))
      assert.deepEqual(back.getAll(k), [v].flat());
  }
});

const answer = (text, type = 'text/xml', status = 200) => ({ status,
  headers: { 'content-type': type }, raw: Buffer.from(text) });
const head = '<?xml version="1.0" encoding="UTF-8"?>';

test('TwiML of the official package is read', () => {
  const made = new official.twiml.VoiceResponse();
  made.say({ language: 'en-US' }, 'Hello <Bob> & "Co"');
  const dial = made.dial({ action: '/done?x=1&y=2', answerOnBridge: true,
    callerId: '+14155550100' });
  dial.sip('sip:fd-1@sip.example.com?X-Org=42&X-b=1');
  const verbs = readTwiml(answer(made.toString()));

  assert.deepEqual(verbs.map((v) => v.name), ['Say', 'Dial']);
  assert.equal(verbs[0].text, 'Hello <Bob> & "Co"');
  assert.equal(verbs[1].attrs.action, '/done?x=1&y=2');
  assert.equal(verbs[1].kids[0].text,
    'sip:fd-1@sip.example.com?X-Org=42&X-b=1');
});

test('flawed TwiML is refused', () => {
  const bad = ['<Response><Say>a & b</Say></Response>',
    '<Response><Say>a</Response>', '<Response/><Response/>',
    '<Response><say>a</say></Response>', '<response/>',
    '<Response><Dial timeot="3">+14155550100</Dial></Response>',
    '<Response><Dial answerOnBridge="yes">+14155550100</Dial></Response>',
    '<Response><Dial></Dial></Response>', '<Response>text</Response>',
    '<Response><Dial><Sip>fd-1@sip.example.com</Sip></Dial></Response>',
    '<Response><Record maxLength="a"/></Response>',
    '<Response><Say><Dial/></Say></Response>', '', 'Hello',
    '<!DOCTYPE x><Response/>', '<Response><Say a="1" a="2"/></Response>'];

  for (const text of bad)
    assert.throws(() => readTwiml(answer(head + text)), text);
  assert.throws(() => readTwiml(answer('<Response/>', 'text/html')), /12300/);
  assert.throws(() => readTwiml(answer('<Response/>', 'text/xml', 500)),
    /11200/);
  assert.deepEqual(readTwiml(answer(`${head}<Response/>`)), []);
});

test('the XML reader keeps text and attributes', () => {
  const root = parseXml('<a b="1 &lt; 2" c=\'"\'>x&#233;&#x260E;<d/>y</a>\n');

  assert.deepEqual(root.attrs, { b: '1 < 2', c: '"' });
  assert.equal(root.text, 'xé☎y');
  assert.equal(root.kids[0].name, 'd');
});
