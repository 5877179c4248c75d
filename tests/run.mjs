// run.mjs - every API test, then the count of routes that none of them hit.
//
// usage: node run.mjs [FILE...]   (default: api/*.test.mjs)
// Prints TAP of both steps and, as its last line, `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const last = 'zz_coverage.test.mjs';
const named = process.argv.slice(2).map((f) => resolve(f));
const all = readdirSync(join(here, 'api')).sort()
  .filter((f) => f.endsWith('.test.mjs')).map((f) => join(here, 'api', f));
const files = (named.length > 0 ? named : all)
  .filter((f) => basename(f) !== last);
const hits = mkdtempSync(join(tmpdir(), 'frontdesk-hits-'));
const total = { pass: 0, fail: 0, cancelled: 0 };

/** Run some files under the test runner of node; adds up what it counted. */
function nodeTest(list) {
  const env = { ...process.env, FRONTDESK_HITS: join(hits, 'hits') };
  const child = spawn(process.execPath,
    ['--test', '--test-reporter=tap', ...list],
    { cwd: here, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let tail = '';

  child.stdout.on('data', (d) => {
    process.stdout.write(d);
    tail = (tail + d).slice(-4096);
  });
  return new Promise((done) => child.on('close', (code) => {
    const seen = Object.keys(total).map((k) => {
      const n = [...tail.matchAll(new RegExp(`^# ${k} (\\d+)$`, 'gm'))].pop();
      total[k] += Number(n?.[1] ?? 0);
      return Number(n?.[1] ?? 0);
    });
    if (code !== 0 && seen[1] + seen[2] === 0)
      total.fail += 1;
    done();
  }));
}

try {
  await nodeTest(files);
  if (named.length === 0)
    await nodeTest([join(here, 'api', last)]);
} finally {
  rmSync(hits, { recursive: true, force: true });
}
const failed = total.fail + total.cancelled;
process.stdout.write(`${total.pass} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && total.pass > 0 ? 0 : 1;
