// once.mjs - one request through `frontdesk once`: the real program and its
// nine steps, without a socket.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hit } from './client.mjs';
import { newDatabase } from './postgres.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const program = process.env.FRONTDESK_BINARY
  ?? join(root, 'build/frontdesk');

/** The environment without settings of whoever runs the tests. */
export function cleanEnv(more) {
  const env = { ...process.env, ...more };

  for (const k of Object.keys(env))
    if (k.startsWith('FRONTDESK_') && k !== 'FRONTDESK_BINARY'
      && !(k in more))
      delete env[k];
  return env;
}

/** Run a command of the program; opt: env, input. Answers {code, out, err}. */
export function run(args, opt = {}) {
  const r = spawnSync(program, args, { env: cleanEnv(opt.env ?? {}),
    input: opt.input ?? '', cwd: opt.cwd ?? root, timeout: 60000,
    maxBuffer: 64 << 20 });

  if (r.error)
    throw r.error;
  return { code: r.status, signal: r.signal, raw: r.stdout,
    out: r.stdout.toString('utf8'), err: r.stderr.toString('utf8') };
}

const living = new Set();

process.on('exit', () => {
  for (const data of living)
    data.drop();
});

class Data {
  constructor(dir, database, env) {
    this.dir = dir;
    this.database = database;
    this.env = { ...env, FRONTDESK_DATA: dir, ...database.env };
    living.add(this);
  }

  once(method, path, opt) {
    return once(this.env, method, path, opt);
  }

  /** A copy of folder and database, in which nobody may be at work. */
  copy() {
    const dir = mkdtempSync(join(tmpdir(), 'frontdesk-once-'));

    cpSync(this.dir, dir, { recursive: true });
    return new Data(dir, newDatabase(this.database.name), this.env);
  }

  drop() {
    if (!living.delete(this))
      return;
    rmSync(this.dir, { recursive: true, force: true });
    this.database.drop();
  }
}

/** A scratch data folder with keys and tables, until drop() or the end. */
export function makeData(env = {}, database = newDatabase()) {
  const dir = mkdtempSync(join(tmpdir(), 'frontdesk-once-'));
  const data = new Data(dir, database, env);

  for (const args of [['key', 'init'], ['migrate', 'up']]) {
    const r = run(args, { env: data.env });
    assert.equal(r.code, 0, `frontdesk ${args.join(' ')}: ${r.out}${r.err}`);
  }
  return data;
}

/* The command line of one request, and what goes to its standard input. */
function argsOf(method, path, opt) {
  const args = ['once', method, path];
  const body = opt.json !== undefined ? JSON.stringify(opt.json) : opt.body;
  const headers = { ...opt.headers };

  if (opt.token)
    headers.Authorization = `Bearer ${opt.token}`;
  if (body !== undefined)
    headers['Content-Type'] ??= 'application/json';
  for (const [k, v] of Object.entries(headers))
    args.push('-H', `${k}: ${v}`);
  if (body !== undefined)
    args.push('-d', '-');
  if (opt.fail)
    args.push(`--fail=${opt.fail}`);
  return { args, body };
}

/* What it printed, as a reply. */
function replyOf(r, method, path) {
  assert.equal(r.signal, null, `killed by ${r.signal}: ${r.err}`);
  const m = /^(?:Status: |HTTP(?:\/1\.1)? )(\d{3})[^\n]*\n/.exec(r.out);
  assert.ok(m, `no status line from ${method} ${path}: ${r.out}${r.err}`);
  const cut = /\r?\n\r?\n/.exec(r.out);
  const head = r.out.slice(m[0].length, cut.index);
  const text = r.out.slice(cut.index + cut[0].length);
  const got = { 'set-cookie': [] };
  for (const line of head.split(/\r?\n/)) {
    const [, k, v] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (/^set-cookie$/i.test(k ?? ''))
      got['set-cookie'].push(v);
    else if (k)
      got[k.toLowerCase()] = v;
  }
  hit(method, path, Number(m[1]));
  return { status: Number(m[1]), headers: got, text, err: r.err,
    code: r.code, body: /json/.test(got['content-type'] ?? '') ?
      JSON.parse(text) : undefined };
}

/** opt: json, body, headers, token, fail. Answers {status, headers, text}. */
export function once(env, method, path, opt = {}) {
  const { args, body } = argsOf(method, path, opt);

  return replyOf(run(args, { env, input: body }), method, path);
}

/** The same without stopping this process, which may play a provider. */
export async function onceLater(env, method, path, opt = {}) {
  const { args, body } = argsOf(method, path, opt);
  const child = spawn(program, args, { env: cleanEnv(env), cwd: root });
  const r = { out: '', err: '' };

  child.stdout.setEncoding('utf8').on('data', (d) => { r.out += d; });
  child.stderr.setEncoding('utf8').on('data', (d) => { r.err += d; });
  child.stdin.on('error', () => {});
  child.stdin.end(body ?? '');
  await new Promise((done, no) => {
    child.on('error', no);
    child.on('close', (code, signal) => {
      Object.assign(r, { code, signal });
      done();
    });
  });
  return replyOf(r, method, path);
}
