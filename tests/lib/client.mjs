// client.mjs - the HTTP client of the tests: writes down each route that was
// hit, checks each reply against the program's own description, and looks at
// what every answer must have.
//
// FRONTDESK_HITS names the file of hits ("METHOD path status" lines);
// FRONTDESK_VALIDATE=off leaves the description out.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { send } from '../fake/net.mjs';
import { canonical, makeCheck } from './openapi.mjs';

const codes = { input: [400, 422], malformed: [400], auth: [401], denied: [403],
  missing: [404], not_allowed: [405], conflict: [409], too_large: [413],
  limit: [429], busy: [503], peer: [502, 504, 400], internal: [500] };
const checks = new Map();

export function hit(method, path, status) {
  if (process.env.FRONTDESK_HITS)
    appendFileSync(process.env.FRONTDESK_HITS,
      `${method} ${canonical(path)} ${status}\n`);
}

/** The error shape; answers the parsed body. `code` may be one of several. */
export function assertError(reply, status, code) {
  const body = JSON.parse(reply.text);

  assert.equal(reply.status, status, reply.text);
  assert.match(reply.headers['content-type'], /^application\/json/);
  assert.equal(typeof body.error, 'string');
  assert.ok(body.error.length > 3, 'the sentence is empty');
  assert.equal(body.detail, body.error);
  assert.ok(codes[body.code]?.includes(status),
    `code ${body.code} does not go with ${status}`);
  assert.ok(body.request_id.length >= 4, 'no request_id');
  if (reply.headers['x-request-id'])
    assert.equal(body.request_id, reply.headers['x-request-id']);
  assert.ok(Array.isArray(body.fields), 'no fields');
  for (const f of body.fields) {
    assert.equal(typeof f.field, 'string');
    assert.equal(typeof f.message, 'string');
  }
  if (code)
    assert.equal(body.code, code, reply.text);
  return body;
}

/** Names of the refused fields, sorted. */
export function fieldsOf(reply) {
  return JSON.parse(reply.text).fields.map((f) => f.field).sort();
}

async function checkOf(base) {
  if (!checks.has(base)) {
    const reply = await send(`${base}/api/openapi.json`);
    assert.equal(reply.status, 200, 'GET /api/openapi.json');
    hit('GET', '/openapi.json', 200);
    checks.set(base, makeCheck(JSON.parse(reply.text)));
  }
  return checks.get(base);
}

export class Client {
  /** opt: token (bearer), cookies (true: keep a jar), headers for each. */
  constructor(base, opt = {}) {
    this.base = base;
    this.token = opt.token;
    this.jar = opt.cookies ? new Map() : null;
    this.headers = opt.headers ?? {};
  }

  keepCookies(reply) {
    for (const line of reply.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /max-age=0/i.test(line))
        this.jar.delete(name);
      else
        this.jar.set(name, value);
    }
  }

  /**
   * opt: json (any value), body (raw), headers, type (Content-Type; null:
   * none), validate (false: not against the description).
   * The reply gains `.body`, parsed when it is JSON.
   */
  async request(method, path, opt = {}) {
    const headers = { ...this.headers };
    let { body } = opt;

    if (opt.json !== undefined)
      body = JSON.stringify(opt.json);
    if (body !== undefined && opt.type !== null)
      headers['Content-Type'] = opt.type ?? 'application/json';
    if (this.token)
      headers.Authorization = `Bearer ${this.token}`;
    if (this.jar?.size)
      headers.Cookie = [...this.jar].map((c) => c.join('=')).join('; ');
    Object.assign(headers, opt.headers);
    for (const k of Object.keys(headers))
      if (headers[k] === undefined)
        delete headers[k];
    const reply = await send(this.base + path, { method, headers, body,
      target: path, timeoutMs: opt.timeoutMs });
    if (this.jar)
      this.keepCookies(reply);
    hit(method, path, reply.status);
    assert.ok(reply.headers['x-request-id'],
      `${method} ${path}: no X-Request-Id`);
    if (opt.validate !== false && process.env.FRONTDESK_VALIDATE !== 'off') {
      const wrong = (await checkOf(this.base))(method, path, reply);
      assert.equal(wrong, null, wrong);
    }
    if (/json/.test(reply.headers['content-type'] ?? ''))
      reply.body = JSON.parse(reply.text);
    return reply;
  }

  get(path, opt) { return this.request('GET', path, opt); }

  delete(path, opt) { return this.request('DELETE', path, opt); }

  post(path, json, opt) {
    return this.request('POST', path, { json, ...opt });
  }

  patch(path, json, opt) {
    return this.request('PATCH', path, { json, ...opt });
  }

  /** The request must succeed with this status; answers the body. */
  async want(status, method, path, json, opt) {
    const reply = await this.request(method, path, { json, ...opt });
    assert.equal(reply.status, status,
      `${method} ${path}: ${reply.status} ${reply.text}`);
    return reply.body;
  }

  /** The request must fail in the shape of errors; answers the reply. */
  async wrong(status, code, method, path, json, opt) {
    const reply = await this.request(method, path, { json, ...opt });
    assertError(reply, status, code);
    return reply;
  }
}
