// sikka.mjs - a stand-in for the Sikka ONE API v4, as strict as the real one:
// texts only, keys of a day that are renewed once, lists that are 204 when
// empty, writes that are only accepted, and faults on request.
//
// As a module: const sikka = await startSikka({tls, keyLifeS, spuMs});
// As a command: node sikka.mjs [--port P] [--tls]; prints "listening URL" (and
// "ca FILE") and runs until it is killed.
//
// sikka.fail({mode,on,times,ms,status}): `on` is the start of "METHOD /path".
// Modes: 401 403 429 500 html 204 drop hang slow half, and (the work is done)
// done-then-drop, done-then-html. sikka.down = true: every connection breaks
// off. sikka.spu = false: the practice's machine is off, writes stay pending.
import http from 'node:http';
import https from 'node:https';
import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { sleep } from './net.mjs';
import { makeTls } from './tls.mjs';

const bodyMax = 1 << 20;
const limitMax = 500;
const hex32 = () => randomBytes(16).toString('hex');
const words = { 400: ['API1000', 'Bad Request'], 401: ['API2004',
  'Unauthorized'], 403: ['API2005', 'Forbidden'], 404: ['API2003',
  'Not Found'], 405: ['API2002', 'Method Not Allowed'], 429: ['API2017',
  'Too Many Requests'], 500: ['API3000', 'Internal Server Error'] };

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
    const [code, short] = words[status];
    this.body = { http_code: String(status), http_code_desc: short,
      error_code: code, short_message: short, long_message: message,
      more_information: 'https://api.sikkasoft.com/v4/help' };
  }
}

const need = (good, status, message) => {
  if (!good)
    throw new Refusal(status, message);
};

/* --- what may be asked ---------------------------------------------------- */

const date = /^\d{4}-\d{2}-\d{2}$/;
const time = /^([01]\d|2[0-3]):[0-5]\d$/;
const digits = /^\d+$/;
const any = /^[^]*$/;
const paging = { limit: digits, offset: digits };
const queries = {
  patients: { patient_id: any, firstname: any, lastname: any,
    birthdate: date, cell: digits, phone: digits, email: any, search: any,
    status: any, last_visit: date, practice_id: any, fields: any,
    sort_by: any, ...paging },
  appointments: { appointment_sr_no: any, patient_id: any, provider_id: any,
    guarantor_id: any, startdate: date, enddate: date, status: any,
    operatory: any, type: any, procedure_code: any, practice_id: any,
    ...paging },
  providers: { practice_id: any, status: any, ...paging },
  practice_variables: { service_name: any, practice_id: any, ...paging },
  writeback_status: { id: digits, ...paging },
  authorized_practices: { show: /^all$/, ...paging },
};
const bodies = {
  'POST appointment': { patient_id: any, practice_id: any, date, time,
    length: digits, provider_id: any, operatory: any, description: any,
    type: any, status: any, note: any, user: any, procedure_code: any,
    amount: any, tooth: any, surface: any, is_guarantor_exist: any },
  'POST patient': { firstname: /\S/, lastname: /\S/, birthdate: date,
    cell: digits, homephone: digits, email: any, address_line1: any,
    city: any, state: any, zipcode: any, practice_id: any, provider_id: any,
    gender: any },
  'PUT appointments': { practice_id: any, date, time, length: digits,
    provider_id: any, operatory: any, note: any },
  'PATCH appointments': { op: /^replace$/, path: /^\/appointment_status$/,
    value: /\S/, practice_id: any },
};
const needed = { 'POST appointment': ['patient_id', 'practice_id', 'date',
  'time', 'length', 'provider_id'], 'POST patient': ['firstname', 'lastname',
  'practice_id'], 'PUT appointments': ['practice_id', 'date', 'time'],
'PATCH appointments': ['op', 'path', 'value', 'practice_id'] };

function checkQuery(noun, query) {
  const seen = new Set();

  for (const [k, v] of query) {
    need(queries[noun][k], 400, `unknown parameter ${k}`);
    need(!seen.has(k), 400, `parameter ${k} is repeated`);
    need(queries[noun][k].test(v), 400, `parameter ${k} is not valid: ${v}`);
    seen.add(k);
  }
}

