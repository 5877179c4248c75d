// ai.mjs - a stand-in for an OpenAI-style endpoint, as strict as the real
// ones: bearer key, closed body, a known model, a strict JSON schema.
//
// const ai = await startAi({tls, key, models, port}); ai.url ends in /v1.
// ai.next.push({mode, model, times, ms, content, usage}) sets what happens to
// the coming requests (of that model): see `modes`; without one the answer is
// good. ai.log: [{model, body, mode, at, status}].
//
// As a command: node ai.mjs [--port P] [--key K] prints "listening URL".
import http from 'node:http';
import https from 'node:https';
import { pathToFileURL } from 'node:url';
import { sleep } from './net.mjs';
import { makeTls } from './tls.mjs';

const bodyMax = 1 << 20;
const members = ['model', 'messages', 'temperature', 'max_tokens',
  'max_completion_tokens', 'response_format', 'stream', 'tools',
  'tool_choice'];

class Refusal extends Error {
  constructor(status, type, message) {
    super(message);
    this.status = status;
    this.body = { error: { message, type, param: null, code: null } };
  }
}

const invalid = (message) =>
  new Refusal(400, 'invalid_request_error', message);

/* Strict mode: every object closed, every property required. */
function checkSchema(s, at) {
  if (s.type === 'object') {
    const names = Object.keys(s.properties ?? {});
    if (s.additionalProperties !== false)
      throw invalid(`${at}: additionalProperties must be false`);
    if (JSON.stringify([...names].sort())
      !== JSON.stringify([...(s.required ?? [])].sort()))
      throw invalid(`${at}: every property must be in required`);
    for (const n of names)
      checkSchema(s.properties[n], `${at}.${n}`);
  } else if (s.type === 'array')
    checkSchema(s.items, `${at}[]`);
  else if (!['string', 'integer', 'number', 'boolean'].includes(s.type))
    throw invalid(`${at}: unknown type ${s.type}`);
}

function check(fake, req, raw) {
  const key = /^Bearer (\S+)$/.exec(req.headers.authorization ?? '')?.[1];
  let body;

  if (fake.key && key !== fake.key)
    throw new Refusal(401, 'authentication_error', 'Invalid API key');
  if (!/^application\/json/.test(req.headers['content-type'] ?? ''))
    throw new Refusal(415, 'invalid_request_error', 'not JSON');
  if (raw.length > bodyMax)
    throw new Refusal(413, 'invalid_request_error', 'too large');
  try {
    body = JSON.parse(raw.toString('utf8'));
  } catch {
    throw invalid('the body is not JSON');
  }
  for (const k of Object.keys(body))
    if (!members.includes(k))
      throw invalid(`unknown parameter ${k}`);
  if (!fake.models.includes(body.model))
    throw new Refusal(404, 'model_not_found', `no model ${body.model}`);
  if (!Array.isArray(body.messages) || body.messages.length === 0 ||
    body.messages.some((m) => !['system', 'user'].includes(m.role)
      || typeof m.content !== 'string' || m.content === ''))
    throw invalid('messages are wrong');
  if (!Number.isInteger(body.max_tokens ?? body.max_completion_tokens))
    throw invalid('max_tokens is missing');
  if (/(^|\/)(o\d|gpt-5)/.test(body.model)
    && (body.max_tokens || body.temperature !== undefined))
    throw invalid('this model takes max_completion_tokens and no temperature');
  const f = body.response_format;
  if (f?.type !== 'json_schema' || f.json_schema?.strict !== true
    || !/^\w{1,64}$/.test(f.json_schema.name ?? ''))
    throw invalid('response_format is wrong');
  checkSchema(f.json_schema.schema, 'schema');
  return body;
}

export const goodAdvice = { industryId: 1,
  industryInsights: ['Callers in pain want a time today.'],
  suggestedOKRs: [{ objective: 'No call is lost',
    keyResults: ['95 % answered', 'Half of them booked'] }],
  teamStructureAdvice: ['One person takes what is handed over.'],
  nextSteps: [{ title: 'Set the hours', description: 'Only these are used.' }],
};
const goodIndustry = { industryId: 1, confidence: 0.93 };

