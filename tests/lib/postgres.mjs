// postgres.mjs - PostgreSQL servers for the tests: real ones, of Debian's
// package, in a scratch folder, on a free port of this machine.
//
// tests/engine starts one for a whole run and exports FRONTDESK_TEST_POSTGRES,
// its URL without a database; its three roles share one password. With
// FRONTDESK_TEST_ENGINE=postgres, each stack and data folder of the tests gets
// a database of its own there, made by newDatabase().
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync,
  rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const template = 'frontdesk_template';
const owner = 'frontdesk_owner';
const runtime = 'frontdesk';
const readyMs = 30000;
const signals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT',
  crash: 'SIGKILL' };

export const onPostgres = process.env.FRONTDESK_TEST_ENGINE === 'postgres';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** The newest installed server. */
function programs() {
  const all = '/usr/lib/postgresql';
  let versions = [];

  try {
    versions = readdirSync(all).map(Number).sort((a, b) => b - a);
  } catch { /* none there */ }
  if (versions.length === 0)
    throw new Error('PostgreSQL is not installed: run scripts/need test');
  return join(all, String(versions[0]), 'bin');
}

/** Run psql; it must succeed. Answers what it prints, unaligned. */
function psqlRun(url, args, opt = {}) {
  const r = spawnSync('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1',
    '-d', url, ...args], { encoding: 'utf8', input: opt.input ?? '',
    maxBuffer: 256 << 20, timeout: 60000 });

  if (r.error)
    throw r.error;
  if (r.status !== 0)
    throw new Error(`psql ${args.join(' ')}: ${r.stdout}${r.stderr}`);
  return r.stdout;
}

/** What SQL answers: rows are lines, columns parted by '|'. */
export const psql = (url, sql) => psqlRun(url, ['-c', sql]);

/** All that a database holds, as text. */
export function dump(url) {
  const r = spawnSync('pg_dump', ['-d', url], { encoding: 'utf8',
    maxBuffer: 256 << 20, timeout: 60000 });

  if (r.status !== 0)
    throw new Error(`pg_dump: ${r.error ?? ''}${r.stderr}`);
  return r.stdout;
}

const asRole = (url, role, name) =>
  `${url.replace('//postgres:', `//${role}:`)}/${name}`;

/* What serves may have to go through a pgbouncer, what migrates never. */
function runtimeEnv(url, name) {
  const { FRONTDESK_TEST_PGBOUNCER: via } = process.env;
  const [port, mode] = (via ?? '').split(' ');

  return { FRONTDESK_DATABASE: asRole(via ? url.replace(/:\d+$/, `:${port}`) :
    url, runtime, name),
  ...(mode === 'transaction' ? { FRONTDESK_DATABASE_PREPARED: 'off' } : {}) };
}

let made = 0;

/**
 * A new database on a server, with roles, schema and extension but without
 * tables; or a copy of the database `of`, in which nobody may be at work.
 */
