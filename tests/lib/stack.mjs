// stack.mjs - a whole server for one test file: scripts/up on a free port
// with a scratch data folder, and the Vapi stand-in beside it.
//
// FRONTDESK_KEEP=1 leaves the data folder behind for a look.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync,
  statSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { startVapi } from '../fake/vapi.mjs';
import { until } from '../fake/net.mjs';
import { Client, hit } from './client.mjs';
import { cleanEnv, root, run } from './once.mjs';
import { dump, newDatabase } from './postgres.mjs';

const tries = 3;
const running = new Set();

/* Registered where this file is loaded: at the root of a test file. */
after(async () => {
  for (const stack of running)
    await stack.stop();
});

process.on('exit', () => {
  for (const stack of running) {
    script('down', ['--data', stack.dir], stack.env);
    stack.database.drop();
  }
});

function isFree(port) {
  return new Promise((done) => {
    const probe = net.createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

/** A port on which nothing listens; the one 10000 above is free as well. */
export async function freePort() {
  for (let i = 0; i < 50; i++) {
    const port = 20000 + Math.floor(Math.random() * 12000);
    if (await isFree(port) && await isFree(port + 10000))
      return port;
  }
  throw new Error('no free port found');
}

function script(name, args, env) {
  const r = spawnSync(join(root, 'scripts', name), args, { cwd: root,
    env: cleanEnv(env), encoding: 'utf8', timeout: 300000,
    stdio: ['ignore', 'pipe', 'pipe'] });
  return { code: r.status, text: `${r.stdout}${r.stderr}` };
}

/** Ids of the processes that a master forked. */
export function childrenOf(pid) {
  return readdirSync('/proc').filter((p) => /^\d+$/.test(p)).map(Number)
    .filter((p) => {
      try {
        const stat = readFileSync(`/proc/${p}/stat`, 'latin1');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
          === pid;
      } catch {
        return false;
      }
    });
}

class Stack {
  constructor(port, dir, env, database) {
    this.port = port;
    this.dir = dir;
    this.env = env;
    this.database = database;
    this.url = `http://127.0.0.1:${port}`;
    this.publicUrl = env.FRONTDESK_PUBLIC_URL;
  }

  /** Public URLs lead to this server, wherever their name points. */
  reach = (url) => (url.startsWith(this.publicUrl) ?
    this.url + url.slice(this.publicUrl.length) : url);

  client(opt) {
    return new Client(this.url, opt);
  }

  /** A command of the program on this server's data. */
  run(args, input) {
    return run(args, { env: this.env, input });
  }

  /** Every log file: [{name, text}]. */
  logs() {
    const dir = join(this.dir, 'log');
    return readdirSync(dir).filter((f) => statSync(join(dir, f)).isFile())
      .map((f) => ({ name: f, text: readFileSync(join(dir, f), 'latin1') }));
  }

  /** Is this text anywhere in what the database has stored? */
  stored(text) {
    const { super: url } = this.database;
    if (url)
      return dump(url).includes(text);
    return ['frontdesk.db', 'frontdesk.db-wal'].map((f) => join(this.dir, f))
      .some((f) => existsSync(f) && readFileSync(f).includes(text));
  }

  /** The process id of a pool's master, of runner or nginx. */
  pid(name) {
    return Number(readFileSync(join(this.dir, 'run', `${name}.pid`), 'utf8'));
  }

  async stop() {
    running.delete(this);
    const r = script('down', ['--data', this.dir], this.env);
    await this.vapi?.stop();
    this.database.drop();
    if (!process.env.FRONTDESK_KEEP)
      rmSync(this.dir, { recursive: true, force: true });
    assert.equal(r.code, 0, `scripts/down: ${r.text}`);
  }
}

/**
 * Start it; it is stopped after the tests of the file.
 * opt: env (settings), workers, vapi (false: none; or options of the
 * stand-in), publicUrl, database (one of createDatabase's).
 */
export async function startStack(opt = {}) {
  const vapi = opt.vapi === false ? null :
    await startVapi({ sipHost: 'sip.example.com', ...opt.vapi });
  let last;

  for (let i = 0; i < tries; i++) {
    const port = await freePort();
    const dir = mkdtempSync(join(tmpdir(), 'frontdesk-test-'));
    const database = opt.database ?? newDatabase();
    const env = { FRONTDESK_DATA: dir, FRONTDESK_PORT: String(port),
      FRONTDESK_PUBLIC_URL: opt.publicUrl ?? `http://localhost:${port}`,
      FRONTDESK_VAPI_URL: vapi?.url ?? 'http://127.0.0.1:9',
      FRONTDESK_VAPI_SIP_HOST: 'sip.example.com',
      FRONTDESK_TWILIO_URL: 'http://127.0.0.1:9',
      FRONTDESK_API_RATE: '5000', FRONTDESK_AUTH_RATE: '1000',
      FRONTDESK_HOOK_RATE: '5000',
      FRONTDESK_PEER_TIMEOUT_MS: '1500', FRONTDESK_REPAIR_AFTER_MS: '1000',
      ...(vapi?.caFile ? { FRONTDESK_CA_FILE: vapi.caFile } : {}),
      ...database.env, ...opt.env };
    last = script('up', ['--detach', '--port', String(port), '--data', dir,
      '--workers', String(opt.workers ?? 2)], env);
    const stack = new Stack(port, dir, env, database);
    stack.vapi = vapi;
    if (last.code === 0) {
      if (vapi)
        Object.assign(vapi, { reach: stack.reach, onHit: hit });
      running.add(stack);
      return stack;
    }
    script('down', ['--data', dir], env);
    database.drop();
  }
  await vapi?.stop();
  throw new Error(`scripts/up failed: ${last.text}`);
}

/** Wait until GET /api/health answers 200. */
export function healthy(stack) {
  return until('the server to be healthy', async () => {
    try {
      const r = await stack.client().get('/api/health', { validate: false });
      return r.status === 200;
    } catch {
      return false;
    }
  });
}
