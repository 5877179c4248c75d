// vapi.mjs - a stand-in for the Vapi API, as strict as the real one: bearer
// keys, closed bodies, NestJS errors, and faults on request.
//
// As a module: const vapi = await startVapi({tls, keys, host, port, sipHost});
//   sipHost null: numbers at any host; keys: else any sk-… or sandbox-… key.
// As a command: node vapi.mjs [--port P] [--tls] [--sip-host H] [--key K]...
//   prints "listening URL" (and "ca FILE") and runs until it is killed.
//
// POST /__fake {"next":[{"mode","on","key","ms","times"}],"keys":[…]} sets
// the faults of the coming requests; GET /__fake/log shows what came in;
// DELETE /__fake forgets faults and log. `on` is the start of
// "METHOD /path"; without it the next request of any kind is hit. `key`: only
// requests with that key.
import http from 'node:http';
import https from 'node:https';
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { answerSip } from './vapi-call.mjs';
import { callControl, nouns, verbs } from './vapi-store.mjs';
import { after, before, faultOf, refuse, Refusal, reply, wrongKey }
  from './vapi-fault.mjs';
import { makeTls } from './tls.mjs';

const bodyMax = 1 << 20;
const fileMax = 16 << 20;

/* The organisation of a key; no trace of the key is in it. */
export function orgOf(key) {
  const hex = createHash('sha256').update(key).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8`
    + `${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function admit(fake, req) {
  const got = req.headers.authorization;

  if (got === undefined)
    throw new Refusal(401, 'Missing Authorization Header.');
  const key = /^Bearer (\S+)$/.exec(got)?.[1];
  if (!key || !(fake.keys ? fake.keys.has(key) : /^s(k|andbox)-/.test(key)))
    throw new Refusal(401, wrongKey);
  return orgOf(key);
}

function serve(fake, q) {
  const m = /^\/([a-z-]+)(?:\/([^/]+))?$/.exec(q.path);

  if (m?.[1] === 'call-control' && m[2])
    return callControl(fake, { ...q, id: m[2] });
  q.org = admit(fake, q.req);
  if (!m || !nouns[m[1]]
    || !verbs[m[2] ? 'one' : 'bare'].includes(q.method))
    throw new Refusal(404, `Cannot ${q.method} ${q.path}`);
  return nouns[m[1]](fake, { ...q, id: m[2] });
}

function own(fake, q) {
  if (q.method === 'GET' && q.path === '/__fake/log')
    return [200, fake.log];
  if (q.method === 'DELETE') {
    fake.next.length = 0;
    fake.log.length = 0;
    return [200, {}];
  }
  const body = JSON.parse(q.raw.toString('utf8'));
  if (body.next)
    fake.fail(...body.next);
  if (body.keys)
    fake.keys = new Set(body.keys);
  return [200, { next: fake.next }];
}

async function handle(fake, req, res) {
  const at = new URL(req.url, 'http://fake');
  const parts = [];
  let size = 0;

  const max = at.pathname === '/file' ? fileMax : bodyMax;
  for await (const part of req) {
    size += part.length;
    if (size <= max)
      parts.push(part);
  }
  const q = { req, method: req.method, path: at.pathname,
    query: at.searchParams, raw: Buffer.concat(parts) };
  if (q.path === '/__fake' || q.path.startsWith('/__fake/'))
    return reply(res, ...own(fake, q));
  const entry = { at: Date.now(), method: q.method, path: req.url,
    auth: req.headers.authorization ?? null, headers: { ...req.headers },
    body: q.raw.toString('utf8'), status: 0, fault: 'none' };
  fake.log.push(entry);
  const fault = faultOf(fake, q);
  entry.fault = fault.mode;
  res.once('close', () => { entry.done = Date.now(); });
  if (await before(fault, q, res))
    return undefined;
  let answer;
  try {
    if (size > max)
      throw new Refusal(413, 'request entity too large');
    answer = serve(fake, q);
  } catch (e) {
    if (!(e instanceof Refusal))
      throw e;
    answer = [e.status, e.body];
  }
  entry.status = answer[0];
  entry.id = answer[1].id;
  return after(fault, res, ...answer);
}

/** Start it; see the head of the file. */
export async function startVapi(opt = {}) {
  const host = opt.host ?? '127.0.0.1';
  const tls = opt.tls ? makeTls() : null;
  const fake = {
    keys: opt.keys ? new Set(opt.keys) : null,
    sipHost: opt.sipHost === undefined ? 'sip.vapi.ai' : opt.sipHost,
    reach: opt.reach ?? ((url) => url),
    caFile: tls?.caFile, serverCa: opt.serverCa,
    assistants: new Map(), phones: new Map(), calls: new Map(),
    files: new Map(),
    controls: [], log: [], next: [],
    fail: (...faults) => fake.next.push(...faults),
    seen: (start) => fake.log.filter((e) =>
      `${e.method} ${e.path}`.startsWith(start)),
    answerSip: (uri, more) => answerSip(fake, uri, more),
  };
  const run = (req, res) => handle(fake, req, res).catch((e) => {
    if (!res.destroyed && !res.headersSent)
      reply(res, ...refuse(500, e.message));
  });
  const server = tls ? https.createServer(tls, run) : http.createServer(run);
  server.keepAliveTimeout = 5000;
  await new Promise((ok, no) => {
    server.once('error', no);
    server.listen(opt.port ?? 0, host, ok);
  });
  fake.port = server.address().port;
  fake.url = `${tls ? 'https' : 'http'}://${host}:${fake.port}`;
  fake.stop = () => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
    tls?.drop();
  });
  return fake;
}

async function main(args) {
  const opt = { keys: [] };

  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--port')
      opt.port = Number(args[++i]);
    else if (args[i] === '--sip-host')
      opt.sipHost = args[++i];
    else if (args[i] === '--key')
      opt.keys.push(args[++i]);
    else if (args[i] === '--tls')
      opt.tls = true;
    else
      throw new Error(`unknown argument: ${args[i]}`);
  }
  if (opt.keys.length === 0)
    delete opt.keys;
  const fake = await startVapi(opt);
  process.stdout.write(`listening ${fake.url}\n`);
  if (fake.caFile)
    process.stdout.write(`ca ${fake.caFile}\n`);
  for (const sig of ['SIGINT', 'SIGTERM'])
    process.once(sig, () => fake.stop().then(() => process.exit(0)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
