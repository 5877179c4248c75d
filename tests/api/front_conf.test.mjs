// The configurations for several hosts are good ones, and a host gets no door
// without a lock. tests/hosts/ uses them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
  writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeTls } from '../fake/tls.mjs';
import { cleanEnv, program, root } from '../lib/once.mjs';

const dir = mkdtempSync(join(tmpdir(), 'frontdesk-front-'));
const tls = makeTls();
const cert = join(dir, 'own.pem');
const key = join(dir, 'own.key');
const door = join(dir, 'data/nginx/door.conf');
const five = { FRONTDESK_LISTEN: '127.0.0.1:28443',
  FRONTDESK_LISTEN_CERT: cert, FRONTDESK_LISTEN_KEY: key,
  FRONTDESK_FRONT_CA: tls.caFile, FRONTDESK_FRONT: '10.77.0.20 fd00::20' };

writeFileSync(cert, tls.cert);
writeFileSync(key, tls.key, { mode: 0o600 });

after(() => {
  tls.drop();
  rmSync(dir, { recursive: true, force: true });
});

const make = (env) => spawnSync(join(root, 'scripts/nginx-conf'),
  [join(dir, 'data'), '28080'], { encoding: 'utf8',
    env: cleanEnv({ FRONTDESK_BINARY: program, ...env }) });

/* What `nginx -t` says against a configuration; nothing is good. */
function mistakes(file) {
  const r = spawnSync('nginx', ['-t', '-q', '-e', join(dir, 'error.log'),
    '-c', file], { encoding: 'utf8', env: { ...process.env,
    PATH: `${process.env.PATH}:/usr/sbin` } });

  return r.status === 0 ? r.stderr : `${r.status} ${r.error ?? ''}${r.stderr}`;
}

test('a host behind a front', () => {
  const r = make(five);

  assert.equal(r.status, 0, r.stderr);
  assert.equal(mistakes(join(dir, 'data/nginx/frontdesk.conf')), '');
  const text = readFileSync(door, 'utf8');
  for (const line of ['ssl_verify_client on;', 'listen 127.0.0.1:28443 ssl;',
    'set_real_ip_from 10.77.0.20;', 'set_real_ip_from fd00::20;'])
    assert.ok(text.includes(line), line);
});

test('a door needs all that locks it', () => {
  for (const name of Object.keys(five).slice(1)) {
    const r = make({ ...five, [name]: '' });
    assert.notEqual(r.status, 0, name);
    assert.match(r.stderr, new RegExp(name));
    assert.ok(!existsSync(door), name);
  }
  const r = make({ ...five, FRONTDESK_LISTEN_KEY: join(dir, 'none.key') });
  assert.notEqual(r.status, 0);
  assert.match(r.stderr, /none\.key cannot be read/);
});

test('who asks for no door has none any more', () => {
  assert.equal(make(five).status, 0);
  assert.ok(existsSync(door));
  assert.equal(make({}).status, 0);
  assert.ok(!existsSync(door));
  assert.equal(mistakes(join(dir, 'data/nginx/frontdesk.conf')), '');
});

test('the front', () => {
  const front = join(dir, 'front');
  const text = readFileSync(join(root, 'nginx/several-hosts.conf'), 'utf8')
    .replaceAll(/\/etc\/(letsencrypt|frontdesk)\/\S+\.key;|\S+privkey\.pem;/g,
      `${key};`)
    .replaceAll(/\/etc\/frontdesk\/private-ca\.pem;/g, `${tls.caFile};`)
    .replaceAll(/\/etc\/(letsencrypt|frontdesk)\/\S+\.pem;/g, `${cert};`)
    .replaceAll(/^\tlisten \[::\].*\n/gm, '')
    .replace('listen 80;', 'listen 127.0.0.1:28081;')
    .replace('listen 443 ', 'listen 127.0.0.1:28444 ');

  mkdirSync(front);
  writeFileSync(join(front, 'nginx.conf'), `pid ${front}/pid;
events {}
http {
${['client_body', 'fastcgi', 'proxy', 'scgi', 'uwsgi'].map((n) =>
    `${n}_temp_path ${front}/${n};\n`).join('')}${text}}\n`);
  assert.equal(mistakes(join(front, 'nginx.conf')), '');
});
