// world.mjs - what docs/several-hosts.md describes: two servers of PostgreSQL,
// two application hosts, and a front; each in a network namespace.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync,
  writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVapi } from '../fake/vapi.mjs';
import { until } from '../fake/net.mjs';
import { cleanEnv, program, root } from '../lib/once.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { Door } from './doors.mjs';
import { makeKeys } from './keys.mjs';
import { makeLan } from './lan.mjs';

export const publicName = 'desk.example.com';
const hostName = 'host.frontdesk.internal';
const addresses = { one: '10.77.0.2', two: '10.77.0.3', a: '10.77.0.11',
  b: '10.77.0.12', front: '10.77.0.20' };

/* Only TLS, only passwords; no server trusts the network. */
const hba = `local all all scram-sha-256
hostssl all all 10.77.0.0/24 scram-sha-256
hostssl replication postgres 10.77.0.0/24 scram-sha-256
hostnossl all all all reject
`;

function settingsOf(keys, name) {
  const { cert, key } = keys.of(name);

  return (server) => ({ hba_file: server.put('hba.conf', hba), ssl: 'on',
    ssl_cert_file: server.put('server.pem', readFileSync(cert)),
    ssl_key_file: server.put('server.key', readFileSync(key)),
    ssl_min_protocol_version: 'TLSv1.3', wal_retrieve_retry_interval: '200ms',
    max_connections: 100 });
}

class World {
  constructor() {
    this.keys = makeKeys();
    this.timeoutMs = 2000;
    this.dir = mkdtempSync(join(tmpdir(), 'frontdesk-hosts-'));
    process.on('exit', () => {
      if (!process.exitCode && !process.env.FRONTDESK_KEEP)
        rmSync(this.dir, { recursive: true, force: true });
    });
  }

  /* For psql and pg_basebackup of this process alone; see appEnv. */
  trust() {
    process.env.PGSSLMODE = 'verify-full';
    process.env.PGSSLROOTCERT = this.keys.ca;
  }

  async startPrimary() {
    const { one } = this.hosts;

    this.primary = await startPostgres({ host: one.address, port: 5432,
      inside: one.inside, settings: settingsOf(this.keys, 'one') });
    this.database = this.primary.createDatabase();
  }

  /** A copy of the primary that follows it; from then on nothing is said to be
   * committed that it does not have. */
  async startStandby() {
    const { two } = this.hosts;

    this.standby = await startPostgres({ host: two.address, port: 5432,
      inside: two.inside, copyOf: `${this.primary.url}/postgres?sslmode=`
        + `verify-full&sslrootcert=${this.keys.ca}&application_name=two`,
      settings: settingsOf(this.keys, 'two') });
    this.standby.url = this.standby.url.replace(/:[0-9a-f]+@/,
      `:${this.primary.password}@`);
    this.primary.psql('ALTER SYSTEM SET synchronous_standby_names = two');
    this.primary.psql('SELECT pg_reload_conf()');
    await this.inStep();
  }

  inStep() {
    return until('the standby to be in step', () => this.primary.psql(
      'SELECT sync_state FROM pg_stat_replication').trim() === 'sync', 20000);
  }

  /** The standby takes writes from now on. */
  async promote() {
    this.standby.tool('pg_ctl', 'promote', '-D', this.standby.data);
  }

  /** A URL with both servers, of which the one that takes writes is meant. */
  urlOf(name) {
    const both = `${addresses.one}:5432,${addresses.two}:5432`;

    return `${this.database.env[name].replace(`${addresses.one}:5432`, both)}`
      + '?target_session_attrs=read-write&connect_timeout=2'
      + '&tcp_user_timeout=3000&keepalives_idle=2&keepalives_interval=1'
      + '&sslmode=verify-full'
      + `&sslrootcert=${this.keys.ca}`;
  }

  appEnv(name) {
    const { cert, key } = this.keys.of(name);
    const env = cleanEnv({ FRONTDESK_DATA: join(this.dir, name),
      FRONTDESK_DATABASE: this.urlOf('FRONTDESK_DATABASE'),
      FRONTDESK_DATABASE_OWNER: this.urlOf('FRONTDESK_DATABASE_OWNER'),
      FRONTDESK_DATABASE_TIMEOUT_MS: String(this.timeoutMs),
      FRONTDESK_PUBLIC_URL: `https://${publicName}`,
      FRONTDESK_VAPI_URL: this.vapi.url, FRONTDESK_BINARY: program,
      FRONTDESK_TWILIO_URL: 'http://127.0.0.1:9',
      FRONTDESK_VAPI_SIP_HOST: 'sip.example.com',
      FRONTDESK_API_RATE: '5000', FRONTDESK_AUTH_RATE: '1000',
      FRONTDESK_HOOK_RATE: '5000', FRONTDESK_REPAIR_AFTER_MS: '1000',
      FRONTDESK_LISTEN: `${addresses[name]}:8443`,
      FRONTDESK_LISTEN_CERT: cert, FRONTDESK_LISTEN_KEY: key,
      FRONTDESK_FRONT_CA: this.keys.ca, FRONTDESK_FRONT: addresses.front });

    delete env.PGSSLMODE;
    delete env.PGSSLROOTCERT;
    return env;
  }

