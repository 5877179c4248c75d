// Each route of the table was hit by a test, and answered something good.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pick } from '../lib/openapi.mjs';
import { run } from '../lib/once.mjs';

const file = process.env.FRONTDESK_HITS;
const lone = !file || !existsSync(file);

/* Lines of `frontdesk routes` that name a route: METHOD /path … */
function table() {
  const r = run(['routes']);
  const rows = [...r.out.matchAll(/\b(GET|POST|PUT|PATCH|DELETE)\s+(\/\S*)/g)]
    .map((m) => ({ method: m[1], path: m[2] }));

  assert.equal(r.code, 0, r.err);
  assert.ok(rows.length > 20, `only ${rows.length} routes are listed`);
  return rows;
}

test('routes minus routes hit is empty', { skip: lone }, () => {
  const rows = table();
  const seen = new Set();

  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const [method, path, status] = line.split(' ');
    const own = rows.filter((r) => r.method === method).map((r) => r.path);
    const at = pick(own, path);
    if (at && Number(status) < 400)
      seen.add(`${method} ${at}`);
  }
  assert.deepEqual(rows.map((r) => `${r.method} ${r.path}`)
    .filter((r) => !seen.has(r)), []);
});
