// twilio-rest.mjs - a stand-in for Twilio's REST API, as strict as the real
// one: Basic auth, forms, closed sets of parameters, Twilio's error bodies,
// and faults on request.
//
// As a module: const rest = await startTwilioRest({tls, port});
//   rest.account(sid, token) opens an account (or subaccount), rest.own(sid,
//   number) gives it a number, rest.offer(number) puts one up for sale.
//   rest.fail({on, mode, times, ms}) orders faults; `on` is the start of
//   "METHOD /path behind the account". rest.seen("POST /Messages.json") shows
//   what came in.
// As a command: node twilio-rest.mjs --account AC… --token T [--port P]
//   [--tls] prints "listening URL" and runs until it is killed.
import http from 'node:http';
import https from 'node:https';
import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { after, before } from './vapi-fault.mjs';
import { makeTls } from './tls.mjs';

const hex32 = () => randomBytes(16).toString('hex');
const docs = 'https://www.twilio.com/docs/errors/';
const e164 = /^\+[1-9]\d{6,14}$/;
const root = '/2010-04-01/Accounts/';

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.body = { code, message, more_info: docs + code, status };
  }
}

const url = (v) => v === '' || (/^https?:\/\/[^\s/]+/.test(v)
  && v.length <= 2048);
const verb = (v) => v === 'GET' || v === 'POST';
const bool = (v) => v === 'true' || v === 'false';
const int = (min, max) => (v) => /^\d{1,6}$/.test(v) && Number(v) >= min
  && Number(v) <= max;
const sid = (kind) => (v) => v === '' || new RegExp(`^${kind}[0-9a-f]{32}$`)
  .test(v);
const any = () => true;

const page = { PageSize: int(1, 1000), Page: int(0, 10000), PageToken: any };
const hooks = { VoiceUrl: url, VoiceMethod: verb, VoiceFallbackUrl: url,
  VoiceFallbackMethod: verb, StatusCallback: url, StatusCallbackMethod: verb,
  SmsUrl: url, SmsMethod: verb, SmsFallbackUrl: url, SmsFallbackMethod: verb,
  FriendlyName: (v) => v.length <= 64, VoiceApplicationSid: sid('AP'),
  SmsApplicationSid: sid('AP'), TrunkSid: sid('TK') };
const params = {
  search: { ...page, AreaCode: int(200, 999),
    Contains: (v) => /^[A-Za-z0-9*+]{2,16}$/.test(v), SmsEnabled: bool,
    MmsEnabled: bool, VoiceEnabled: bool, ExcludeAllAddressRequired: bool },
  numbers: { ...page, PhoneNumber: any, FriendlyName: any },
  buy: { ...hooks, PhoneNumber: any, AreaCode: int(200, 999),
    AddressSid: sid('AD'), BundleSid: sid('BU') },
  update: hooks,
  messages: { ...page, To: any, From: any, DateSent: any },
  text: { To: any, From: any, MessagingServiceSid: sid('MG'), Body: any,
    MediaUrl: url, StatusCallback: url, ValidityPeriod: int(1, 36000) },
  call: { Url: url, Method: verb, Twiml: (v) => v.length <= 4000,
    Status: (v) => v === 'completed' || v === 'canceled', FallbackUrl: url,
    FallbackMethod: verb, StatusCallback: url, StatusCallbackMethod: verb,
    TimeLimit: int(1, 86400) },
};

/* Every parameter is known and in its form; a name comes once. */
function check(given, rules) {
  const out = {};

  for (const [k, v] of given) {
    if (!Object.hasOwn(rules, k))
      throw new Refusal(400, 20001, `Unknown parameter: ${k}`);
    if (Object.hasOwn(out, k))
      throw new Refusal(400, 20001, `Repeated parameter: ${k}`);
    if (!rules[k](v))
      throw new Refusal(400, 20001, `Invalid value for ${k}: ${v}`);
    out[k] = v;
  }
  return out;
}

const gone = (q) => new Refusal(404, 20404,
  `The requested resource ${q.path} was not found`);
const date = (ms = Date.now()) =>
  new Date(ms).toUTCString().replace('GMT', '+0000');
const snake = (k) => k.replace(/[A-Z]/g, (c, i) =>
  (i ? '_' : '') + c.toLowerCase());

