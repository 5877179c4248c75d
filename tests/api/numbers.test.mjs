// Telephone numbers: searched, bought once, led here and let go, and whose
// they are.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { hex32 } from '../fake/twilio.mjs';
import { until } from '../fake/net.mjs';
import { newNumber, onboard, signUp } from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startPhone } from '../lib/phone.mjs';

let stack;
let rest;
let b;
const path = '/api/twilio/numbers';

before(async () => {
  stack = await startPhone({ smtp: false });
  rest = stack.rest;
  b = await onboard(stack);
});

const forSale = () => {
  const number = newNumber();
  rest.offer(number);
  return number;
};
const buy = (number, more) => b.client.post(path,
  { number, strategy: 'purchase', buy: true, ...more });
const one = (id) => b.client.want(200, 'GET', `${path}/${id}`);
const settled = (id, status) => until(`the number to be ${status}`,
  async () => {
    const row = await one(id);
    return row.status === status && row;
  }, 20000);
const tasks = async () =>
  (await b.client.want(200, 'GET', '/api/tasks')).data;
/* Saving the same credentials makes the daily look come at once. */
const check = (who = b) => who.client.want(200, 'POST',
  '/api/twilio-settings', { account_sid: who.accountSid,
    auth_token: who.authToken });

function leadsHere(number) {
  const at = rest.find(number);
  const base = stack.publicUrl;

  assert.equal(at.voice_url, `${base}/twilio/voice`);
  assert.equal(at.voice_fallback_url, `${base}/twilio/voice/fallback`);
  assert.equal(at.status_callback, `${base}/twilio/status`);
  assert.equal(at.sms_url, `${base}/twilio/messages`);
  assert.equal(at.voice_application_sid, '');
  assert.equal(at.trunk_sid, null);
}

test('numbers that can be bought', async () => {
  const number = forSale();
  const list = await b.client.want(200, 'GET',
    `${path}/available?contains=${number.slice(2, 12)}&sms=true`);

  assert.deepEqual(list.data.map((n) => n.number), [number]);
  assert.equal(list.data[0].sms, true, 'capabilities in capitals count');
  const none = await b.client.want(200, 'GET',
    `${path}/available?contains=99999999`);
  assert.deepEqual(none.data, []);
  await b.client.wrong(400, 'input', 'GET', `${path}/available?country=XX`);
  for (const query of ['country=us', 'contains=1', 'contains=a%20b',
    'area_code=1', 'type=pager', 'limit=0', 'sms=maybe'])
    await b.client.wrong(400, 'input', 'GET', `${path}/available?${query}`);
});

test('nothing is bought without saying so', async () => {
  const number = forSale();

  for (const more of [{}, { buy: false }, { buy: null }]) {
    const reply = await b.client.wrong(400, 'input', 'POST', path,
      { number, strategy: 'purchase', ...more });
    assert.deepEqual(fieldsOf(reply), ['buy']);
  }
  for (const body of [{}, { number }, { strategy: 'attach' },
    { number: '4155550100', strategy: 'attach' },
    { number, strategy: 'rent' }, { number, strategy: 'attach', extra: 1 },
    { number, strategy: 'purchase', buy: 'true' }])
    await b.client.wrong(400, 'input', 'POST', path, body);
  assert.equal(rest.bought.length, 0);
});

test('a number is bought, leads here, and is released for good',
  async () => {
    const number = forSale();
    const reply = await buy(number);

    assert.equal(reply.status, 201, reply.text);
    assert.equal(reply.body.status, 'active');
    assert.equal(reply.body.bought, true);
    assert.equal(reply.body.routing, 'sip');
    assert.equal(reply.body.sms, true);
    assert.deepEqual(rest.bought.filter((n) => n === number), [number]);
    leadsHere(number);
    await b.client.wrong(409, 'conflict', 'POST', path,
      { number, strategy: 'purchase', buy: true });
    const call = await b.twilio.dial('+14155550111',
      { To: number, Called: number });
    assert.ok(call.session, call.document);
    const gone = await b.client.delete(
      `${path}/${reply.body.id}?release=true`);
    assert.equal(gone.status, 204, gone.text);
    assert.deepEqual(rest.released.filter((n) => n === number), [number]);
    await b.client.wrong(404, 'missing', 'GET', `${path}/${reply.body.id}`);
  });