  /** scripts/up on a host; resolves when it answers. */
  up(name) {
    const [first, ...rest] = [...this.hosts[name].inside,
      join(root, 'scripts/up'), '--detach', '--port', '8080', '--workers', '2',
      '--data', join(this.dir, name)];
    const log = openSync(join(this.dir, `${name}.up`), 'a');
    const child = spawn(first, rest, { env: this.appEnv(name), cwd: root,
      stdio: ['ignore', log, log] });

    return new Promise((done, failed) => child.once('exit', (code) => (
      code === 0 ? done() : failed(new Error(`scripts/up on ${name}: `
        + readFileSync(join(this.dir, `${name}.up`), 'utf8'))))));
  }

  /** The front: nginx/several-hosts.conf, with this world's names. */
  startFront() {
    const dir = join(this.dir, 'front');
    const own = this.keys.of('public');
    const client = this.keys.of('front');
    const site = readFileSync(join(root, 'nginx/several-hosts.conf'), 'utf8')
      .replaceAll('/etc/letsencrypt/live/desk.example.com/fullchain.pem',
        own.cert)
      .replaceAll('/etc/letsencrypt/live/desk.example.com/privkey.pem',
        own.key)
      .replaceAll('/etc/frontdesk/private-ca.pem', this.keys.ca)
      .replaceAll('/etc/frontdesk/front.pem', client.cert)
      .replaceAll('/etc/frontdesk/front.key', client.key)
      .replaceAll(/^\tlisten \[::\].*\n/gm, '');

    if (/\/etc\//.test(site.replaceAll(/^#.*/gm, '')))
      throw new Error('nginx/several-hosts.conf has a file of unknown use');
    mkdirSync(dir);
    writeFileSync(join(dir, 'site.conf'), site);
    writeFileSync(join(dir, 'nginx.conf'), `pid ${dir}/nginx.pid;
error_log ${dir}/error.log warn;
daemon off;
worker_processes 2;
events { worker_connections 1024; }
http {
${['client_body', 'fastcgi', 'proxy', 'scgi', 'uwsgi'].map((n) =>
  `\t${n}_temp_path ${dir}/${n};\n`).join('')}\taccess_log ${dir}/access.log;
\tinclude ${dir}/site.conf;
}
`);
    const { front } = this.hosts;
    const said = spawnSync('nginx', ['-t', '-c', join(dir, 'nginx.conf')],
      { encoding: 'utf8' });
    if (said.status !== 0 || /warn|emerg/.test(said.stderr))
      throw new Error(`nginx -t: ${said.stderr}`);
    const [first, ...rest] = [...front.inside, 'nginx', '-c',
      join(dir, 'nginx.conf')];
    spawn(first, rest, { stdio: 'ignore' });
  }

  /** The way in past the front, as only the front has it. */
  doorOf(name, more) {
    return new Door({ address: addresses[name], port: 8443, name: hostName,
      ca: this.keys.ca, ...this.keys.of('front'), ...more });
  }

  async start() {
    const { keys } = this;

    keys.add('one', `IP:${addresses.one}`);
    keys.add('two', `IP:${addresses.two}`);
    for (const name of ['a', 'b'])
      keys.add(name, `DNS:${hostName},IP:${addresses[name]}`);
    keys.add('front', 'DNS:front.frontdesk.internal');
    keys.add('public', `DNS:${publicName}`);
    this.trust();
    this.hosts = await makeLan(addresses);
    this.vapi = await startVapi({ host: '10.77.0.1',
      sipHost: 'sip.example.com' });
    await this.startPrimary();
    /* the first host makes the tables and the keys, the second has a copy */
    await this.up('a');
    mkdirSync(join(this.dir, 'b'), { mode: 0o750 });
    copyFileSync(join(this.dir, 'a/keys'), join(this.dir, 'b/keys'));
    await Promise.all([this.up('b'), this.startStandby()]);
    this.startFront();
    this.doors = { a: this.doorOf('a'), b: this.doorOf('b'),
      front: new Door({ address: addresses.front, port: 443,
        name: publicName, ca: keys.ca }) };
    await until('the front', async () => {
      try {
        return (await this.doors.front.ask('GET', '/api/health')).status
          === 200;
      } catch {
        return false;
      }
    });
  }

  /** Lines of a host's log file, as objects. */
  log(name, file) {
    return readFileSync(join(this.dir, name, 'log', file), 'utf8').split('\n')
      .filter((l) => l.startsWith('{')).map((l) => JSON.parse(l));
  }

  async stop() {
    for (const host of Object.values(this.hosts))
      host.kill();
    await this.vapi.stop();
  }
}

export async function makeWorld() {
  const world = new World();

  await world.start();
  return world;
}
