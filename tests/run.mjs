// run.mjs - every API test, then the count of routes that none of them hit.
//
// usage: node run.mjs [FILE...]   (default: api/*.test.mjs)
// Some files run side by side (TEST_JOBS, default 3), each with servers of its
// own. Prints the TAP of each and, as its last line, `N passed, N failed`.
// FRONTDESK_BINARY names the program; default build/frontdesk.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const last = 'zz_coverage.test.mjs';
/* The longest first, so that nothing is left waiting for them at the end. */
const long = ['peer', 'auth', 'pool', 'once'].map((n) => `${n}.test.mjs`);
const rank = (f) => (long.indexOf(basename(f)) + long.length + 1)
  % (long.length + 1);
const named = process.argv.slice(2).map((f) => resolve(f));
const all = readdirSync(join(here, 'api')).sort()
  .filter((f) => f.endsWith('.test.mjs')).map((f) => join(here, 'api', f));
const files = (named.length > 0 ? named : all)
  .filter((f) => basename(f) !== last).sort((a, b) => rank(a) - rank(b));
const hits = mkdtempSync(join(tmpdir(), 'frontdesk-hits-'));
const env = { ...process.env, FRONTDESK_HITS: join(hits, 'hits'),
  FRONTDESK_BINARY: resolve(process.env.FRONTDESK_BINARY
    ?? join(here, '../build/frontdesk')) };
const total = { pass: 0, fail: 0, cancelled: 0 };

/** Run one file under the test runner of node; adds up what it counted. */
function nodeTest(file) {
  const child = spawn(process.execPath,
    ['--test', '--test-reporter=tap', file],
    { cwd: here, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const parts = [];

  child.stdout.on('data', (d) => parts.push(d));
  return new Promise((done) => child.on('close', (code) => {
    const text = Buffer.concat(parts).toString('utf8');
    const [pass, fail, cancelled] = Object.keys(total).map((k) =>
      Number(new RegExp(`^# ${k} (\\d+)$`, 'm').exec(text)?.[1] ?? 0));

    process.stdout.write(`# ${basename(file)}\n${text}`);
    total.pass += pass;
    total.fail += code !== 0 && fail + cancelled === 0 ? 1 : fail;
    total.cancelled += cancelled;
    done();
  }));
}

async function lane(queue) {
  while (queue.length > 0)
    await nodeTest(queue.shift());
}

try {
  const queue = [...files];
  await Promise.all(Array.from({ length: Number(process.env.TEST_JOBS ?? 3) },
    () => lane(queue)));
  if (named.length === 0)
    await nodeTest(join(here, 'api', last));
} finally {
  rmSync(hits, { recursive: true, force: true });
}
const failed = total.fail + total.cancelled;
process.stdout.write(`${total.pass} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && total.pass > 0 ? 0 : 1;
