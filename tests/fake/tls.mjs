// tls.mjs - a throw-away certificate authority and one server certificate,
// made with the openssl command.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1';

function openssl(dir, ...args) {
  execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
}

/** Make the pair; the caller removes it with drop(). */
export function makeTls() {
  const dir = mkdtempSync(join(tmpdir(), 'fake-tls-'));
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
    '-nodes'];

  openssl(dir, 'req', '-x509', ...curve, '-days', '2', '-subj',
    '/CN=fake provider CA', '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl(dir, 'req', ...curve, '-subj', '/CN=localhost',
    '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(join(dir, 'san'), `${names}\n`);
  openssl(dir, 'x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem',
    '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
    '-extfile', 'san', '-out', 'server.pem');
  return {
    caFile: join(dir, 'ca.pem'),
    key: readFileSync(join(dir, 'server.key')),
    cert: readFileSync(join(dir, 'server.pem')),
    drop: () => rmSync(dir, { recursive: true, force: true }),
  };
}
