// Our check of Twilio's signatures and the official package's agree: on all
// known vectors, and on 200 random cases, right ones and spoilt ones.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { form, sign } from '../fake/twilio.mjs';
import { root } from '../lib/once.mjs';
import { randomCases, vectors } from '../lib/vectors.mjs';

const { validateRequest } = createRequire(import.meta.url)('twilio');
const program = ['build/tests/twilio_sign', 'build/asan/tests/twilio_sign']
  .map((f) => join(root, f)).find(existsSync);

/* Records of four lines in; one word, ok or bad, for each out. */
function ours(cases) {
  const input = cases.map((c) => [c.token, c.url, form(c.params),
    c.signature].join('\n')).join('\n');
  const r = spawnSync(program, { input: `${input}\n`, encoding: 'utf8' });

  assert.equal(r.status, 0, r.stderr);
  return r.stdout.trim().split('\n');
}

const theirs = (cases) => cases.map((c) =>
  (validateRequest(c.token, c.signature, c.url, c.params) ? 'ok' : 'bad'));

const spoil = [
  (c) => c,
  (c) => ({ ...c, token: `${c.token}0` }),
  (c) => ({ ...c, url: c.url.replace('example', 'Example1') }),
  (c) => ({ ...c, url: `${c.url}/` }),
  (c) => ({ ...c, params: { ...c.params, Extra: '' } }),
  (c) => ({ ...c, params: { ...c.params, CallSid: `${c.params.CallSid}.` } }),
  (c) => ({ ...c, signature: c.signature.slice(0, -1) }),
  (c) => ({ ...c, signature: '' }),
  (c) => ({ ...c, signature: c.signature.toLowerCase() }),
];

test('the program of the check was built', () => {
  assert.ok(program, 'there is no build/tests/twilio_sign: run make unit');
});

test('known vectors', () => {
  assert.deepEqual(ours(vectors), vectors.map(() => 'ok'));
  for (const change of spoil.slice(1)) {
    const cases = vectors.map(change);
    assert.deepEqual(ours(cases), theirs(cases), String(change));
  }
});

test('one vector does not pass for another', () => {
  const v3 = vectors.find((v) => v.name === 'V3');
  const cases = vectors.filter((v) => v.name !== 'V3')
    .map((v) => ({ ...v3, signature: v.signature }));

  assert.deepEqual(ours(cases), cases.map(() => 'bad'));
});

test('200 random cases, right and spoilt', () => {
  const cases = randomCases(200).map((c, i) => spoil[i % spoil.length]({
    ...c, signature: sign(c.token, c.url, c.params) }));
  const want = theirs(cases);

  assert.ok(want.includes('ok') && want.includes('bad'));
  assert.deepEqual(ours(cases), want);
});