function admit(fake, q) {
  const given = /^Basic (\S+)$/.exec(q.req.headers.authorization ?? '');
  const [user, ...rest] = given ?
    Buffer.from(given[1], 'base64').toString('utf8').split(':') : [''];
  const account = fake.accounts.get(user);

  if (!account || account.token !== rest.join(':'))
    throw new Refusal(401, 20003, 'Authenticate');
  if (user !== q.sid && fake.accounts.get(q.sid)?.parent !== user)
    throw new Refusal(401, 20003, 'Authenticate');
}

function form(q) {
  const type = q.req.headers['content-type'] ?? '';
  const text = q.raw.toString('utf8');

  if (!/^application\/x-www-form-urlencoded/.test(type))
    throw new Refusal(400, 20001, `Content-Type is ${type}`);
  if (/[^\x21-\x7e]/.test(text))
    throw new Refusal(400, 20001, 'The body is not a form');
  return new URLSearchParams(text);
}

function listOf(q, noun, rows, given) {
  const size = Number(given.PageSize ?? 50);
  const at = Number(given.Page ?? 0);
  const part = rows.slice(at * size, (at + 1) * size);
  const link = (n) => {
    const query = new URLSearchParams({ ...given, PageSize: size, Page: n });
    return `${root}${q.sid}${q.path}?${query}`;
  };

  return [200, { [noun]: part, page: at, page_size: size, start: at * size,
    end: at * size + part.length - 1, uri: link(at), first_page_uri: link(0),
    next_page_uri: (at + 1) * size < rows.length ? link(at + 1) : null,
    previous_page_uri: at > 0 ? link(at - 1) : null }];
}

function search(fake, q) {
  const m = /^\/AvailablePhoneNumbers\/([A-Z]{2})\/(Local|TollFree|Mobile)\.json$/
    .exec(q.path);

  if (!m || m[1] !== 'US' || m[2] === 'Mobile')
    throw gone(q);
  const given = check(q.query, params.search);
  const rows = [...fake.offers].filter((n) =>
    (!given.AreaCode || n.slice(2, 5) === given.AreaCode)
    && (!given.Contains || n.includes(given.Contains.replace(/\*/g, ''))))
    .slice(0, Number(given.PageSize ?? 50));
  return [200, { available_phone_numbers: rows.map((n) => ({
    friendly_name: n, phone_number: n, lata: '722', locality: 'San Francisco',
    rate_center: 'SNFC', latitude: '37.77', longitude: '-122.41',
    region: 'CA', postal_code: '94103', iso_country: 'US',
    address_requirements: 'none', beta: false,
    capabilities: { voice: true, SMS: true, MMS: true } })),
  uri: `${root}${q.sid}${q.path}` }];
}

function newNumber(account, number, more = {}) {
  const row = { sid: `PN${hex32()}`, account_sid: account,
    friendly_name: number, phone_number: number, voice_url: '',
    voice_method: 'POST', voice_fallback_url: '',
    voice_fallback_method: 'POST', status_callback: '',
    status_callback_method: 'POST', sms_url: '', sms_method: 'POST',
    sms_application_sid: '', trunk_sid: null, voice_application_sid: '',
    capabilities: { voice: true, sms: true, mms: true, fax: false },
    address_requirements: 'none', beta: false, origin: 'twilio',
    status: 'in-use', date_created: date(), date_updated: date(),
    api_version: '2010-04-01', ...more };
  row.uri = `${root}${account}/IncomingPhoneNumbers/${row.sid}.json`;
  return row;
}

function change(row, given) {
  for (const [k, v] of Object.entries(given))
    row[snake(k)] = v === '' && k === 'TrunkSid' ? null : v;
  row.date_updated = date();
  return row;
}

