// Staff find appointments by words, each account its own alone.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { instantOf, onboard, workday } from '../lib/business.mjs';
import { fieldsOf } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let mine;
let theirs;
const zone = 'America/New_York';
const path = '/api/appointments';
const people = [
  ['Élodie Mercier', '+33415550111', 'Détartrage annuel'],
  ['Jean Dupont', '+33415550122', 'Détartrage <b>& contrôle</b>'],
  ['דָּנָה כהן', '+972501234567', 'בדיקה'],
];
const made = {};

before(async () => {
  stack = await startStack();
  const open = { hours: 'Mon-Fri 9-18', afterHours: 'assistant' };
  [mine, theirs] = [await onboard(stack, open), await onboard(stack, open)];
  for (const [i, [name, phone, reason]] of people.entries())
    made[i] = (await mine.client.want(201, 'POST', path, { name, phone, reason,
      starts_at: at(9 + i) })).id;
});

const at = (hour) => instantOf(workday(4), `${String(hour).padStart(2, '0')
}:00`, zone).toISOString();

async function find(q, more = '', who = mine) {
  const { data, next_cursor } = await who.client.want(200, 'GET',
    `${path}?q=${encodeURIComponent(q)}${more}`);

  assert.equal(next_cursor, null);
  return data;
}

const ids = async (q, more, who) => (await find(q, more, who)).map((a) => a.id);

test('accents, case, beginnings, other scripts, numbers as one dials them',
  async () => {
    for (const q of ['elodie', 'ÉLODIE', 'merc elo', '04 15 55 01 11',
      '+33415550111', 'annuel'])
      assert.deepEqual(await ids(q), [made[0]], q);
    assert.deepEqual(await ids('דנה'), [made[2]]);
    assert.deepEqual((await ids('detartrage')).sort(),
      [made[0], made[1]].sort());
    assert.equal((await ids('detartrage', '&limit=1')).length, 1);
    assert.deepEqual(await ids('elodie dupont'), []);
  });

test('a hit is the appointment, and a snippet that is safe as HTML',
  async () => {
    const [hit] = await find('controle jean');
    const { snippet, ...rest } = hit;

    assert.deepEqual(rest, await mine.client.want(200, 'GET',
      `${path}/${made[1]}`));
    assert.equal(snippet, '<mark>Jean</mark> Dupont · +33415550122 · '
      + 'Détartrage &lt;b&gt;&amp; <mark>contrôle</mark>&lt;/b&gt;');
  });

test('what is typed is no syntax', async () => {
  for (const q of ['"', '\'', '*', '(', ')', 'a" OR "b', 'NEAR(a b)', 'AND',
    'name:elodie', '^', '-', '\\', '%', '💩', '…', '!', 'elodie | jean', ' ',
    '\u0002', 'x'.repeat(200), '8 '.repeat(100)])
    assert.deepEqual(await ids(q), [], q);
  for (const q of ['elodie*', '"elodie', 'elodie)', '%elodie%', 'elodie\u0003'])
    assert.deepEqual(await ids(q), [made[0]], q);
});

test('an empty q is the list; too much, or more than words, is told',
  async () => {
    assert.equal((await mine.client.want(200, 'GET', `${path}?q=`)).data.length,
      3);
    for (const [query, field] of [[`q=${'x'.repeat(201)}`, 'q'],
      ['q=a&limit=0', 'limit'], ['q=a&limit=501', 'limit'],
      [`q=a&from=${at(9)}`, 'from'], [`q=a&to=${at(9)}`, 'to'],
      ['q=a&cursor=x', 'cursor']])
      assert.deepEqual(fieldsOf(await mine.client.wrong(400, 'input', 'GET',
        `${path}?${query}`)), [field], query);
  });

test('nobody finds what is another\'s', async () => {
  for (const q of ['elodie', 'e', '0111', 'd', 'דנה', made[0],
    mine.session.user.account_id])
    assert.deepEqual(await ids(q, '', theirs), [], q);
});

test('what is booked, and what is changed, is found at once', async () => {
  const { id } = await mine.client.want(201, 'POST', path, {
    name: 'Zacharie', starts_at: at(14) });

  assert.deepEqual(await ids('zach'), [id]);
  await mine.client.want(200, 'POST', `${path}/${id}/cancel`);
  assert.equal((await find('zach'))[0].status, 'cancelled');
});
