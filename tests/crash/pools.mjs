// pools.mjs - pools and the runner as processes of the test, spoken to over
// FastCGI without nginx, so that each can be killed and started again.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fcgi, params } from '../lib/fcgi.mjs';
import { sleep } from '../fake/net.mjs';
import { cleanEnv, program } from '../lib/once.mjs';

export const roles = {
  runner: (n) => ['runner', '--workers', String(n)],
  web: (n) => ['worker', '--pool', 'web', '--workers', String(n)],
  hook: (n) => ['worker', '--pool', 'hook', '--workers', String(n)],
  wait: (n) => ['worker', '--pool', 'wait', '--workers', String(n)],
  auth: (n) => ['worker', '--pool', 'auth', '--workers', String(n)],
};

export class Pools {
  /** data: of makeData. */
  constructor(data, workers = 2) {
    this.dir = data.dir;
    this.env = data.env;
    this.database = data.database?.name;
    this.workers = workers;
    this.running = new Map(); // role -> the master that serves it
    this.alive = new Set(); // every master that has not ended
    mkdirSync(join(this.dir, 'run'), { recursive: true });
    /* whatever ends the test; children follow their master */
    process.on('exit', () => {
      for (const child of this.alive)
        child.kill('SIGKILL');
    });
  }

  /** Start a role that does not run; it logs to <role>.log in the data folder. */
  start(role) {
    if (this.running.has(role))
      throw new Error(`${role} is running already`);
    const log = openSync(join(this.dir, `${role}.log`), 'a');
    const child = spawn(program, roles[role](this.workers), {
      env: cleanEnv(this.env), cwd: this.dir,
      stdio: ['ignore', log, log] });

    closeSync(log);
    child.gone = new Promise((done) => child.on('exit', (code, signal) => {
      this.alive.delete(child);
      if (this.running.get(role) === child)
        this.running.delete(role);
      done({ code, signal });
    }));
    this.running.set(role, child);
    this.alive.add(child);
    return child;
  }

  log(role) {
    return readFileSync(join(this.dir, `${role}.log`), 'utf8');
  }

  /** The processes below a role's master. */
  children(role) {
    const pid = this.running.get(role)?.pid;
    try {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
        .split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  /** Ask a role to end; answers {code, signal}. */
  async stop(role) {
    const child = this.running.get(role);

    child?.kill('SIGTERM');
    return child?.gone;
  }

  async stopAll() {
    for (const child of this.alive)
      child.kill('SIGTERM');
    await Promise.all([...this.alive].map((child) => child.gone));
  }

  /**
   * One request. opt: json, token, headers. Answers {status, text, body}, or
   * null when the connection ended without an answer.
   */
  async call(pool, method, path, opt = {}) {
    const body = opt.json === undefined ? '' : JSON.stringify(opt.json);
    const more = { ...opt.headers };
    let text = '';

    if (opt.token)
      more.HTTP_AUTHORIZATION = `Bearer ${opt.token}`;
    try {
      text = await fcgi(join(this.dir, 'run', `${pool}.sock`), { body,
        params: params(method, path, Buffer.byteLength(body), more) });
    } catch {
      return null;
    }
    const status = Number(/^Status: (\d+)/.exec(text)?.[1]);
    const length = Number(/^Content-Length: (\d+)/m.exec(text)?.[1] ?? 0);
    const at = text.indexOf('\r\n\r\n');
    const rest = Buffer.from(text.slice(at + 4));
    if (!status || at < 0 || rest.length < length)
      return null;
    return { status, text: rest.toString(), body: length > 0 ?
      JSON.parse(rest.toString()) : undefined };
  }

  /** The same, again and again until it is answered with this status. */
  async want(status, pool, method, path, opt) {
    let last;

    for (let i = 0; i < 100; i++) {
      last = await this.call(pool, method, path, opt);
      if (last?.status === status)
        return last.body;
      await sleep(100);
    }
    throw new Error(`${method} ${path}: ${last?.status} ${last?.text}`);
  }

  /** Sign up once; answers the token. */
  async signUp(email) {
    let last;

    for (let i = 0; i < 100; i++) {
      last = await this.call('auth', 'POST', '/api/auth/signup',
        { json: { email, password: 'correct horse battery' } });
      if (last?.status === 201)
        return last.body.access_token;
      await sleep(100);
    }
    throw new Error(`sign-up: ${last?.status} ${last?.text}`);
  }
}
