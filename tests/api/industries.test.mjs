// The list of industries: complete in three languages, sorted, searched.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newEmail, password } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { makeData } from '../lib/once.mjs';

let data;
let token;
const path = '/api/onboarding/industries';
const get = (query = '') => {
  const reply = data.once('GET', `${path}${query}`, { token });
  assert.equal(reply.status, 200, reply.text);
  return reply.body.data;
};
const names = (query) => get(query).map((i) => i.name);

before(() => {
  data = makeData();
  token = data.once('POST', '/api/auth/signup',
    { json: { email: newEmail(), password } }).body.access_token;
});
after(() => data.drop());

test('at least 60, each in three languages, sorted by name', () => {
  const strip = (s) => s.normalize('NFD').replace(/\p{M}/gu, '')
    .toLowerCase().replace(/œ/g, 'oe').replace(/[^\p{L}]+/gu, ' ').trim();
  const lists = ['en', 'fr', 'he'].map((lang) => get(`?lang=${lang}`));

  for (const list of lists) {
    assert.ok(list.length >= 60, `${list.length} industries`);
    assert.equal(new Set(list.map((i) => i.id)).size, list.length);
    assert.equal(new Set(list.map((i) => i.name)).size, list.length);
    const keys = list.slice(0, -1).map((i) => strip(i.name));
    assert.deepEqual(keys, [...keys].sort());
    assert.equal(list.at(-1).id, 99);
    for (const i of list) {
      assert.ok(Number.isInteger(i.id) && i.name && i.description);
      assert.ok(i.category && i.categoryName && !('aiContext' in i));
    }
  }
  assert.ok(lists[2].every((i) => /[א-ת]/.test(i.name + i.description)));
  assert.deepEqual(get().map((i) => i.id), lists[0].map((i) => i.id));
});

test('with their context', () => {
  for (const lang of ['en', 'fr', 'he'])
    for (const { name, aiContext: c } of get(`?context=1&lang=${lang}`)) {
      assert.ok(c.openingQuestions.length >= 2, name);
      assert.ok(c.callGoals.length >= 2, name);
      assert.ok(c.complianceNotes.length >= 1, name);
      assert.ok(c.typicalServices.length >= 2, name);
      for (const s of c.typicalServices)
        assert.ok(s.name && s.minutes >= 5 && s.minutes <= 480, name);
    }
});

test('searched by the beginnings of words, in any language', () => {
  assert.ok(names('?q=dent').includes('Dental practice'));
  assert.ok(names('?q=coiff').includes('Hair salon'));
  assert.ok(names(`?q=${encodeURIComponent('מספר')}&lang=he`)
    .includes('מספרה'));
  assert.deepEqual(names('?q=zzzz'), []);
  assert.deepEqual(new Set(get('?category=health').map((i) => i.category)),
    new Set(['health']));
  assert.deepEqual(get('?category=nothing'), []);
});

test('suggested for a company', () => {
  assert.equal(names(`?company=${encodeURIComponent('Bright Smile Dental')}`)
    [0], 'Dental practice');
  assert.equal(names(`?company=${encodeURIComponent('Plomberie Dupré')}`)[0],
    'Plumbing');
  assert.equal(names(`?company=Quux&description=${
    encodeURIComponent('we repair cars and change tyres')}`)[0],
  'Car repair and tyres');
  assert.deepEqual(names('?company=Qwxyz'), ['Other business']);
});

test('bad queries', () => {
  for (const q of ['?lang=xx', '?context=maybe', `?q=${'x'.repeat(101)}`])
    assertError(data.once('GET', path + q, { token }), 400, 'input');
  assertError(data.once('GET', path), 401, 'auth');
});