test('a purchase without an answer is looked up, never repeated',
  async () => {
    for (const mode of ['create-then-drop', 'create-then-500', 'half',
      'create-then-html']) {
      const number = forSale();
      rest.fail({ on: 'POST /IncomingPhoneNumbers.json', mode });
      const reply = await buy(number);
      assert.equal(reply.status, 202, `${mode}: ${reply.text}`);
      assert.equal(reply.body.status, 'buying');
      await b.client.wrong(409, 'conflict', 'POST', path,
        { number, strategy: 'purchase', buy: true });
      await settled(reply.body.id, 'active');
      leadsHere(number);
      assert.equal(rest.log.filter((e) => e.method === 'POST' &&
        e.path === '/IncomingPhoneNumbers.json' &&
        e.body.includes(encodeURIComponent(number))).length, 1, mode);
    }
  });

test('a purchase that never came through fails, and says so', async () => {
  const number = forSale();

  rest.fail({ on: 'POST /IncomingPhoneNumbers.json', mode: 'drop' });
  const reply = await buy(number);
  assert.equal(reply.status, 202, reply.text);
  const row = await settled(reply.body.id, 'failed');
  assert.match(row.last_error, /could not be bought/);
  assert.ok((await tasks()).some((t) => t.kind === 'number'
    && t.ref === row.id && t.text.includes(number)));
  assert.equal(rest.bought.includes(number), false);
  // asked for again it is bought
  const again = await buy(number);
  assert.equal(again.status, 201, again.text);
  assert.equal(again.body.id, row.id);
});

test('a purchase that came through very late is found by the daily look',
  async () => {
    const number = forSale();

    rest.fail({ on: 'POST /IncomingPhoneNumbers.json', mode: 'drop' });
    const { body } = await buy(number);
    await settled(body.id, 'failed');
    rest.own(b.accountSid, number);
    await check();
    await settled(body.id, 'active');
    leadsHere(number);
  });

test('refusals leave nothing behind', async () => {
  const unknown = newNumber();
  const refused = await b.client.wrong(409, 'conflict', 'POST', path,
    { number: unknown, strategy: 'purchase', buy: true });

  assert.match(refused.body.error, /not available/);
  await b.client.wrong(404, 'missing', 'POST', path,
    { number: unknown, strategy: 'attach' });
  const number = forSale();
  rest.fail({ on: 'POST /IncomingPhoneNumbers.json', mode: '429' });
  await b.client.wrong(502, 'peer', 'POST', path,
    { number, strategy: 'purchase', buy: true });
  const list = await b.client.want(200, 'GET', path);
  for (const n of [unknown, number])
    assert.equal(list.data.some((row) => row.number === n), false);
  assert.equal((await buy(number)).status, 201);
});

test('two at once buy one', async () => {
  const number = forSale();
  const replies = await Promise.all(Array.from({ length: 6 },
    () => buy(number)));

  assert.equal(replies.filter((r) => r.status === 201).length, 1);
  for (const r of replies)
    assert.ok([201, 409, 503].includes(r.status), r.text);
  assert.deepEqual(rest.bought.filter((n) => n === number), [number]);
});

test('a number of the account is attached and put back as it was',
  async () => {
    const number = newNumber();
    const was = { voice_url: 'https://old.example.com/voice',
      sms_url: 'https://old.example.com/sms', voice_method: 'GET',
      trunk_sid: `TK${hex32()}` };

    rest.own(b.accountSid, number, was);
    const before = await b.client.want(200, 'GET', path);
    assert.equal(before.complete, true);
    assert.equal(before.data.find((n) => n.number === number).status,
      'elsewhere');
    const row = await b.client.want(201, 'POST', path,
      { number, strategy: 'attach' });
    assert.equal(row.bought, false);
    leadsHere(number);
    assert.equal((await b.client.delete(`${path}/${row.id}`)).status, 204);
    const now = rest.find(number);
    for (const [k, v] of Object.entries(was))
      assert.equal(now[k], v, k);
    assert.equal(now.status_callback, '');
  });

test('who has led it elsewhere keeps it so when it is detached',
  async () => {
    const number = newNumber();
    const at = rest.own(b.accountSid, number);
    const row = await b.client.want(201, 'POST', path,
      { number, strategy: 'attach' });

    Object.assign(at, { voice_url: 'https://new.example.com/',
      sms_url: 'https://new.example.com/sms' });
    assert.equal((await b.client.delete(`${path}/${row.id}`)).status, 204);
    assert.equal(rest.find(number).voice_url, 'https://new.example.com/');
  });