function completion(fake, body, fault) {
  const whole = body.response_format.json_schema.schema.properties
    .industryInsights !== undefined;
  const answer = whole ? goodAdvice : goodIndustry;
  const prompt = body.messages.map((m) => m.content).join('\n');
  const texts = { notJson: 'I am sorry, here is my answer: yes.',
    array: '[1, 2]', cut: JSON.stringify(answer).slice(0, 40),
    empty: '', wrong: JSON.stringify({ ...answer, industryId: 'one' }),
    unknown: JSON.stringify({ ...answer, industryId: 777 }),
    missing: JSON.stringify({ industryId: 1 }),
    script: JSON.stringify({ ...answer, industryInsights: [
      '<script>alert(1)</script>Buy', '<b>Bold</b> **advice** here',
      'See https://evil.example.com now'] }),
    allScript: JSON.stringify({ ...answer, industryInsights: [
      '<script>alert(1)</script>'] }),
    control: JSON.stringify({ ...answer, industryInsights: [
      'A\u0000b\u0007c\u202Ed\u200Be'.replace('\u0000', '')] }),
    parrot: JSON.stringify({ ...answer, industryInsights: [prompt] }),
    fence: JSON.stringify({ ...answer, teamStructureAdvice: [
      body.messages.at(-1).content.split('\n')[0]] }),
    long: JSON.stringify({ ...answer, industryInsights:
      Array(50).fill('x'.repeat(3000)) }),
    block: `\`\`\`json\n${JSON.stringify(answer)}\n\`\`\`` };
  const content = fault.content ?? texts[fault.mode]
    ?? JSON.stringify(answer);
  const out = { id: 'chatcmpl-1', object: 'chat.completion',
    created: 1750000000, model: body.model, choices: [{ index: 0,
      message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: Math.ceil(prompt.length / 4),
      completion_tokens: Math.ceil(content.length / 4) } };

  if (fault.mode === 'length')
    out.choices[0].finish_reason = 'length';
  if (fault.mode === 'refusal')
    out.choices[0].message = { role: 'assistant', content: null,
      refusal: 'I cannot help with that.' };
  if (fault.mode === 'noUsage')
    delete out.usage;
  if (fault.usage)
    out.usage = fault.usage;
  if (fault.mode === 'noChoices')
    out.choices = [];
  if (fault.mode === 'huge')
    out.choices[0].message.content = 'y'.repeat(5 << 20);
  return out;
}

const errors = { 400: 'invalid_request_error', 401: 'authentication_error',
  402: 'insufficient_funds', 404: 'model_not_found',
  429: 'rate_limit_exceeded', 500: 'internal_server_error',
  503: 'internal_server_error' };

/** Every way to fail: instead of an answer, or by its content. */
export const modes = {
  quick: ['400', '401', '402', '404', '429', '500', '503', 'drop', 'html',
    'notJson', 'array', 'cut', 'empty', 'wrong', 'unknown', 'missing',
    'allScript', 'parrot', 'fence', 'length', 'refusal', 'noChoices', 'huge'],
  slow: ['hang', 'late', 'drip'],
};

function faultOf(fake, model) {
  const i = fake.next.findIndex((f) => !f.model || f.model === model);

  if (i < 0)
    return { mode: 'none' };
  const fault = fake.next[i];
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0)
    fake.next.splice(i, 1);
  return fault;
}

async function drip(res, text) {
  res.writeHead(200, { 'Content-Type': 'application/json',
    'Content-Length': text.length });
  for (let i = 0; i < 300 && !res.destroyed; i++) {
    res.write(' ');
    await sleep(100);
  }
}

async function handle(fake, req, res) {
  const parts = [];
  const reply = (status, body, type = 'application/json') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    entry.status = status;
    if (!res.destroyed)
      res.writeHead(status, { 'Content-Type': type,
        'Content-Length': Buffer.byteLength(text) }).end(text);
  };
  const entry = { at: Date.now(), path: req.url, status: 0, mode: 'none' };

  for await (const part of req)
    parts.push(part);
  fake.log.push(entry);
  fake.open += 1;
  fake.peak = Math.max(fake.peak, fake.open);
  try {
    if (req.method !== 'POST' || req.url !== '/v1/chat/completions')
      throw new Refusal(404, 'not_found', `no ${req.method} ${req.url}`);
    const body = check(fake, req, Buffer.concat(parts));
    const fault = faultOf(fake, body.model);
    Object.assign(entry, { model: body.model, body, mode: fault.mode });
    if (fake.delayMs || fault.mode === 'slow')
      await sleep(fault.ms ?? fake.delayMs);
    if (fault.mode === 'hang')
      return;
    if (fault.mode === 'late')
      await sleep(fault.ms ?? 30000);
    if (fault.mode === 'drop')
      return void req.socket.destroy();
    if (fault.mode === 'html')
      return void reply(502, '<html>Bad Gateway</html>', 'text/html');
    if (errors[fault.mode])
      throw new Refusal(Number(fault.mode), errors[fault.mode],
        `refused on request: ${fault.mode}`);
    const out = completion(fake, body, fault);
    if (fault.mode === 'drip')
      return void await drip(res, JSON.stringify(out));
    entry.usage = out.usage;
    reply(200, out);
  } catch (e) {
    if (!(e instanceof Refusal))
      throw e;
    reply(e.status, e.body);
  } finally {
    fake.open -= 1;
  }
}

/** Start it; see the head of the file. */
export async function startAi(opt = {}) {
  const tls = opt.tls ? makeTls() : null;
  const fake = { key: opt.key ?? 'ai-key-0123456789',
    models: opt.models ?? ['test/first', 'test/second'], delayMs: 0,
    next: [], log: [], open: 0, peak: 0, caFile: tls?.caFile };
  const run = (req, res) => handle(fake, req, res)
    .catch(() => res.destroy());
  const server = tls ? https.createServer(tls, run) : http.createServer(run);

  await new Promise((ok, no) => {
    server.once('error', no);
    server.listen(opt.port ?? 0, '127.0.0.1', 512, ok);
  });
  fake.url = `${tls ? 'https' : 'http'}://127.0.0.1:${
    server.address().port}/v1`;
  fake.env = { FRONTDESK_AI_URL: fake.url, FRONTDESK_AI_KEY: fake.key,
    FRONTDESK_AI_MODEL: fake.models[0],
    ...(tls ? { FRONTDESK_CA_FILE: tls.caFile } : {}) };
  fake.stop = () => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
    tls?.drop();
  });
  return fake;
}

async function main(args) {
  const opt = {};

  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--port')
      opt.port = Number(args[++i]);
    else if (args[i] === '--key')
      opt.key = args[++i];
    else
      throw new Error(`unknown argument: ${args[i]}`);
  }
  const fake = await startAi(opt);
  process.stdout.write(`listening ${fake.url}\n`);
  for (const sig of ['SIGINT', 'SIGTERM'])
    process.once(sig, () => fake.stop().then(() => process.exit(0)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
