// keys.mjs - a private authority and the certificates of all hosts, by the
// commands that docs/several-hosts.md has.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
  '-nodes'];

/** Answers {dir, ca, of(name) -> {cert, key}, add(name, subjectAltName)}. */
export function makeKeys() {
  const dir = mkdtempSync(join(tmpdir(), 'frontdesk-keys-'));
  const openssl = (...args) =>
    execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });

  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  chmodSync(dir, 0o711); // PostgreSQL has to find the authority
  openssl('req', '-x509', ...curve, '-days', '2', '-subj',
    '/CN=frontdesk private CA', '-keyout', 'ca.key', '-out', 'ca.pem');
  return { dir, ca: join(dir, 'ca.pem'),
    of: (name) => ({ cert: join(dir, `${name}.pem`),
      key: join(dir, `${name}.key`) }),
    add(name, names) {
      openssl('req', ...curve, '-subj', `/CN=${name}`, '-keyout',
        `${name}.key`, '-out', `${name}.csr`);
      writeFileSync(join(dir, 'san'), `subjectAltName=${names}\n`);
      openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem',
        '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
        '-extfile', 'san', '-out', `${name}.pem`);
    } };
}