function parse(q) {
  need(/^application\/json\b/.test(q.req.headers['content-type'] ?? ''), 400,
    'Content-Type must be application/json');
  try {
    return JSON.parse(q.raw.toString('utf8'));
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}

function checkBody(rule, q) {
  const body = parse(q);

  for (const [k, v] of Object.entries(body)) {
    need(bodies[rule][k], 400, `unknown member ${k}`);
    need(typeof v === 'string', 400, `${k} must be a string`);
    need(bodies[rule][k].test(v), 400, `${k} is not valid: ${v}`);
  }
  for (const k of needed[rule])
    need(body[k], 400, `${k} is missing`);
  return body;
}

/* --- keys ------------------------------------------------------------------ */

function keyMake(fake, office) {
  const life = fake.keyLifeS;
  const key = { office, request: hex32(), refresh: hex32(),
    ends: Date.now() + life * 1000 };

  fake.keys.set(key.request, key);
  fake.refreshes.set(key.refresh, key);
  fake.grants += 1;
  return [200, { href: `${fake.url}/request_key`, status: 'active',
    request_key: key.request, start_time: '2026-01-05T10:00:00',
    end_time: '2026-01-06T10:00:00', expires_in: `${life} second(s)`,
    issued_to: fake.app.app_id, request_count: '1', scope: 'data',
    domain: 'dental', refresh_key: key.refresh }];
}

function requestKey(fake, q) {
  const body = parse(q);
  const wants = { request_key: ['office_id', 'secret_key'],
    refresh_key: ['refresh_key'] }[body.grant_type];

  need(wants, 400, 'grant_type must be request_key or refresh_key');
  const names = ['grant_type', 'app_id', 'app_key', ...wants];
  for (const k of Object.keys(body))
    need(names.includes(k), 400, `unknown member ${k}`);
  need(body.app_id === fake.app.app_id && body.app_key === fake.app.app_key,
    401, 'You are not authorized');
  if (body.grant_type === 'refresh_key') {
    const old = fake.refreshes.get(body.refresh_key);
    need(old, 401, 'You are not authorized');
    fake.refreshes.delete(body.refresh_key);
    fake.keys.delete(old.request);
    return keyMake(fake, old.office);
  }
  const office = fake.offices.find((o) => o.office_id === body.office_id
    && o.secret_key === body.secret_key);
  need(office, 401, 'You are not authorized');
  return keyMake(fake, office);
}

function admitKey(fake, q) {
  const key = fake.keys.get(q.req.headers['request-key']);

  need(key && key.ends > Date.now(), 401, 'You are not authorized');
  return key.office;
}

/* --- lists ------------------------------------------------------------------ */

function envelope(fake, noun, rows, q) {
  const limit = Number(q.query.get('limit') ?? 50);
  const page = Number(q.query.get('offset') ?? 0);
  const pages = Math.ceil(rows.length / limit);
  const url = (n) => (n < 0 || n >= pages ? '' :
    `${fake.url}/${noun}?offset=${n}&limit=${limit}`);

  need(limit >= 1 && limit <= limitMax, 400, `limit is at most ${limitMax}`);
  const items = rows.slice(page * limit, (page + 1) * limit);
  if (items.length === 0)
    return [204, null];
  const body = { offset: String(page), limit: String(limit),
    total_count: String(rows.length), execution_time: '5',
    pagination: { first: url(0), previous: url(page - 1), current: url(page),
      next: url(page + 1), last: url(pages - 1) }, items };
  return [200, fake.inArray ? [body] : body];
}

const byPhone = (row, n) => [row.cell].includes(n);

const filters = {
  patients: (row, q) => (!q.get('patient_id')
    || row.patient_id === q.get('patient_id'))
    && (!q.get('cell') || byPhone(row, q.get('cell'))),
  appointments: (row, q) => (!q.get('appointment_sr_no')
    || row.appointment_sr_no === q.get('appointment_sr_no'))
    && (!q.get('startdate') || row.date >= q.get('startdate'))
    && (!q.get('enddate') || row.date <= q.get('enddate'))
    && (!q.get('provider_id') || row.provider_id === q.get('provider_id'))
    && (!q.get('patient_id') || row.patient_id === q.get('patient_id')),
  providers: () => true,
  practice_variables: () => true,
};

/* --- writes ---------------------------------------------------------------- */

const minutes = (t) => Number(t.slice(0, 2)) * 60 + Number(t.slice(3));
const live = (a) => !/cancel|broken/i.test(a.status);

function overlaps(fake, a) {
  const from = minutes(a.time);

  return [...fake.appointments.values()].find((b) =>
    b.appointment_sr_no !== a.appointment_sr_no && live(b)
    && b.provider_id === a.provider_id && b.date === a.date
    && minutes(b.time) < from + Number(a.length)
    && minutes(b.time) + Number(b.length) > from);
}

/* What the practice's machine does with it; answers an error or null. */
const works = {
  'POST appointment': (fake, w) => {
    const row = { appointment_sr_no: String(fake.nextId()),
      patient_name: '', status: 'Scheduled', type: '', operatory: '',
      note: '', description: '', ...w.body };
    if (!fake.patients.has(row.patient_id))
      return 'Patient not found';
    if (overlaps(fake, row))
      return 'Appointment slot is not available';
    fake.appointments.set(row.appointment_sr_no, row);
    w.row.appointment_sr_no = row.appointment_sr_no;
    return null;
  },
  'POST patient': (fake, w) => {
    const id = String(fake.nextId());
    fake.patients.set(id, fake.patient({ ...w.body, patient_id: id }));
    return null;
  },
  'PUT appointments': (fake, w) => {
    const row = fake.appointments.get(w.id);
    if (!row)
      return 'Appointment not found';
    if (overlaps(fake, { ...row, ...w.body }))
      return 'Appointment slot is not available';
    Object.assign(row, w.body);
    return null;
  },
  'PATCH appointments': (fake, w) => {
    const row = fake.appointments.get(w.id);
    if (!row)
      return 'Appointment not found';
    if (!fake.statuses.includes(w.body.value))
      return `Invalid status ${w.body.value}`;
    row.status = w.body.value;
    return null;
  },
};

async function workOff(fake, w) {
  await sleep(fake.spuMs);
  while (!fake.spu && !fake.stopped)
    await sleep(20);
  const error = fake.refuseWrites ?? works[w.rule](fake, w);
  Object.assign(w.row, error ? { status: 'Completed', is_completed: 'True',
    has_error: 'True', result: error } : { status: 'Completed',
    is_completed: 'True', has_error: '', result: 'Success' });
}

function write(fake, rule, q) {
  const id = String(fake.nextId());
  const w = { rule, id: q.id, body: checkBody(rule, q), row: { id,
    status: 'Pending', is_completed: '', has_error: '', result: '',
    current_status: '', request_time: '', completed_time: '' } };

  fake.writebacks.set(id, w);
  fake.work = Promise.all([fake.work, workOff(fake, w)]);
  return [201, { http_code: '201', http_code_desc: 'Created',
    error_code: 'API2016', short_message: 'Resource updated successfully',
    long_message: `Id:${id}`,
    more_information: `${fake.url}/writeback_status?id=${id}` }];
}

/* --- serving ---------------------------------------------------------------- */

function serve(fake, q) {
  const m = /^\/v4\/([a-z_]+)(?:\/([^/]+))?$/.exec(q.path);
  const noun = m?.[1];

  need(m, 404, 'no such resource');
  need(!m[2] || !/[:#?\\%+=]/.test(m[2]), 400, 'invalid character in the URI');
  q.id = m[2];
  if (noun === 'request_key' && q.method === 'POST' && !q.id)
    return requestKey(fake, q);
  if (noun === 'authorized_practices' && q.method === 'GET') {
    checkQuery(noun, q.query);
    need(q.req.headers['app-id'] === fake.app.app_id
      && q.req.headers['app-key'] === fake.app.app_key, 401,
    'You are not authorized');
    const all = q.query.get('show') === 'all';
    return envelope(fake, noun, fake.offices.filter((o) => all
      || o.practice_id === '1'), q);
  }
  admitKey(fake, q);
  if (q.method === 'GET' && noun === 'writeback_status') {
    checkQuery(noun, q.query);
    const w = fake.writebacks.get(q.query.get('id'));
    return envelope(fake, noun, w ? [w.row] : [], q);
  }
  if (q.method === 'GET' && filters[noun] && !q.id) {
    checkQuery(noun, q.query);
    return envelope(fake, noun, [...fake[noun].values()]
      .filter((row) => filters[noun](row, q.query)), q);
  }
  const rule = `${q.method} ${noun}`;
  need(bodies[rule], 405, `Cannot ${q.method} ${q.path}`);
  need(Boolean(q.id) === (noun === 'appointments'), 404, 'no such resource');
  return write(fake, rule, q);
}

function faultOf(fake, q) {
  const line = `${q.method} ${q.path}`;
  const i = fake.next.findIndex((f) => line.startsWith(f.on ?? ''));

  if (i < 0)
    return { mode: 'none' };
  const fault = fake.next[i];
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0)
    fake.next.splice(i, 1);
  return fault;
}

function reply(res, status, body, type = 'application/json') {
  const text = body === null ? '' : typeof body === 'string' ? body :
    JSON.stringify(body);

  res.writeHead(status, status === 204 ? {} : { 'Content-Type': type,
    'Content-Length': Buffer.byteLength(text) });
  res.end(text);
}

const page = '<html><body><h1>Site maintenance</h1></body></html>';

/* Instead of the work. True when it has answered (or never will). */
async function before(fault, res) {
  if (['401', '403', '429', '500'].includes(fault.mode)) {
    const refusal = new Refusal(Number(fault.mode), 'refused on request');
    if (fault.mode === '429')
      res.setHeader('Retry-After', '1');
    reply(res, refusal.status, refusal.body);
  } else if (fault.mode === 'html')
    reply(res, fault.status ?? 200, page, 'text/html');
  else if (fault.mode === '204')
    reply(res, 204, null);
  else if (fault.mode === 'drop')
    res.socket.destroy();
  else if (fault.mode === 'slow') {
    await sleep(fault.ms ?? 1000);
    return false;
  } else if (fault.mode !== 'hang')
    return false;
  return true;
}

/* The work is done, the answer is bad. */
function after(fault, res, status, body) {
  const text = JSON.stringify(body);

  if (fault.mode === 'done-then-drop')
    res.socket.destroy();
  else if (fault.mode === 'done-then-html')
    reply(res, 200, page, 'text/html');
  else if (fault.mode === 'half') {
    res.writeHead(status, { 'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text) });
    res.write(text.slice(0, text.length / 2), () => res.socket.destroy());
  } else
    reply(res, status, body);
}

async function handle(fake, req, res) {
  const at = new URL(req.url, 'http://fake');
  const parts = [];

  for await (const part of req)
    parts.push(part);
  const q = { req, method: req.method, path: at.pathname,
    query: at.searchParams, raw: Buffer.concat(parts) };
  const entry = { at: Date.now(), method: q.method, path: req.url,
    headers: { ...req.headers }, body: q.raw.toString('utf8'), status: 0 };
  fake.log.push(entry);
  if (fake.down) {
    res.socket.destroy();
    return;
  }
  const fault = faultOf(fake, q);
  if (await before(fault, res))
    return;
  let answer;
  try {
    need(q.raw.length <= bodyMax, 400, 'the body is too long');
    answer = serve(fake, q);
  } catch (e) {
    if (!(e instanceof Refusal))
      throw e;
    answer = [e.status, e.body];
  }
  [entry.status] = answer;
  after(fault, res, ...answer);
}

/* --- a practice ------------------------------------------------------------ */

class Sikka {
  constructor(opt) {
    Object.assign(this, { app: { app_id: hex32(), app_key: hex32() },
      keyLifeS: 86400, spuMs: 30, spu: true, down: false, inArray: false,
      keys: new Map(), refreshes: new Map(), grants: 0, log: [], next: [],
      patients: new Map(), appointments: new Map(), writebacks: new Map(),
      work: Promise.resolve(), count: 3809000,
      statuses: ['Scheduled', 'Confirmed', 'Cancelled', 'broken'],
      offices: [{ office_id: 'D13303', secret_key: hex32(), practice_id: '1',
        practice_name: 'Smile Dental', practice_management_system: 'Dentrix',
        city: 'Springfield', state: 'CA', domain: 'dental' }],
      providers: new Map([['DR1', { provider_id: 'DR1', firstname: 'Ada',
        lastname: 'Quill', status: 'active', specialty_code: 'GP',
        practice_id: '1' }]]) }, opt);
    this.practice_variables = new Map(this.statuses.map((value, i) =>
      [i, { service_name: 'appointment', service_item: 'appointment status',
        value, description: value }]));
  }

  nextId() {
    this.count += 1;
    return this.count;
  }

  fail(...faults) {
    this.next.push(...faults);
  }

  /** Requests so far whose "METHOD /path" starts so. */
  seen(start) {
    return this.log.filter((e) => `${e.method} ${e.path}`.startsWith(start));
  }

  patient(more) {
    return { patient_id: String(this.nextId()), guarantor_id: '',
      firstname: 'Test', middlename: '', lastname: 'Patient',
      preferred_name: '', birthdate: '1985-05-15T00:00:00', status: 'active',
      gender: 'F', address_line1: '1 Main St', city: 'Springfield',
      state: 'CA', zipcode: '94105', homephone: '', workphone: '', cell: '',
      email: '', first_visit: '2020-01-02', last_visit: '2025-01-02',
      provider_id: 'DR1', practice_id: '1', ...more };
  }

  addPatient(more) {
    const row = this.patient(more);
    this.patients.set(row.patient_id, row);
    return row;
  }

  addAppointment(more) {
    const row = { appointment_sr_no: String(this.nextId()), patient_id: '0',
      patient_name: 'Front Desk', provider_id: 'DR1', date: '2026-01-05',
      time: '09:00', length: '30', status: 'Scheduled', type: 'Cleaning',
      operatory: 'OP1', note: '', description: '', ...more };
    this.appointments.set(row.appointment_sr_no, row);
    return row;
  }

  /** The credentials that an admin would type in. */
  get credentials() {
    const { office_id, secret_key } = this.offices[0];
    return { ...this.app, office_id, secret_key };
  }
}

/** Start it; see the head of the file. */
export async function startSikka(opt = {}) {
  const { tls: withTls, port, ...more } = opt;
  const tls = withTls ? makeTls() : null;
  const fake = new Sikka(more);
  const run = (req, res) => handle(fake, req, res).catch((e) => {
    if (!res.destroyed && !res.headersSent)
      reply(res, 500, new Refusal(500, e.message).body);
  });
  const server = tls ? https.createServer(tls, run) : http.createServer(run);

  await new Promise((ok, no) => {
    server.once('error', no);
    server.listen(port ?? 0, '127.0.0.1', ok);
  });
  fake.caFile = tls?.caFile;
  fake.port = server.address().port;
  fake.url = `${tls ? 'https' : 'http'}://127.0.0.1:${fake.port}/v4`;
  fake.stop = () => new Promise((done) => {
    fake.stopped = true;
    server.close(done);
    server.closeAllConnections();
    tls?.drop();
  });
  return fake;
}

async function main(args) {
  const at = args.indexOf('--port');
  const fake = await startSikka({ tls: args.includes('--tls'),
    port: at < 0 ? 0 : Number(args[at + 1]) });

  process.stdout.write(`listening ${fake.url}\n`);
  if (fake.caFile)
    process.stdout.write(`ca ${fake.caFile}\n`);
  process.stdout.write(`credentials ${JSON.stringify(fake.credentials)}\n`);
  for (const sig of ['SIGINT', 'SIGTERM'])
    process.once(sig, () => fake.stop().then(() => process.exit(0)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
