// owner.mjs - the owner of a business at the browser, each request shown.
import { randomBytes } from 'node:crypto';
import { send } from './net.mjs';
import { exchange, sentence } from './show.mjs';

/* The stand-in of Vapi listens so far above the server's own port. */
export const sandboxOffset = 10000;

export function portOf(args) {
  const i = args.indexOf('--port');
  const port = Number(i < 0 ? process.env.FRONTDESK_PORT ?? 8080 :
    args[i + 1]);

  if (!Number.isInteger(port) || port < 1 || port > 65535 - sandboxOffset)
    throw new Error(`--port needs a number from 1 to ${65535 - sandboxOffset}`);
  return port;
}

export function expect(good, text) {
  if (!good)
    throw new Error(text);
}

/** The server answers at this address. */
export async function findServer(base) {
  const up = await send(`${base}/api/health`).catch((e) => e);

  expect(up.status === 200, `no server answers at ${base}/api/health; `
    + 'start one with ./scripts/up');
}

export class Owner {
  constructor(base) {
    this.base = base;
  }

  send(method, path, body, type) {
    const headers = { Accept: 'application/json' };

    if (this.token)
      headers.Authorization = `Bearer ${this.token}`;
    if (type)
      headers['Content-Type'] = type;
    return send(this.base + path, { method, headers,
      body: body === undefined || type ? body : JSON.stringify(body) });
  }

  /** Ask, show and parse; form: {body, type} instead of JSON. */
  async ask(method, path, body, want = 200, form = undefined) {
    const answer = await this.send(method, path, form?.body ?? body,
      form?.type);
    let got = answer.text;
    if (/json/.test(answer.headers['content-type'] ?? ''))
      got = JSON.parse(got);
    exchange('owner ', `${method} ${path}`, body, answer, got);
    expect(answer.status === want,
      `${method} ${path} should answer ${want}, not ${answer.status}`);
    return got;
  }

  async signUp(what, more = {}) {
    sentence(what);
    const session = await this.ask('POST', '/api/auth/signup', {
      email: `demo-${randomBytes(5).toString('hex')}@example.com`,
      password: randomBytes(12).toString('base64url'),
      full_name: 'Demo Owner', organization_name: 'Example Dental', ...more },
    201);
    this.token = session.access_token;
    return session;
  }
}