export function createDatabase(url, of = template) {
  const name = `t${process.pid}_${++made}_${randomBytes(3).toString('hex')}`;
  const admin = `${url}/postgres`;

  psqlRun(admin, ['-c', `CREATE DATABASE ${name} TEMPLATE ${of}`,
    '-c', `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
    '-c', `GRANT CONNECT ON DATABASE ${name} TO ${owner}, ${runtime}`,
    '-c', `ALTER DATABASE ${name} SET search_path = frontdesk`]);
  return { name, super: `${url}/${name}`,
    env: { ...runtimeEnv(url, name),
      FRONTDESK_DATABASE_OWNER: asRole(url, owner, name),
      FRONTDESK_TEST_SUPER: `${url}/${name}` },
    drop() {
      psql(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    } };
}

/** The database of a new stack or data folder, on the engine of this run. */
export function newDatabase(of) {
  if (!onPostgres)
    return { env: {}, drop() {} };
  if (!process.env.FRONTDESK_TEST_POSTGRES)
    throw new Error('there is no server: put tests/engine before the command');
  return createDatabase(process.env.FRONTDESK_TEST_POSTGRES, of);
}

export function freePort() {
  return new Promise((done) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/* PostgreSQL refuses to be root; then it runs as the package's own user. */
function account() {
  if (process.getuid() !== 0)
    return { prefix: [] };
  const id = (flag) => Number(spawnSync('id', [flag, 'postgres'],
    { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g'), prefix: ['--reuid=postgres',
    '--regid=postgres', '--init-groups'] };
}

class Cluster {
  constructor(opt) {
    this.opt = opt;
    this.host = opt.host ?? '127.0.0.1';
    this.bin = programs();
    this.who = account();
    this.dir = mkdtempSync(join(tmpdir(), 'frontdesk-pg-'));
    this.data = join(this.dir, 'data');
    this.socket = this.dir;
    this.password = randomBytes(12).toString('hex');
    this.roles = ['postgres', owner, runtime];
    this.child = null;
  }

  /* In the folder that is the server's, as the user that it runs as. */
  setpriv(...args) {
    return ['setpriv', [...this.who.prefix, ...args]];
  }

  /** A file of the server's; answers its path. */
  put(name, text) {
    const path = join(this.dir, name);

    writeFileSync(path, text, { mode: 0o600 });
    if (this.who.uid !== undefined)
      chownSync(path, this.who.uid, this.who.gid);
    return path;
  }

  /** One of PostgreSQL's own programs, as the user that the server runs as. */
  tool(name, ...args) {
    const [file, all] = this.setpriv(join(this.bin, name), ...args);
    const r = spawnSync(file, all, { encoding: 'utf8', cwd: this.dir,
      env: { ...process.env, HOME: this.dir } });

    if (r.status !== 0)
      throw new Error(`${name}: ${r.error ?? ''}${r.stdout}${r.stderr}`);
  }

  init() {
    mkdirSync(this.data, { mode: 0o700 });
    if (this.who.uid !== undefined)
      for (const path of [this.dir, this.data])
        chownSync(path, this.who.uid, this.who.gid);
    if (this.opt.copyOf)
      return this.tool('pg_basebackup', '-D', this.data, '-R', '-X', 'stream',
        '-c', 'fast', '--no-sync', '-d', this.opt.copyOf);
    const secret = this.put('password', this.password);
    this.tool('initdb', '-D', this.data, '-U', 'postgres',
      '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync',
      `--pwfile=${secret}`);
    return rmSync(secret);
  }

  settings() {
    const { settings = {} } = this.opt;
    const quick = this.opt.safe ? {} : { fsync: 'off',
      full_page_writes: 'off' };

    return { listen_addresses: this.host, port: this.port,
      unix_socket_directories: this.socket, max_connections: 300,
      shared_buffers: '64MB', jit: 'off', timezone: 'Etc/UTC',
      checkpoint_timeout: '30min', log_line_prefix: '%m [%p] %u@%d ',
      ...quick, ...typeof settings === 'function' ? settings(this) : settings
    };
  }

  /* Whatever ends this process, the server goes with it. */
  spawn() {
    const log = openSync(join(this.dir, 'log'), 'a');
    const [file, args] = this.setpriv('--pdeathsig', 'INT',
      join(this.bin, 'postgres'), '-D', this.data,
      ...Object.entries(this.settings()).flatMap(([k, v]) =>
        ['-c', `${k}=${v}`]));
    const [first, ...rest] = [...this.opt.inside ?? [], file, ...args];
    const child = spawn(first, rest, { cwd: this.dir, detached: true,
      env: { ...process.env, HOME: this.dir },
      stdio: ['ignore', log, log] });

    child.gone = new Promise((done) => child.once('exit', done));
    child.unref();
    this.child = child;
  }

  /** What the server has logged. */
  log() {
    return readFileSync(join(this.dir, 'log'), 'utf8');
  }

  /* The eighth line of this file is what pg_ctl waits for. */
  isReady() {
    try {
      const lines = readFileSync(join(this.data, 'postmaster.pid'), 'utf8')
        .split('\n');
      return Number(lines[0]) === this.child.pid
        && lines[7]?.trim() === 'ready';
    } catch {
      return false;
    }
  }

  /** Start it on its port; answers once it takes connections. */
  async start() {
    const until = Date.now() + readyMs;

    this.spawn();
    while (!this.isReady()) {
      if (this.child.exitCode !== null || Date.now() > until) {
        await this.stop('immediate');
        throw new Error(`PostgreSQL did not start: ${this.log()}`);
      }
      await sleep(20);
    }
  }

  /** mode: smart, fast (its default), immediate, or crash: SIGKILL. */
  async stop(mode = 'fast') {
    const child = this.child;

    if (child?.exitCode !== null || child.signalCode !== null)
      return;
    child.ref(); // waiting for it shall keep this process alive
    child.ref(); /* or nothing would keep us here until it is gone */
    child.kill(signals[mode]);
    await child.gone;
  }

  async restart(mode) {
    await this.stop(mode);
    await this.start();
  }

  psql(sql, database = 'postgres') {
    return psql(`${this.url}/${database}`, sql);
  }

  createDatabase(of) {
    return createDatabase(this.url, of);
  }

  /** End every connection to a database; answers how many there were. */
  kill(name) {
    return Number(this.psql('SELECT count(pg_terminate_backend(pid)) FROM'
      + ` pg_stat_activity WHERE datname = '${name}'`));
  }

  async drop() {
    await this.stop('immediate');
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/* The database that all others are copies of. */
function prepare(cluster) {
  const { url, password } = cluster;

  psqlRun(`${url}/postgres`, ['-v', `database=${template}`,
    '-v', `owner=${owner}`, '-v', `runtime=${runtime}`,
    '-v', `owner_password=${password}`, '-v', `runtime_password=${password}`,
    '-f', join(root, 'scripts/postgres-roles.sql')]);
  /* with which tests/db/look asks whether indexes are sound */
  psql(`${url}/${template}`, 'CREATE EXTENSION amcheck SCHEMA public');
}

/**
 * A server of one's own. opt: safe (true: it survives a crash of the machine,
 * and is slower), settings (of postgresql.conf; or a function of the server
 * that answers them), host and port, inside (words before its command), copyOf
 * (where it gets its data from: then it is a standby).
 */
export async function startPostgres(opt = {}) {
  const cluster = new Cluster(opt);

  process.on('exit', () => {
    cluster.child?.kill('SIGQUIT');
    rmSync(cluster.dir, { recursive: true, force: true });
  });
  cluster.init();
  cluster.port = opt.port ?? await freePort();
  cluster.url = `postgresql://postgres:${cluster.password}@${cluster.host}:`
    + `${cluster.port}`;
  await cluster.start();
  if (!opt.copyOf)
    prepare(cluster);
  return cluster;
}
