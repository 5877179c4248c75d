// doors.mjs - clients that ask now this host, now that one, now the front:
// what tests/crash/load.mjs asks its pools for.
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { Pools } from '../crash/pools.mjs';

const limitMs = 20000;

/* HTTP_X_VAPI_SECRET, as the load names headers for FastCGI. */
const headerOf = (name) =>
  name.replace(/^HTTP_/, '').replaceAll('_', '-').toLowerCase();

/** One way in. opt: address, port, name (in its certificate), ca, cert, key. */
export class Door {
  constructor(opt) {
    this.opt = { ...opt, ca: readFileSync(opt.ca),
      ...(opt.cert ? { cert: readFileSync(opt.cert),
        key: readFileSync(opt.key) } : {}) };
    this.agent = new https.Agent({ keepAlive: true });
    this.answers = 0;
  }

  /** Answers {status, headers, text, body}; throws without an answer. */
  ask(method, path, opt = {}) {
    const body = opt.json === undefined ? opt.body : JSON.stringify(opt.json);
    const { address, port, name, ca, cert, key } = this.opt;
    const headers = { Host: 'desk.example.com',
      ...(opt.json !== undefined ?
        { 'Content-Type': 'application/json' } : {}),
      ...(body !== undefined ?
        { 'Content-Length': Buffer.byteLength(body) } : {}),
      ...(opt.token ? { Authorization: `Bearer ${opt.token}` } : {}) };

    for (const [k, v] of Object.entries(opt.headers ?? {}))
      headers[headerOf(k)] = v;
    return new Promise((resolve, reject) => {
      const req = https.request({ host: address, port, method, path, headers,
        servername: name, ca, cert, key, agent: this.agent });
      const timer = setTimeout(() =>
        req.destroy(new Error(`no answer in ${limitMs} ms`)), limitMs);
      const end = (done, value) => { clearTimeout(timer); done(value); };
      req.on('error', (e) => end(reject, e));
      req.on('response', (res) => {
        const parts = [];
        res.on('data', (d) => parts.push(d));
        res.on('error', (e) => end(reject, e));
        res.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          this.answers += 1;
          end(resolve, { status: res.statusCode, headers: res.headers, text,
            body: /json/.test(res.headers['content-type'] ?? '') ?
              JSON.parse(text) : undefined });
        });
      });
      req.end(body);
    });
  }
}

/** Several doors, taken in turn. Pools gives want() and signUp(). */
export class Doors extends Pools {
  constructor(data, doors) {
    super(data);
    this.doors = doors;
    this.turn = 0;
  }

  /** null: there was no answer, so what happened is unknown. */
  async call(pool, method, path, opt) {
    const door = this.doors[this.turn++ % this.doors.length];

    try {
      return await door.ask(method, path, opt);
    } catch {
      return null;
    }
  }
}
