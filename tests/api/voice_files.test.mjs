// Several hosts on one database: what nginx answers when the workers are down
// stands in files, and each host's runner keeps its own in step.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync,
  rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../fake/net.mjs';
import { newNumber, onboard } from '../lib/business.mjs';
import { startStack } from '../lib/stack.mjs';
import { Pools } from '../crash/pools.mjs';

let stack;
let other;
let b;
const transfer = '+14155550177';

/* Another host: a data folder of its own, the same database and keys. */
function host() {
  const dir = mkdtempSync(join(tmpdir(), 'frontdesk-host-'));

  copyFileSync(join(stack.dir, 'keys'), join(dir, 'keys'));
  return new Pools({ dir, env: {
    FRONTDESK_DATABASE: join(stack.dir, 'frontdesk.db'), ...stack.env,
    FRONTDESK_DATA: dir } });
}

const fileOn = (dir, number) => join(dir, 'voice', `${number.slice(1)}.xml`);

/* What each of the two hosts says for a number, null for nothing. */
const said = (number) => [stack.dir, other.dir].map((dir) => {
  const file = fileOn(dir, number);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
});

const bothSay = (number, text) => until(`${text} on both hosts`, () => {
  const [one, two] = said(number);
  return one !== null && one === two && one.includes(text);
});

before(async () => {
  stack = await startStack();
  b = await onboard(stack, { assistant: false, transfer });
  await until('the file on its own host', () =>
    existsSync(fileOn(stack.dir, b.number)));
  other = host();
  other.start('runner');
});

after(async () => {
  await other.stopAll();
  rmSync(other.dir, { recursive: true, force: true });
});

test('a new host gets the files of all that there are', () =>
  bothSay(b.number, transfer));

test('a change reaches every host', async () => {
  const next = '+14155550178';

  await b.client.want(200, 'PATCH', '/api/user/studio-config',
    { transfer_number: next });
  await bothSay(b.number, next);
  const second = await onboard(stack, { assistant: false, transfer });
  await bothSay(second.number, transfer);
});

test('a number that was given up is gone on every host', async () => {
  const old = b.number;

  b.number = newNumber();
  await b.client.want(200, 'PATCH', '/api/user/studio-config',
    { number: b.number });
  await b.client.want(200, 'POST', '/api/v1/twilio-settings', {
    account_sid: b.accountSid, auth_token: b.authToken,
    phone_number: b.number });
  await bothSay(b.number, '<Response>');
  await until('the old number to be gone', () =>
    said(old).every((text) => text === null));
});

test('who claims a number of others takes their words from every host',
  async () => {
    const rival = await onboard(stack, { assistant: false });

    await rival.client.want(200, 'PATCH', '/api/user/studio-config',
      { number: b.number });
    await until('the general greeting', () =>
      said(b.number).every((text) => text === null));
    await rival.client.want(200, 'PATCH', '/api/user/studio-config',
      { number: rival.number });
    await bothSay(b.number, '<Response>');
  });

test('a host that was away catches up, and only numbers are its own',
  async () => {
    await other.stop('runner');
    const away = await onboard(stack, { assistant: false, transfer });

    await until('the file on the host that is up', () =>
      existsSync(fileOn(stack.dir, away.number)));
    writeFileSync(fileOn(other.dir, b.number), 'what it was once');
    writeFileSync(fileOn(other.dir, '+19995550100'), 'nobody\'s');
    writeFileSync(join(other.dir, 'voice', 'generic.xml'), 'the operator\'s');
    assert.ok(!existsSync(fileOn(other.dir, away.number)));
    other.start('runner');
    await bothSay(away.number, transfer);
    await bothSay(b.number, '<Response>');
    await until('the stray file to be gone', () =>
      !existsSync(fileOn(other.dir, '+19995550100')));
    assert.ok(existsSync(join(other.dir, 'voice', 'generic.xml')));
    assert.deepEqual(readdirSync(join(other.dir, 'voice'))
      .filter((f) => !f.endsWith('.xml')), []);
    assert.doesNotMatch(other.log('runner'), /"level":"error"/);
  });
