// pgbouncer.mjs - a pgbouncer in front of a server of postgres.mjs.
import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, openSync, readFileSync, rmSync,
  writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../fake/net.mjs';
import { freePort } from './postgres.mjs';

function answers(port) {
  return new Promise((done) => {
    const s = net.connect(port, '127.0.0.1', () => { s.end(); done(true); });
    s.once('error', () => done(false));
  });
}

const settings = (cluster, port, mode, dir) => `[databases]
* = host=127.0.0.1 port=${cluster.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
pool_mode = ${mode}
auth_type = scram-sha-256
auth_file = ${dir}/users
max_client_conn = 1000
default_pool_size = ${mode === 'session' ? 100 : 10}
server_idle_timeout = 5
ignore_startup_parameters = extra_float_digits
`;

/**
 * mode: session or transaction. Answers {port, log(), stop()}; it goes with
 * the process that started it.
 */
export async function startPgbouncer(cluster, mode) {
  const dir = mkdtempSync(join(tmpdir(), 'frontdesk-pgb-'));
  const port = await freePort();
  const { uid, gid, prefix } = cluster.who;
  const log = join(dir, 'log');

  writeFileSync(join(dir, 'users'), cluster.roles.map((role) =>
    `"${role}" "${cluster.password}"\n`).join(''), { mode: 0o600 });
  writeFileSync(join(dir, 'ini'), settings(cluster, port, mode, dir));
  if (uid !== undefined)
    for (const path of [dir, join(dir, 'users')])
      chownSync(path, uid, gid);
  const out = openSync(log, 'a');
  const child = spawn('setpriv', [...prefix, '--pdeathsig', 'INT',
    '/usr/sbin/pgbouncer', join(dir, 'ini')],
  { cwd: dir, detached: true, stdio: ['ignore', out, out] });
  const gone = new Promise((done) => child.once('exit', done));
  const drop = () => rmSync(dir, { recursive: true, force: true });

  child.unref();
  process.on('exit', () => { child.kill('SIGKILL'); drop(); });
  try {
    await until('pgbouncer', () => answers(port));
  } catch (e) {
    throw new Error(`${e.message}: ${readFileSync(log, 'utf8')}`);
  }
  return { port, log: () => readFileSync(log, 'utf8'),
    async stop() {
      child.ref();
      child.kill('SIGTERM');
      await gone;
      drop();
    } };
}
