// stack.mjs - the server under test and, behind the same nginx, the
// yardsticks: a second server block named "bench".
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync,
  writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../fake/net.mjs';
import { startVapi } from '../fake/vapi.mjs';
import { Client } from '../lib/client.mjs';
import { cleanEnv } from '../lib/once.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
export const workers = 8;
export const python = '/usr/bin/python3';	// to which the packages belong

function freePort() {
  return new Promise((done) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/* Everything a request to the product meets in nginx, these meet as well. */
const benchConf = (dir, port) => `
upstream bench_hello {
	zone bench_hello 64k;
	server "unix:${dir}/run/hello.sock" max_conns=192 max_fails=0;
	keepalive 32;
}
upstream bench_fastapi {
	zone bench_fastapi 64k;
	server "unix:${dir}/run/fastapi.sock" max_conns=192 max_fails=0;
	keepalive 32;
}
server {
	listen 127.0.0.1:${port};
	server_name bench;
	include "${dir}/nginx/server/settings.conf";
	include "${dir}/nginx/server/headers.conf";
	include "${dir}/nginx/server/fastcgi.conf";
	include "${dir}/nginx/server/errors.conf";
	location = /return {
		default_type application/json;
		return 200 '{"hello":"world"}';
	}
	location = /hello {
		limit_req zone=api_rate burst=200 nodelay;
		limit_conn wait_places 8;
		fastcgi_pass bench_hello;
	}
	location = /fastapi {
		limit_req zone=api_rate burst=200 nodelay;
		limit_conn wait_places 8;
		proxy_http_version 1.1;
		proxy_set_header Connection "";
		proxy_pass http://bench_fastapi;
	}
}
`;

export class Stack {
  /** more: settings, such as of another database. */
  constructor(binary, hello, more = {}) {
    this.binary = binary;
    this.hello = hello;
    this.more = more;
    this.dir = mkdtempSync(join(tmpdir(), 'frontdesk-bench-'));
    this.children = [];
  }

  script(name, args) {
    const r = spawnSync(join(root, 'scripts', name), args, { cwd: root,
      env: this.env, encoding: 'utf8', timeout: 120000,
      stdio: ['ignore', 'pipe', 'pipe'] });
    if (r.status !== 0)
      throw new Error(`scripts/${name}: ${r.stdout}${r.stderr}`);
  }

  /** Start the product; `upMs` is how long scripts/up took. */
  async start() {
    this.vapi = await startVapi({ sipHost: 'sip.example.com' });
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    this.publicUrl = `http://localhost:${this.port}`;
    this.reach = (url) => url.replace(this.publicUrl, this.url);
    this.env = cleanEnv({ FRONTDESK_BINARY: this.binary,
      FRONTDESK_DATA: this.dir, FRONTDESK_PORT: String(this.port),
      FRONTDESK_PUBLIC_URL: this.publicUrl,
      FRONTDESK_VAPI_URL: this.vapi.url,
      FRONTDESK_VAPI_SIP_HOST: 'sip.example.com',
      FRONTDESK_TWILIO_URL: 'http://127.0.0.1:9',
      ...(this.vapi.caFile ? { FRONTDESK_CA_FILE: this.vapi.caFile } : {}),
      // nobody is refused, and processes live as long as their counters
      FRONTDESK_API_RATE: '1000000', FRONTDESK_AUTH_RATE: '1000000',
      FRONTDESK_HOOK_RATE: '1000000', FRONTDESK_MAX_REQUESTS: '0',
      ...this.more });
    mkdirSync(join(this.dir, 'nginx/http'), { recursive: true });
    writeFileSync(join(this.dir, 'nginx/http/zz_bench.conf'),
      benchConf(this.dir, this.port));
    const from = performance.now();
    this.script('up', ['--detach', '--port', String(this.port), '--data',
      this.dir, '--workers', String(workers)]);
    this.upMs = performance.now() - from;
    Object.assign(this.vapi, { reach: this.reach });
  }

  client(opt) {
    return new Client(this.url, opt);
  }

  /** A process of ours; its words go to a log. */
  spawn(command, args, env, name) {
    const log = openSync(join(this.dir, 'log', `${name}.log`), 'a');
    const child = spawn(command, args, { cwd: root,
      env: { ...this.env, ...env }, stdio: ['ignore', log, log] });
    child.gone = new Promise((done) => child.once('exit', done));
    this.children.push(child);
    return child;
  }

  /** hello on a database of its own, FastAPI on the rows of an account. */
  async startYardsticks(account) {
    const data = join(this.dir, 'hello');
    const env = { FRONTDESK_DATA: data };

    mkdirSync(join(data, 'run'), { recursive: true });
    for (const args of [['key', 'init'], ['migrate', 'up']])
      spawnSync(this.binary, args, { env: { ...this.env, ...env } });
    this.pids = { hello: this.spawn(this.hello, ['worker', '--pool', 'web',
      '--workers', String(workers), '--socket',
      join(this.dir, 'run/hello.sock')], env, 'hello').pid };
    this.pids.fastapi = this.spawn(python, ['-m', 'uvicorn', 'fastapi_list:app',
      '--app-dir', here, '--workers', '2', '--no-access-log', '--log-level',
      'warning', '--uds', join(this.dir, 'run/fastapi.sock')],
    { PYTHONDONTWRITEBYTECODE: '1', BENCH_ACCOUNT: account,
      BENCH_DATABASE: join(this.dir, 'frontdesk.db') }, 'fastapi').pid;
    await until('the yardsticks', async () => {
      const got = await Promise.all(['/hello', '/fastapi'].map((p) =>
        this.client().get(p, { validate: false, headers: { Host: 'bench' } })));
      return got.every((r) => r.status === 200);
    }, 20000);
  }

  /** The process id of a pool's master, of nginx, or of a yardstick. */
  pid(name) {
    return this.pids?.[name] ?? Number(readFileSync(
      join(this.dir, 'run', `${name}.pid`), 'utf8'));
  }

  /** Stop what runs; the data stay for a while. */
  async stop() {
    for (const child of this.children)
      child.kill('SIGTERM');
    await Promise.all(this.children.map((child) => child.gone));
    this.children = [];
    this.script('down', ['--data', this.dir]);
    await this.vapi?.stop();
    this.vapi = null;
  }

  drop() {
    if (process.env.FRONTDESK_KEEP)
      return;
    rmSync(this.dir, { recursive: true, force: true });
  }
}
