// Files for the assistants: uploaded, checked, kept, handed to Vapi, removed.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { until } from '../fake/net.mjs';
import { onboard, signUp } from '../lib/business.mjs';
import { docx, formData, zipFile } from '../lib/form.mjs';
import { startStack } from '../lib/stack.mjs';

const prices = 'A cleaning costs 90.\nAn X-ray costs 40.\n';
const pdf = Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1');
let stack;

before(async () => {
  stack = await startStack();
});

function desk(b) {
  const id = b.session.user.account_id;
  const path = `/api/setup/${id}/knowledge`;

  return { ...b, id, path, dir: join(stack.dir, 'files', id),
    send: (parts, opt) => b.client.request('POST', path, formData(parts,
      opt)),
    list: async () => (await b.client.want(200, 'GET', path)).data,
    files: () => [...stack.vapi.files.values()].filter((f) =>
      f.orgId === b.orgId) };
}

const newDesk = async () => desk(await signUp(stack));
const file = (filename, data, type) => ({ filename, data, type });

test('a file is uploaded, listed and kept as it is', async () => {
  const d = await newDesk();
  const reply = await d.send([file('Prices 2026.txt', `\ufeff${prices}`,
    'text/plain')]);

  assert.equal(reply.status, 200, reply.text);
  const [entry] = reply.body.knowledge.data.files;
  assert.deepEqual([entry.name, entry.size],
    ['Prices 2026.txt', prices.length + 3]);
  assert.equal(reply.body.lastStep, 'knowledge');
  const [row] = await d.list();
  assert.deepEqual([row.id, row.kind, row.status], [entry.id, 'txt', 'stored']);
  const one = await d.client.want(200, 'GET', `${d.path}/${entry.id}`);
  assert.equal(one.text, prices);
  assert.equal(readFileSync(join(d.dir, entry.id), 'utf8'),
    `\ufeff${prices}`);
});

test('several at once, other fields beside, no file twice', async () => {
  const d = await newDesk();
  const parts = [{ name: 'note', data: 'hello' },
    file('a.md', '# Rules', 'text/markdown'), file('b.csv', 'a,b\r\n1,2\r\n'),
    file('C:\\fakepath\\c.PDF', pdf), file('d.docx', docx()),
    { filename: '', data: '' }];
  const first = await d.send(parts);
  const again = await d.send(parts);

  assert.deepEqual(first.body.knowledge.data.files.map((f) => f.name),
    ['a.md', 'b.csv', 'c.PDF', 'd.docx'], first.text);
  assert.deepEqual(again.body.knowledge.data, first.body.knowledge.data);
  assert.equal((await d.list()).length, 4);
  assert.equal(readdirSync(d.dir).length, 4);
});

test('uploads of many tabs, and a list that does not know them', async () => {
  const d = await newDesk();
  const replies = await Promise.all(Array.from({ length: 8 }, (_, i) =>
    d.send([file(`tab-${i}.txt`, `tab ${i}`)])));

  for (const reply of replies)
    assert.equal(reply.status, 200, reply.text);
  const mine = { id: 'file_abc', name: 'FAQ.pdf', size: 1 };
  const got = await d.client.want(200, 'POST', d.path, { files: [mine] });
  const { files } = got.knowledge.data;
  assert.deepEqual(files[0], mine);
  assert.equal(files.length, 9);
});

test('files that are not what they say', async () => {
  const d = await newDesk();
  const bomb = zipFile([{ name: 'word/document.xml', data: 'x'.repeat(1000),
    size: 0xf0000000 }]);
  const flat = docx(Array.from({ length: 50 }, (_, i) =>
    ({ name: `word/${i}`, data: 'x'.repeat(2000) })));
  const bad = { 'virus.exe': 'MZ', 'none': 'x', '.txt': 'x', 'empty.txt': '',
    'latin.txt': Buffer.from([0x63, 0x61, 0x66, 0xe9]), 'nul.csv': 'a\0b',
    'fake.pdf': 'no document', 'fake.doc': 'no document',
    'fake.docx': 'no document', 'bare.docx': zipFile([{ name: 'x' }]),
    'cut.docx': docx().subarray(0, -1), 'bomb.docx': bomb,
    'overlap.docx': zipFile([{ name: 'word/document.xml', data: flat },
      { name: 'word/2', data: flat }, { name: 'word/3', data: flat }],
    { overlap: true }), 'evil\x01.txt': 'x', [`${'n'.repeat(220)}.txt`]: 'x' };

  for (const [name, data] of Object.entries(bad)) {
    const form = formData([file('good.txt', 'x'), file(name, data)]);
    const reply = await d.client.wrong(400, 'input', 'POST', d.path,
      undefined, form);
    assert.equal(reply.body.fields[0].field, 'files', name);
    assert.ok(reply.body.fields[0].message.length > 8, reply.text);
  }
  assert.deepEqual(await d.list(), []);
  assert.equal(existsSync(d.dir), false);
});