test('drift is seen by the daily look and mended on demand', async () => {
  const number = newNumber();
  const at = rest.own(b.accountSid, number);
  const row = await b.client.want(201, 'POST', path,
    { number, strategy: 'attach' });

  at.voice_url = 'https://elsewhere.example.com/';
  await check();
  const seen = await until('the drift', async () => {
    const now = await one(row.id);
    return now.drift && now;
  });
  assert.match(seen.drift, /voice_url/);
  assert.equal(at.voice_url, 'https://elsewhere.example.com/',
    'it is not changed without being asked');
  assert.ok((await tasks()).some((t) => t.ref === row.id));
  const mended = await b.client.want(200, 'POST',
    `${path}/${row.id}/provision`, {});
  assert.equal(mended.drift, null);
  leadsHere(number);
  at.trunk_sid = `TK${hex32()}`;
  await check();
  await until('the trunk', async () => /trunk/.test((await one(row.id)).drift));
  rest.numbers.delete(at.sid);
  await check();
  await until('its loss', async () =>
    /no longer in/.test((await one(row.id)).drift));
});

test('Twilio away: what is ours is told all the same', async () => {
  const row = await b.client.want(201, 'POST', path,
    { number: forSale(), strategy: 'purchase', buy: true });

  rest.fail({ on: 'GET /IncomingPhoneNumbers.json', mode: 'html',
    status: 502 });
  const list = await b.client.want(200, 'GET', path);
  assert.equal(list.complete, false);
  assert.ok(list.data.some((n) => n.id === row.id));
  rest.fail({ on: 'POST /IncomingPhoneNumbers/', mode: '500' });
  const later = await b.client.post(`${path}/${row.id}/provision`, {});
  assert.equal(later.status, 202, later.text);
  assert.equal(later.body.status, 'attaching');
  await settled(row.id, 'active');
  rest.fail({ on: 'DELETE', mode: 'create-then-500' });
  const gone = await b.client.delete(`${path}/${row.id}?release=true`);
  assert.equal(gone.status, 202, gone.text);
  await until('the row to go', async () =>
    (await b.client.get(`${path}/${row.id}`)).status === 404, 20000);
  assert.deepEqual(rest.released.filter((n) => n === row.number),
    [row.number]);
});

test('a token that is refused says what to do', async () => {
  const one = await onboard(stack, { assistant: false, own: false });

  rest.accounts.delete(one.accountSid);
  for (const [method, at, body] of [['GET', `${path}/available`],
    ['POST', path, { number: newNumber(), strategy: 'attach' }]]) {
    const reply = await one.client.wrong(409, 'conflict', method, at, body);
    assert.match(reply.body.error, /save a valid one/);
  }
  const list = await one.client.want(200, 'GET', path);
  assert.match(list.reason, /save a valid one/);
});

test('without credentials', async () => {
  const { client } = await signUp(stack);

  await client.wrong(409, 'conflict', 'GET', `${path}/available`);
  await client.wrong(409, 'conflict', 'POST', path,
    { number: newNumber(), strategy: 'attach' });
  assert.deepEqual((await client.want(200, 'GET', path)).data, []);
});

test('rows of others are not there', async () => {
  const other = await signUp(stack);
  const row = (await b.client.want(200, 'GET', path)).data
    .find((n) => n.id !== null);

  for (const [method, at] of [['GET', ''], ['DELETE', ''],
    ['POST', '/provision']])
    await other.client.wrong(404, 'missing', method,
      `${path}/${row.id}${at}`, method === 'POST' ? {} : undefined);
});

test('numbers of a subaccount, with its own token', async () => {
  const sub = `AC${hex32()}`;
  const token = hex32();
  const number = newNumber();

  rest.account(sub, token, b.accountSid);
  rest.own(sub, number);
  await b.client.wrong(409, 'conflict', 'POST', path,
    { number, strategy: 'attach', account_sid: sub });
  const made = await b.client.want(201, 'POST', '/api/twilio/tokens',
    { account_sid: sub, auth_token: token });
  assert.equal(made.auth_token_preview, `****${token.slice(-4)}`);
  const row = await b.client.want(201, 'POST', path,
    { number, strategy: 'attach', account_sid: sub });
  assert.equal(row.account_sid, sub);
  leadsHere(number);
  const params = b.twilio.callParams('+14155550111',
    { To: number, Called: number, AccountSid: sub });
  const post = (opt) => b.twilio.post(b.twilio.voiceUrl, params, opt);
  assert.equal((await post({ token })).status, 200);
  assert.equal((await post({ token: hex32() })).status, 403);
  assert.equal(stack.stored(token), false, 'the token is sealed');
  const list = await b.client.want(200, 'GET', '/api/twilio/tokens');
  assert.equal(JSON.stringify(list).includes(token), false);
  assert.equal((await b.client.delete(`/api/twilio/tokens/${made.id}`))
    .status, 204);
  assert.equal((await post({ token })).status, 403);
});