function numbers(fake, q) {
  const mine = [...fake.numbers.values()].filter((n) =>
    n.account_sid === q.sid);
  const m = /^\/IncomingPhoneNumbers\/(PN[0-9a-f]{32})\.json$/.exec(q.path);

  if (q.path === '/IncomingPhoneNumbers.json' && q.method === 'GET') {
    const given = check(q.query, params.numbers);
    return listOf(q, 'incoming_phone_numbers', mine.filter((n) =>
      !given.PhoneNumber || n.phone_number === given.PhoneNumber), given);
  }
  if (q.path === '/IncomingPhoneNumbers.json' && q.method === 'POST') {
    const { PhoneNumber, ...given } = check(form(q), params.buy);
    if (!fake.offers.has(PhoneNumber))
      throw new Refusal(400, 21422,
        `${PhoneNumber} is not available`);
    fake.offers.delete(PhoneNumber);
    fake.bought.push(PhoneNumber);
    const row = change(newNumber(q.sid, PhoneNumber), given);
    fake.numbers.set(row.sid, row);
    return [201, row];
  }
  const row = m && mine.find((n) => n.sid === m[1]);
  if (!row)
    throw gone(q);
  if (q.method === 'POST')
    change(row, check(form(q), params.update));
  if (q.method === 'DELETE') {
    fake.numbers.delete(row.sid);
    fake.released.push(row.phone_number);
    return [204];
  }
  return [200, row];
}

function text(fake, q) {
  const given = check(form(q), params.text);

  if (!e164.test(given.To ?? ''))
    throw new Refusal(400, 21211, `Invalid 'To' Phone Number: ${given.To}`);
  if (!given.Body || given.Body.length > 1600)
    throw new Refusal(400, 21617, 'The message body is empty or too long');
  if (!given.MessagingServiceSid && ![...fake.numbers.values()].some((n) =>
    n.account_sid === q.sid && n.phone_number === given.From
    && n.capabilities.sms))
    throw new Refusal(400, 21606, `The From phone number ${given.From} is `
      + 'not a valid, SMS-capable inbound phone number for your account.');
  if (fake.optedOut.has(given.To))
    throw new Refusal(400, 21610,
      'Attempt to send to unsubscribed recipient');
  if (fake.landlines.has(given.To))
    throw new Refusal(400, 21614, `${given.To} is not a mobile number`);
  const row = { sid: `SM${hex32()}`, account_sid: q.sid, to: given.To,
    from: given.From ?? null, body: given.Body, status: 'queued',
    num_segments: '1', num_media: '0', direction: 'outbound-api',
    error_code: null, error_message: null, date_created: date(),
    date_sent: null, date_updated: date(), api_version: '2010-04-01',
    messaging_service_sid: given.MessagingServiceSid ?? null, price: null,
    price_unit: 'USD' };
  Object.defineProperty(row, 'back', { value: given.StatusCallback });
  fake.messages.unshift(row);
  return [201, row];
}

function messages(fake, q) {
  if (q.path !== '/Messages.json')
    throw gone(q);
  if (q.method === 'POST')
    return text(fake, q);
  const given = check(q.query, params.messages);
  return listOf(q, 'messages', fake.messages.filter((m) =>
    m.account_sid === q.sid && (!given.To || m.to === given.To)
    && (!given.From || m.from === given.From)), given);
}

function calls(fake, q) {
  const m = /^\/Calls\/(CA[0-9a-f]{32})\.json$/.exec(q.path);
  const call = m && fake.calls.get(m[1]);

  if (!call || q.method !== 'POST')
    throw gone(q);
  const given = check(form(q), params.call);
  if (call.status !== 'in-progress')
    throw new Refusal(400, 21220,
      'Call is not in-progress. Cannot redirect.');
  call.moves.push(given);
  return [200, { sid: m[1], account_sid: q.sid, status: call.status }];
}

function recordings(fake, q) {
  const m = /^\/Recordings\/(RE[0-9a-f]{32})\.mp3$/.exec(q.path);

  if (!m || !fake.recordings.has(m[1]))
    throw gone(q);
  return [200, fake.recordings.get(m[1]), 'audio/mpeg'];
}

const nouns = { AvailablePhoneNumbers: search, Messages: messages,
  IncomingPhoneNumbers: numbers, Calls: calls, Recordings: recordings };

function serve(fake, q) {
  const noun = /^\/([A-Za-z]+)[/.]/.exec(q.path)?.[1];

  admit(fake, q);
  if (!Object.hasOwn(nouns, noun))
    throw gone(q);
  if (q.method !== 'POST' && q.raw.length > 0)
    throw new Refusal(400, 20001, 'A body is not expected');
  return nouns[noun](fake, q);
}

