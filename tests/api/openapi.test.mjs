// The description of the API: a public linter finds no error in it, and it
// names each route of the table.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { makeData, run } from '../lib/once.mjs';
import { pick } from '../lib/openapi.mjs';

const require = createRequire(import.meta.url);
let data;
let text;
let doc;

before(() => {
  data = makeData();
  const r = run(['openapi'], { env: data.env });
  assert.equal(r.code, 0, r.err);
  text = r.out;
  doc = JSON.parse(text);
});

after(() => data.drop());

test('OpenAPI 3.1, and the linter has nothing to say', async () => {
  const { createConfig, lintFromString } = require('@redocly/openapi-core');
  const config = await createConfig({ extends: ['recommended'],
    rules: { 'info-license': 'off', 'no-server-example.com': 'off',
      'operation-4xx-response': 'off' } });
  const found = await lintFromString({ source: text, config,
    absoluteRef: 'openapi.json' });

  assert.match(doc.openapi, /^3\.1\./);
  assert.deepEqual(found.filter((p) => p.severity === 'error')
    .map((p) => `${p.ruleId}: ${p.message} ${p.location[0]?.pointer}`), []);
});

test('each operation has an id, a summary and an answer', () => {
  const ids = new Set();

  for (const [path, item] of Object.entries(doc.paths))
    for (const [method, op] of Object.entries(item)) {
      assert.ok(op.operationId, `${method} ${path}`);
      assert.ok(!ids.has(op.operationId), op.operationId);
      ids.add(op.operationId);
      assert.ok(op.summary?.length > 5, `${method} ${path}`);
      assert.ok(Object.keys(op.responses).some((s) => /^2/.test(s)));
    }
  assert.ok(ids.size > 20, `${ids.size} operations`);
});

test('the description and the table name the same routes', () => {
  const r = run(['routes']);
  const rows = [...r.out.matchAll(
    /\b(GET|POST|PUT|PATCH|DELETE)\s+(\/\S*)/g)];

  assert.ok(rows.length > 20);
  for (const [, method, path] of rows) {
    const at = pick(Object.keys(doc.paths), path.replace(/:(\w+)/g, '{$1}'));
    assert.ok(doc.paths[at]?.[method.toLowerCase()], `${method} ${path}`);
  }
});

test('no secret of a request is an example or an answer', () => {
  assert.doesNotMatch(text, /"(vapi_api_key|auth_token)":\s*"/);
});
