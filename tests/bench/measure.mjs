// measure.mjs - load, and what it costs: wrk, /proc, and a stop-watch.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep } from '../fake/net.mjs';
import { fcgi, params } from '../lib/fcgi.mjs';
import { template } from './routes.mjs';
import { python } from './stack.mjs';

const lua = join(dirname(fileURLToPath(import.meta.url)), 'load.lua');
const threads = 2;
const mostPerSecond = 12000;	// of requests that differ
export const connections = 32;

export const median = (list) => {
  const s = [...list].sort((a, b) => a - b);
  const mid = s.length >> 1;
  return s.length % 2 ? s[mid] : (s[mid - 1] + s[mid]) / 2;
};

/** A process and its children. */
function family(pid) {
  const path = `/proc/${pid}/task/${pid}/children`;
  const children = readFileSync(path, 'latin1').trim();
  return [pid, ...children.split(' ').filter(Boolean).flatMap((c) =>
    family(Number(c)))];
}

/* Nanoseconds on a CPU so far. */
const cpuOf = (pid) => family(pid).reduce((sum, p) => sum +
  Number(readFileSync(`/proc/${p}/schedstat`, 'latin1').split(' ')[0]), 0);

/** Private memory of a process and its children, in bytes. */
export function memoryOf(pid) {
  const list = family(pid).map((p) => [...readFileSync(
    `/proc/${p}/smaps_rollup`, 'latin1')
    .matchAll(/^Private_(?:Clean|Dirty): *(\d+) kB/gm)]
    .reduce((sum, m) => sum + 1024 * m[1], 0));
  return { processes: list.length, bytes: list.reduce((a, b) => a + b, 0) };
}

function wrk(args) {
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';

  child.stdout.on('data', (d) => { text += d; });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      const line = text.split('\n').find((l) => l.startsWith('{'));
      return code === 0 && line ? done(JSON.parse(line)) :
        fail(new Error(`wrk: ${text}`));
    });
  });
}

/** Load a target for some seconds. */
export async function load(stack, t, seconds) {
  const files = ['template', 'values'].map((f) => join(stack.dir, f));
  const n = t.values ? seconds * mostPerSecond : 0;
  const pids = { nginx: stack.pid('nginx'), pool: t.pool && stack.pid(t.pool) };
  const cpu = () => ({ nginx: cpuOf(pids.nginx),
    pool: pids.pool ? cpuOf(pids.pool) : 0 });

  writeFileSync(files[0], template(t));
  writeFileSync(files[1], Array.from({ length: n }, (_, i) =>
    t.values(t.serial + i).join('\t')).join('\n'));
  const before = cpu();
  const got = await wrk([`-t${threads}`, `-c${t.slow ? 4 : connections}`,
    `-d${seconds}s`, '--timeout', '10s', '-s', lua, stack.url, '--', ...files, String(threads)]);
  const after = cpu();
  if (got.used > n && n > 0)
    throw new Error(`${t.name}: ${n} requests were not enough`);
  t.serial += got.used;
  t.sent = (t.sent ?? 0) + got.requests - got.errors;
  return { perSecond: got.requests / got.us * 1e6, p50Us: got.p50,
    p99Us: got.p99, errors: got.errors, why: got.why,
    nginxUs: (after.nginx - before.nginx) / got.requests / 1000,
    poolUs: (after.pool - before.pool) / got.requests / 1000 };
}

/** Rows of a table where a column has a value. */
export function countRows(file, table, column, value) {
  const code = 'import sqlite3, sys; print(sqlite3.connect('
    + '"file:%s?mode=ro" % sys.argv[1], uri=True).execute('
    + `"SELECT count(*) FROM ${table} WHERE ${column} = ?", `
    + 'sys.argv[2:]).fetchone()[0])';
  const r = spawnSync(python, ['-c', code, file, value],
    { encoding: 'utf8' });
  return Number(r.stdout);
}

/** From the start of `frontdesk worker` to its first answer, milliseconds. */
export async function readyMs(stack, workers) {
  const socket = join(stack.dir, 'run', 'ready.sock');
  const from = performance.now();
  const child = stack.spawn(stack.binary, ['worker', '--pool', 'web',
    '--workers', String(workers), '--socket', socket], {}, 'ready');
  const ask = { params: params('GET', '/api/health', 0) };

  for (let reply = ''; !reply.startsWith('Status: 200');)
    reply = await fcgi(socket, ask).catch(() => sleep(1).then(() => ''));
  const took = performance.now() - from;
  child.kill('SIGTERM');
  await child.gone;
  return took;
}