function reply(res, status, body, type) {
  const raw = body === undefined ? '' : Buffer.isBuffer(body) ? body :
    JSON.stringify(body);

  res.writeHead(status, { 'Content-Type': type ?? 'application/json',
    'Content-Length': Buffer.byteLength(raw) });
  res.end(raw);
}

/* The fault for this request, if one was ordered. */
function faultOf(fake, line) {
  const i = fake.next.findIndex((f) => line.startsWith(f.on ?? ''));

  if (i < 0)
    return { mode: 'none' };
  const fault = fake.next[i];
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0)
    fake.next.splice(i, 1);
  return fault;
}

async function handle(fake, req, res) {
  const at = new URL(req.url, 'http://fake');
  const m = /^\/2010-04-01\/Accounts\/([^/]*)(\/.*)$/.exec(at.pathname);
  const parts = [];

  for await (const part of req)
    parts.push(part);
  const q = { req, method: req.method, path: m?.[2] ?? at.pathname,
    sid: m?.[1], query: at.searchParams, raw: Buffer.concat(parts) };
  const entry = { method: q.method, path: q.path, query: at.search,
    sid: q.sid, body: q.raw.toString('utf8'), status: 0, fault: 'none' };
  fake.log.push(entry);
  const fault = faultOf(fake, `${q.method} ${q.path}`);
  entry.fault = fault.mode;
  if (fault.mode === '429')
    return reply(res, 429, new Refusal(429, 20429, 'Too Many Requests').body);
  if (await before(fault, q, res))
    return undefined;
  let answer;
  try {
    if (!m)
      throw gone(q);
    answer = serve(fake, q);
  } catch (e) {
    if (!(e instanceof Refusal))
      throw e;
    answer = [e.status, e.body];
  }
  entry.status = answer[0];
  if (fault.mode !== 'none')
    return after(fault, res, answer[0], answer[1]);
  return reply(res, ...answer);
}

/** Start it; see the head of the file. */
export async function startTwilioRest(opt = {}) {
  const tls = opt.tls ? makeTls() : null;
  const fake = { caFile: tls?.caFile, accounts: new Map(),
    numbers: new Map(), offers: new Set(), bought: [], released: [],
    messages: [], optedOut: new Set(), landlines: new Set(),
    calls: new Map(), recordings: new Map(), log: [], next: [] };

  fake.account = (id, token, parent) =>
    fake.accounts.set(id, { token, parent });
  fake.own = (account, number, more) => {
    const row = newNumber(account, number, more);
    fake.numbers.set(row.sid, row);
    return row;
  };
  fake.offer = (...list) => list.forEach((n) => fake.offers.add(n));
  fake.talk = (id) => {
    const call = { status: 'in-progress', moves: [] };
    fake.calls.set(id, call);
    return call;
  };
  fake.fail = (...faults) => fake.next.push(...faults);
  fake.seen = (start) => fake.log.filter((e) =>
    `${e.method} ${e.path}`.startsWith(start));
  fake.find = (number) => [...fake.numbers.values()].find((n) =>
    n.phone_number === number);

  const run = (req, res) => handle(fake, req, res).catch((e) => {
    if (!res.destroyed && !res.headersSent)
      reply(res, 500, { code: 20500, message: e.message, status: 500 });
  });
  const server = tls ? https.createServer(tls, run) : http.createServer(run);
  await new Promise((ok, no) => {
    server.once('error', no);
    server.listen(opt.port ?? 0, '127.0.0.1', ok);
  });
  fake.port = server.address().port;
  fake.url = `${tls ? 'https' : 'http'}://127.0.0.1:${fake.port}`;
  fake.stop = () => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
    tls?.drop();
  });
  return fake;
}

async function main(args) {
  const opt = Object.fromEntries(args.flatMap((a, i) =>
    a.startsWith('--') ? [[a.slice(2), args[i + 1] ?? true]] : []));
  if (!opt.account || !opt.token)
    throw new Error('usage: twilio-rest.mjs --account AC… --token T '
      + '[--port P] [--tls]');
  const fake = await startTwilioRest({ tls: 'tls' in opt,
    port: Number(opt.port ?? 0) });
  fake.account(opt.account, opt.token);
  process.stdout.write(`listening ${fake.url}\n`);
  for (const sig of ['SIGINT', 'SIGTERM'])
    process.once(sig, () => fake.stop().then(() => process.exit(0)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
