// Bodies that are no valid JSON, or no valid request: each a clear error.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { send } from '../fake/net.mjs';
import { signUp } from '../lib/business.mjs';
import { assertError } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

let stack;
let client;
const path = '/api/user/profile';
const deep = (n) => `${'['.repeat(n)}${']'.repeat(n)}`;

before(async () => {
  stack = await startStack();
  ({ client } = await signUp(stack));
});

const bad = {
  'not JSON': 'full_name=x',
  truncated: '{"full_name":"Test',
  'truncated after a member': '{"full_name":"Test",',
  'trailing text': '{"full_name":"Test"} x',
  'two documents': '{}{}',
  'a trailing comma': '{"full_name":"Test",}',
  'single quotes': '{\'full_name\':\'Test\'}',
  comment: '{/* x */}',
  'a bare word': 'profile',
  'NaN': '{"full_name":NaN}',
  'an infinite number': '{"x":1e999}',
  'a leading zero': '{"x":01}',
  'an escaped NUL': '{"full_name":"a\\u0000b"}',
  'a raw NUL': Buffer.from('{"full_name":"a\0b"}', 'latin1'),
  'a NUL after the end': Buffer.from('{"full_name":"a"}\0', 'latin1'),
  'a raw control character': '{"full_name":"a\nb"}',
  'a lone surrogate': '{"full_name":"\\ud800"}',
  'a wrong escape': '{"full_name":"\\x41"}',
  'not UTF-8': Buffer.from('{"full_name":"\xff\xfe"}', 'latin1'),
  'overlong UTF-8': Buffer.from('{"full_name":"\xc0\xaf"}', 'latin1'),
  'a surrogate in UTF-8': Buffer.from('{"full_name":"\xed\xa0\x80"}',
    'latin1'),
  'cut UTF-8': Buffer.from('{"full_name":"\xe2\x98"}', 'latin1'),
  UTF16: Buffer.from('{"full_name":"x"}', 'utf16le'),
  'a repeated member': '{"full_name":"a","full_name":"b"}',
  'a repeated member in another spelling':
    '{"full_name":"a","full\\u005fname":"b"}',
  'a repeated member inside': '{"x":{"a":1,"a":2}}',
  'too deep': `{"x":${deep(65)}}`,
  'deep enough to break a stack': `{"x":${deep(100000)}}`,
  'an unclosed depth': '['.repeat(60000),
  array: '[{"full_name":"a"}]',
  string: '"full_name"',
  null: 'null',
  number: '1',
};

for (const [name, body] of Object.entries(bad))
  test(`refused: ${name}`, async () => {
    const reply = await client.request('PATCH', path, { body });
    assertError(reply, 400, 'malformed');
    assert.doesNotMatch(reply.text, /[\u0000-\u0009\u000b-\u001f\ufffd]/);
  });

test('refused: a needed body that is empty', async () => {
  for (const body of [undefined, '', '   ']) {
    const reply = await client.request('POST', '/api/vapi-settings',
      { body });
    assertError(reply, 400);
  }
});

test('taken: depth 64 and every valid oddity', async () => {
  const good = [`{"x":${deep(62)}}`, ' \t\r\n{ } \n',
    '{"full_name":"\\ud83d\\ude00 \\u00e9 \\"\\\\\\/"}',
    '{"full_name":"😀 é שלום"}', '{"x":[1,-0.5,1e3,true,false,null]}'];

  for (const body of good) {
    const reply = await client.request('PATCH', path, { body });
    assert.equal(reply.status, 200, `${body}: ${reply.text}`);
  }
  const got = await client.want(200, 'GET', path);
  assert.equal(got.full_name, '😀 é שלום');
});

test('text is counted in characters, and too much is named', async () => {
  const reply = await client.wrong(400, 'input', 'PATCH', path,
    { full_name: '😀'.repeat(20000) });

  assert.match(JSON.stringify(reply.body.fields), /full_name/);
});

test('a mistake does not hide others, and nothing is half done',
  async () => {
    const before = await client.want(200, 'GET', path);
    const reply = await client.wrong(400, 'input', 'PATCH', path,
      { full_name: 'Changed', timezone: 'nowhere', accept_terms: 3 });

    assert.equal(reply.body.fields.length, 2);
    assert.deepEqual(await client.want(200, 'GET', path), before);
  });

test('SQL and markup are text', async () => {
  for (const full_name of ['\'; DROP TABLE user; --', '<script>x</script>',
    '%s%n%d', '${jndi:x}', '" OR ""="', '\\']) {
    const got = await client.want(200, 'PATCH', path, { full_name });
    assert.equal(got.full_name, full_name);
  }
});

test('odd queries and cursors', async () => {
  for (const query of ['limit=0', 'limit=-1', 'limit=x', 'limit=1e9',
    'cursor=%00', 'cursor=..%2f', 'from=yesterday',
    'from=%ff', 'limit=99999999999999999999'])
    assert.equal((await client.get(`/api/appointments?${query}`)).status,
      400, query);
  await client.want(200, 'GET', '/api/appointments?limit=5');
});

test('odd ids are missing or malformed, never more', async () => {
  for (const id of ['x', '0', '%00', '%ff', '%2e%2e%2fx', '\'', 'a'.repeat(900),
    '00000000-0000-7000-8000-000000000000']) {
    const reply = await client.get(`/api/assistants/${id}`,
      { validate: false });
    assert.ok([400, 404].includes(reply.status), `${id}: ${reply.status}`);
    assertError(reply, reply.status);
  }
});

test('headers too large, too many or odd do not reach a worker',
  async () => {
    const big = await send(`${stack.url}/api/health`,
      { headers: { 'X-Big': 'x'.repeat(60000) } });
    assert.ok([400, 431].includes(big.status), String(big.status));
    const long = await send(`${stack.url}/api/health`,
      { target: `/api/health?${'x'.repeat(60000)}` });
    assert.ok([400, 414].includes(long.status), String(long.status));
    await client.want(200, 'GET', '/api/health');
  });

test('methods that nobody uses', async () => {
  for (const method of ['PUT', 'TRACE', 'PROPFIND', 'OPTIONS', 'X']) {
    const reply = await send(`${stack.url}${path}`, { method });
    assert.ok([400, 401, 403, 404, 405, 501].includes(reply.status),
      `${method}: ${reply.status}`);
  }
  const head = await send(`${stack.url}/api/health`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
});
