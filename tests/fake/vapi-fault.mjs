// vapi-fault.mjs - how the Vapi stand-in answers, and how it fails when told to.
//
// Instead of the work: hang, drop, html, 400, 401, 403, 404, 409, 429, 500, 503.
// The work is done but the answer is bad: create-then-hang, create-then-drop,
// create-then-500, create-then-html, half (the connection ends inside the
// body), cut (a complete answer with half a JSON text).
// slow-create waits `ms` and then works, whether the client still listens or not.
import { sleep } from './net.mjs';

const names = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found',
  409: 'Conflict', 413: 'Payload Too Large', 429: 'Too Many Requests',
  500: 'Internal Server Error' };
export const wrongKey = 'Invalid Key. Hot tip, you may be using the private key '
  + 'instead of the public key, or vice versa.';

/* What a request handler throws to answer with an error. */
export class Refusal extends Error {
  constructor(status, message) {
    super(String(message));
    this.status = status;
    this.body = { message, error: names[status], statusCode: status };
  }
}

/* The fault for this request, if one was ordered. */
export function faultOf(fake, q) {
  const line = `${q.method} ${q.path}`;
  const i = fake.next.findIndex((f) => line.startsWith(f.on ?? '')
    && (!f.key || q.req.headers.authorization === `Bearer ${f.key}`));

  if (i < 0)
    return { mode: 'none' };
  const fault = fake.next[i];
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0)
    fake.next.splice(i, 1);
  return fault;
}

export function reply(res, status, body, headers = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);

  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text), ...headers });
  res.end(text);
}

export function refuse(status, message) {
  return [status, new Refusal(status, message).body];
}

/* Faults that come instead of the work. True when it answered (or never). */
export async function before(fault, q, res) {
  const given = fault.message;

  switch (fault.mode) {
  case 'hang':
    if (fault.ms === undefined)
      return true;
    await sleep(fault.ms);
    return false;
  case 'drop':
    res.socket.destroy();
    return true;
  case 'html':
    reply(res, fault.status ?? 502, '<html><body><h1>502 Bad Gateway</h1>'
      + '</body></html>', { 'Content-Type': 'text/html' });
    return true;
  case '400': case '401': case '403': case '404': case '409':
    reply(res, ...refuse(Number(fault.mode), given ?? (fault.mode === '401' ?
      wrongKey : [`refused on request: ${fault.mode}`])));
    return true;
  case '429':
    reply(res, ...refuse(429, given ?? 'Too many requests'),
      { 'Retry-After': String(fault.after ?? 1) });
    return true;
  case '500': case '503':
    reply(res, ...refuse(Number(fault.mode), 'Internal server error'));
    return true;
  case 'slow-create':
    await sleep(fault.ms ?? 1000);
    return false;
  default:
    return false;
  }
}

/* Faults that come after the work is done. */
export function after(fault, res, status, body) {
  const text = JSON.stringify(body);

  switch (fault.mode) {
  case 'create-then-hang':
    return;
  case 'create-then-drop':
    res.socket.destroy();
    return;
  case 'create-then-500':
    reply(res, ...refuse(500, 'Internal server error'));
    return;
  case 'create-then-html':
    reply(res, status, '<html>It worked!</html>',
      { 'Content-Type': 'text/html' });
    return;
  case 'half':
    res.writeHead(status, { 'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text) });
    res.write(text.slice(0, text.length / 2), () => res.socket.destroy());
    return;
  case 'cut':
    reply(res, status, text.slice(0, text.length / 2));
    return;
  default:
    reply(res, status, body);
  }
}
