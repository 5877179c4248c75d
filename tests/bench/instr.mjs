// instr.mjs - instructions per request, which do not depend on how busy the
// machine is: one worker under callgrind, which writes its counters down each
// time it comes to log a request.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { until } from '../fake/net.mjs';
import { fcgi, params } from '../lib/fcgi.mjs';
import { median } from './measure.mjs';
import { next } from './routes.mjs';

const warm = 3;		// statements are prepared, caches are filled

function ask(socket, t) {
  const { headers, body } = next(t);
  const all = params(t.method, t.path, Buffer.byteLength(body ?? ''),
    { HTTP_HOST: t.host });

  for (const [k, v] of Object.entries(headers))
    all[/^content-type$/i.test(k) ? 'CONTENT_TYPE' :
      `HTTP_${k.toUpperCase().replaceAll('-', '_')}`] = v;
  return fcgi(socket, { params: all, body, timeoutMs: 30000 });
}

/** {total, self: Map(function => instructions)} of one file of callgrind. */
function readDump(path) {
  const names = new Map();
  const self = new Map();
  let name = '', called = false, total = 0;

  for (const line of readFileSync(path, 'latin1').split('\n')) {
    const fn = /^c?fn=\((\d+)\)(?: (.*))?$/.exec(line);
    if (fn && fn[2] !== undefined)
      names.set(fn[1], fn[2].replace(/'\d+$/, ''));
    if (fn && line[0] === 'f')
      name = names.get(fn[1]);
    else if (line.startsWith('calls='))
      called = true;	// the next line is the callee's, not ours
    else if (/^[+\-*\d]/.test(line)) {
      const cost = called ? 0 : Number(line.split(' ')[1] ?? 0);
      called = false;
      total += cost;
      self.set(name, (self.get(name) ?? 0) + cost);
    }
  }
  return { total, self };
}

/** The functions in which a request spends most, by their own instructions. */
function topOf(dumps, count) {
  const sum = new Map();

  for (const d of dumps)
    for (const [name, cost] of d.self)
      sum.set(name, (sum.get(name) ?? 0) + cost / dumps.length);
  return [...sum].sort((a, b) => b[1] - a[1]).slice(0, count)
    .map(([name, cost]) => ({ name, instructions: Math.round(cost) }));
}

/** Targets through one worker of a program; answers {name: {total, top}}. */
export async function instructions(stack, program, targets, times) {
  const label = `count-${basename(program)}`;
  const socket = join(stack.dir, 'run', `${label}.sock`);
  const out = join(stack.dir, label);
  const env = program === stack.hello ?
    { FRONTDESK_DATA: join(stack.dir, 'hello') } : {};
  const child = stack.spawn('valgrind', ['-q', '--tool=callgrind',
    `--callgrind-out-file=${out}.%p`, '--dump-before=note_request', program,
    'worker', '--pool', 'web', '--workers', '1', '--socket', socket],
  { FRONTDESK_HARD_MS: '120000', FRONTDESK_SLOW_MS: '120000', ...env },
  label);
  const found = {};
  const answered = [];

  await until('a worker under callgrind', () => fcgi(socket, { params:
    params('GET', '/api/health', 0) }).catch(() => ''), 60000);
  answered.push(null);
  for (const t of targets)
    for (let i = 0; i < warm + times; i++) {
      const reply = await ask(socket, t);
      const status = Number(/^Status: (\d+)/.exec(reply)?.[1]);
      if (!t.good({ status, text: reply }))
        throw new Error(`${t.name}: ${reply.slice(0, 300)}`);
      answered.push(i < warm ? null : t.name);
    }
  child.kill('SIGTERM');
  await child.gone;
  // the n-th dump is the n-th request's
  const files = readdirSync(stack.dir).map((f) =>
    /^(count-.*\.\d+)\.(\d+)$/.exec(f)).filter((m) => m &&
    join(stack.dir, m[1]).startsWith(`${out}.`));
  for (const t of targets) {
    const dumps = files.filter((m) => answered[m[2] - 1] === t.name)
      .map((m) => readDump(join(stack.dir, m[0])));
    found[t.name] = { instructions: median(dumps.map((d) => d.total)),
      top: topOf(dumps, 5) };
  }
  return found;
}
