// Requests that break off: nothing of them is carried out, no worker dies.
import assert from 'node:assert/strict';
import net from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { sleep } from '../fake/net.mjs';
import { signUp } from '../lib/business.mjs';
import { fcgi, params } from '../lib/fcgi.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let owner;
let auth;
const path = '/api/user/profile';

before(async () => {
  stack = await startStack({ vapi: false });
  owner = await signUp(stack);
  auth = `Bearer ${owner.session.access_token}`;
});

const socket = () => join(stack.dir, 'run/web.sock');
const patch = (opt) => fcgi(socket(), { ...opt,
  params: params('PATCH', path, opt.length, { HTTP_AUTHORIZATION: auth,
    ...opt.params }) });
const nameNow = async () => (await owner.client.want(200, 'GET', path))
  .full_name;

test('a whole request over FastCGI is carried out', async () => {
  const body = '{"full_name":"By Socket"}';
  const text = await patch({ body, length: body.length });

  assert.match(text, /^Status: 200/i);
  assert.equal(await nameNow(), 'By Socket');
});

test('a body shorter than its length is refused, not carried out',
  async () => {
    const body = '{"full_name":"Truncated"}';

    for (const cut of ['stdin', 'close', 'reset']) {
      const text = await patch({ body, length: body.length + 10, cut });
      assert.ok(text === '' || /^Status: 400/i.test(text), `${cut}: ${text}`);
    }
    assert.equal(await nameNow(), 'By Socket');
  });

test('a body longer than its length is refused or cut off whole',
  async () => {
    const body = '{"full_name":"Longer"}    {"x":1}';
    const text = await patch({ body, length: 22 });

    assert.match(text, /^Status: (200|400)/i);
    await owner.client.want(200, 'PATCH', path, { full_name: 'By Socket' });
  });

test('lengths that are none', async () => {
  for (const length of ['-1', 'x', '99999999999999999999', '1e3', '0x10',
    ' 5', '4294967297']) {
    const text = await patch({ body: '{}', length });
    assert.ok(text === '' || /^Status: 4\d\d/i.test(text),
      `${length}: ${text}`);
  }
  assert.equal(await nameNow(), 'By Socket');
});

test('noise on the socket', async () => {
  for (const noise of ['GET / HTTP/1.1\r\n\r\n', '\x01', '\x00'.repeat(100),
    '\x01\x01\x00\x01\xff\xff\x00\x00', '\xff'.repeat(5000)]) {
    await new Promise((done) => {
      const sock = net.connect(socket());
      sock.on('error', () => {});
      sock.on('close', done);
      sock.resume();
      sock.end(Buffer.from(noise, 'latin1'));
      setTimeout(() => sock.destroy(), 3000).unref();
    });
  }
  assert.equal(await nameNow(), 'By Socket');
});

/* Send bytes to nginx, end or break off, and read what comes back. */
function raw(text, breakOff) {
  return new Promise((done) => {
    const sock = net.connect(stack.port, '127.0.0.1');
    let got = '';
    sock.on('data', (d) => { got += d; });
    sock.on('error', () => {});
    sock.on('close', () => done(got));
    sock.write(text, () => (breakOff ?
      setTimeout(() => sock.destroy(), 100) : null));
    setTimeout(() => sock.destroy(), 5000).unref();
  });
}

const head = (length, more = '') => `PATCH ${path} HTTP/1.1\r\nHost: x\r\n`
  + `Authorization: ${auth}\r\nContent-Length: ${length}\r\n${more}\r\n`;

test('a client that leaves in the middle of its body', async () => {
  for (let i = 0; i < 5; i++)
    await raw(`${head(1000)}{"full_name":"Gone"}`, true);
  await sleep(100);
  assert.equal(await nameNow(), 'By Socket');
});

test('chunks: whole ones count, broken ones do not', async () => {
  const chunked = (text) => `PATCH ${path} HTTP/1.1\r\nHost: x\r\n`
    + `Authorization: ${auth}\r\nTransfer-Encoding: chunked\r\n`
    + `Connection: close\r\n\r\n${text}`;

  assert.match(await raw(chunked('1a\r\n{"full_name":"In '
    + 'Two Chunk\r\n3\r\ns"}\r\n0\r\n\r\n')), /^HTTP\/1\.1 200/);
  assert.equal(await nameNow(), 'In Two Chunks');
  await raw(chunked('1a\r\n{"full_name":"Half'), true);
  assert.match(await raw(chunked('zz\r\n{}\r\n0\r\n\r\n')),
    /^HTTP\/1\.1 400/);
  assert.equal(await nameNow(), 'In Two Chunks');
});

test('two requests in one are never mixed up', async () => {
  const smuggled = await raw(`${head(2, 'Transfer-Encoding: chunked\r\n')}`
    + '0\r\n\r\nGET /api/health HTTP/1.1\r\nHost: x\r\n\r\n');

  assert.match(smuggled, /^HTTP\/1\.1 400/);
});

test('after all that, every worker is the one it was', async () => {
  const log = stack.logs().find((l) => l.name === 'web.log').text;

  assert.doesNotMatch(log, /signal|crash|killed|Sanitizer/i);
  for (let i = 0; i < 20; i++)
    await owner.client.want(200, 'GET', path);
});
