// net.mjs - the HTTP client of fakes and harness: sends exactly what it is
// told to send, adds no header of its own but Host and Content-Length.
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { readFileSync } from 'node:fs';

dns.setDefaultResultOrder('ipv4first');

/* Path and query of a URL as they are written, nothing normalised. */
function targetOf(url) {
  const at = /^[a-z]+:\/\/[^/?#]*([^#]*)/i.exec(url)[1];
  return at.startsWith('/') ? at : `/${at}`;
}

/**
 * Send one request over a connection of its own.
 * opt: method, headers, body (string or Buffer), timeoutMs, caFile.
 * Answers {status, headers, raw: Buffer, text}; throws on transport errors.
 */
export function send(url, opt = {}) {
  const at = new URL(url);
  const lib = at.protocol === 'https:' ? https : http;
  const body = opt.body === undefined ? null : Buffer.from(opt.body);
  const headers = { ...opt.headers };
  const limit = opt.timeoutMs ?? 30000;

  if (body !== null && headers['Content-Length'] === undefined)
    headers['Content-Length'] = body.length;
  return new Promise((resolve, reject) => {
    const req = lib.request({
      method: opt.method ?? (body === null ? 'GET' : 'POST'),
      hostname: at.hostname.replace(/^\[|\]$/g, ''),
      port: at.port,
      path: opt.target ?? targetOf(url),
      auth: at.username ? `${at.username}:${at.password}` : undefined,
      headers,
      agent: opt.agent ?? false,
      ca: opt.caFile ? readFileSync(opt.caFile) : undefined,
    });
    const timer = setTimeout(() => req.destroy(
      new Error(`no answer from ${at.host} within ${limit} ms`)), limit);
    req.on('error', (e) => { clearTimeout(timer); reject(e); });
    req.on('response', (res) => {
      const parts = [];
      res.on('data', (d) => parts.push(d));
      res.on('error', (e) => { clearTimeout(timer); reject(e); });
      res.on('end', () => {
        clearTimeout(timer);
        const raw = Buffer.concat(parts);
        resolve({ status: res.statusCode, headers: res.headers, raw,
          text: raw.toString('utf8') });
      });
    });
    req.end(body ?? undefined);
  });
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Call fn until it answers something true; throws after the given time. */
export async function until(what, fn, timeoutMs = 10000, stepMs = 50) {
  const end = Date.now() + timeoutMs;

  for (;;) {
    const got = await fn();
    if (got)
      return got;
    if (Date.now() > end)
      throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await sleep(stepMs);
  }
}