test('too large, too many', async () => {
  const d = await newDesk();
  const wrong = (status, code, parts) => d.client.wrong(status, code, 'POST',
    d.path, undefined, formData(parts));

  await wrong(413, 'too_large', [file('a.txt', 'x'.repeat((5 << 20) + 1))]);
  await wrong(413, 'too_large', [file('a.txt', 'x'.repeat(9 << 20))]);
  await wrong(400, 'input', Array.from({ length: 21 }, (_, i) =>
    file(`${i}.txt`, `${i}`)));
  const most = await d.send(Array.from({ length: 20 }, (_, i) =>
    file(`${i}.txt`, `${i}`)));
  assert.equal(most.status, 200, most.text);
  await wrong(400, 'input', [file('more.txt', 'one more')]);
  assert.equal((await d.list()).length, 20);
  assert.equal(readdirSync(d.dir).length, 20);
  const big = await (await newDesk()).send([file('a.txt',
    'x'.repeat(5 << 20))]);
  assert.equal(big.status, 200, big.text);
});

test('bodies that are no form', async () => {
  const d = await newDesk();
  const whole = formData([file('a.txt', 'x')], { boundary: 'b' });
  const bad = [[whole.body, 'multipart/form-data'],
    [whole.body, 'multipart/form-data; boundary=c'],
    [whole.body, `multipart/form-data; boundary=${'b'.repeat(71)}`],
    [whole.body.subarray(0, -6), whole.type], ['', whole.type],
    ['--b\r\n\r\nx\r\n--b--', whole.type],
    ['--b\r\nContent-Disposition: form-data; name="\r\n\r\nx\r\n--b--',
      whole.type], ['--bx', whole.type]];

  for (const [body, type] of bad)
    await d.client.wrong(400, 'malformed', 'POST', d.path, undefined,
      { body, type });
  await d.client.wrong(400, 'input', 'POST', d.path, undefined,
    formData([{ name: 'note', data: 'no file' }]));
});

/** A business with an assistant at Vapi; orgId is its place there. */
async function withVapi(more) {
  const b = await onboard(stack, more);
  const at = [...stack.vapi.assistants.values()].find((a) =>
    a.metadata.frontdesk_account === b.session.user.account_id);

  return desk({ ...b, orgId: at?.orgId });
}

const assistantOf = (d) => [...stack.vapi.assistants.values()].find((a) =>
  a.metadata.frontdesk_account === d.id);
const toolOf = (d) => assistantOf(d).model.tools.find((t) =>
  t.type === 'query');

test('the runner hands a file to Vapi and to the assistant', async () => {
  const d = await withVapi();
  const reply = await d.send([file('Prices "2026".txt', prices,
    'text/plain')]);
  const [{ id }] = reply.body.knowledge.data.files;
  const tool = await until('the tool', () => toolOf(d));
  const [at] = d.files();

  assert.deepEqual(tool.knowledgeBases[0].fileIds, [at.id]);
  assert.equal(Buffer.from(at.content, 'base64').toString(), prices);
  assert.equal(at.originalName, `${id}-Prices _2026_.txt`);
  assert.equal(at.mimetype, 'text/plain');
  assert.ok(assistantOf(d).model.messages[0].content
    .includes(tool.function.name));
  const [row] = await d.list();
  assert.deepEqual([row.status, row.vapi_id], ['sent', at.id]);
  await d.client.want(204, 'DELETE', `${d.path}/${id}`);
  await d.client.wrong(404, 'missing', 'DELETE', `${d.path}/${id}`);
  await until('the file to be gone', () => d.files().length === 0
    && !toolOf(d) && !existsSync(join(d.dir, id)));
  assert.deepEqual((await d.client.want(200, 'GET',
    `/api/setup/${d.id}/progress`)).knowledge.data.files, []);
});

test('an answer that is lost makes no second file', async () => {
  const d = await withVapi();

  stack.vapi.fail({ on: 'POST /file', mode: 'create-then-drop' });
  await d.send([file('a.txt', 'only once')]);
  await until('the tool', () => toolOf(d), 20000);
  assert.equal(d.files().length, 1);
});

test('a file that Vapi refuses, and one that waits for a key', async () => {
  const d = await withVapi();

  stack.vapi.fail({ on: 'POST /file', mode: '400',
    message: ['the file is odd'] });
  await d.send([file('a.txt', 'odd')]);
  const row = await until('the refusal', async () => {
    const [f] = await d.list();
    return f.status === 'failed' && f;
  });
  assert.match(row.error, /the file is odd/);
  const w = await newDesk();
  await w.send([file('a.txt', 'waits')]);
  await w.client.want(200, 'POST', '/api/vapi-settings',
    { vapi_api_key: 'sk-a-key-of-this-account' });
  await until('the file to be sent', async () =>
    (await w.list())[0].status === 'sent');
});

test('starting over removes files everywhere', async () => {
  const d = await withVapi();

  await d.send([file('a.txt', 'one'), file('b.txt', 'two')]);
  await until('both at Vapi', () => d.files().length === 2);
  await d.client.want(200, 'DELETE', `/api/setup/${d.id}/progress`);
  assert.deepEqual(await d.list(), []);
  await until('both gone', () => d.files().length === 0
    && readdirSync(d.dir).length === 0 && !toolOf(d));
});

test('files of another account do not exist', async () => {
  const [mine, theirs] = [await newDesk(), await newDesk()];
  const reply = await theirs.send([file('a.txt', 'theirs')]);
  const [{ id }] = reply.body.knowledge.data.files;

  for (const method of ['GET', 'DELETE'])
    for (const path of [`${mine.path}/${id}`, `${theirs.path}/${id}`])
      await mine.client.wrong(404, 'missing', method, path);
  await mine.client.wrong(404, 'missing', 'POST', theirs.path, undefined,
    formData([file('b.txt', 'mine')]));
  assert.equal((await theirs.list()).length, 1);
});