test('while a token is rotated both sign', async () => {
  const next = hex32();
  const voice = (token) => b.twilio.post(b.twilio.voiceUrl,
    b.twilio.callParams('+14155550111'), { token });
  const made = await b.client.want(201, 'POST', '/api/twilio/tokens',
    { account_sid: b.accountSid, auth_token: next });

  assert.equal((await voice(next)).status, 200);
  assert.equal((await voice(b.authToken)).status, 200);
  assert.equal((await voice(hex32())).status, 403);
  for (const body of [{}, { account_sid: 'x', auth_token: 'y' },
    { account_sid: b.accountSid, auth_token: 'a b' }])
    await b.client.wrong(400, 'input', 'POST', '/api/twilio/tokens', body);
  assert.equal((await b.client.delete(`/api/twilio/tokens/${made.id}`))
    .status, 204);
  assert.equal((await voice(next)).status, 403);
});

test('numbers are imported into Vapi, and taken out again', async () => {
  const one = await onboard(stack);
  const row = await one.client.want(201, 'POST', path,
    { number: one.number, strategy: 'attach' });
  const route = (routing) => one.client.want(200, 'PATCH',
    '/api/phone_settings', { routing });
  const inVapi = () => [...stack.vapi.phones.values()].find((p) =>
    p.number === one.number);
  const routed = (routing) => until(`routing by ${routing}`, async () => {
    const now = await one.client.want(200, 'GET', `${path}/${row.id}`);
    return now.status === 'active' && now.routing === routing;
  }, 20000);

  assert.equal(row.routing, 'sip');
  await route('vapi');
  await routed('vapi');
  assert.equal(inVapi().provider, 'twilio');
  assert.equal(inVapi().twilioAccountSid, one.accountSid);
  assert.equal(inVapi().smsEnabled, false);
  assert.equal(inVapi().assistantId, undefined);
  assert.equal(inVapi().server.url, `${stack.publicUrl}/vapi/webhook`);
  // Vapi has its own way to be called: that is no drift
  rest.find(one.number).voice_url = 'https://api.vapi.ai/twilio/inbound_call';
  await check(one);
  await until('the look', async () => {
    const now = await one.client.want(200, 'GET', `${path}/${row.id}`);
    return now.checked_at > row.checked_at && now.drift === null;
  });
  stack.vapi.fail({ on: 'DELETE /phone-number', mode: '500' });
  await route('sip');
  await routed('sip');
  assert.equal(inVapi(), undefined);
  leadsHere(one.number);
  await route('vapi');
  await routed('vapi');
  assert.equal((await one.client.delete(`${path}/${row.id}`)).status, 204);
  assert.equal(inVapi(), undefined);
});

test('an import without an answer is found, not made twice', async () => {
  const one = await onboard(stack);

  await one.client.want(200, 'PATCH', '/api/phone_settings',
    { routing: 'vapi' });
  stack.vapi.fail({ on: 'POST /phone-number', mode: 'create-then-drop' });
  const reply = await one.client.post(path,
    { number: one.number, strategy: 'attach' });
  assert.equal(reply.status, 202, reply.text);
  await until('the number to be active', async () =>
    (await one.client.want(200, 'GET', `${path}/${reply.body.id}`))
      .status === 'active', 20000);
  assert.equal([...stack.vapi.phones.values()].filter((p) =>
    p.number === one.number).length, 1);
});

test('who has proven a number wins over those who claim it', async () => {
  const transfer = '+14155550177';
  const owner = await onboard(stack, { assistant: false, transfer });
  const file = join(stack.dir, 'voice', `${owner.number.slice(1)}.xml`);
  const own = () => existsSync(file)
    && readFileSync(file, 'utf8').includes(transfer);

  await until('the greeting of the owner', own);
  const rival = await onboard(stack, { assistant: false, own: false });
  await rival.client.want(200, 'PATCH', '/api/user/studio-config',
    { number: owner.number, transfer_number: '+14155550178' });
  await check(rival);
  await until('the look of the rival', () => rest.log.some((e) =>
    e.sid === rival.accountSid && e.path === '/IncomingPhoneNumbers.json'));
  await rival.client.want(200, 'PATCH', '/api/user/studio-config',
    { languages: ['he'] });
  // a change of the owner's comes through: all jobs before it are done
  await owner.client.want(200, 'PATCH', '/api/user/studio-config',
    { languages: ['fr'] });
  await until('the French greeting', () => own()
    && readFileSync(file, 'utf8').includes('fr-FR'));
  assert.equal(readFileSync(file, 'utf8').includes('+14155550178'), false);
  // when the number is the rival's at Twilio, it is his
  const at = rest.find(owner.number);
  at.account_sid = rival.accountSid;
  await check(rival);
  await check(owner);
  await until('the greeting of the rival', () => existsSync(file)
    && readFileSync(file, 'utf8').includes('+14155550178'));
});
