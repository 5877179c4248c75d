// A client that sends its bodies slowly takes no place from the others.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { send, sleep } from '../fake/net.mjs';
import { assertError, hit } from '../lib/client.mjs';
import { startStack } from '../lib/stack.mjs';

/* Begin a request from another address and never end it. */
function begin(stack, path) {
  return new Promise((done, fail) => {
    const socket = net.connect({ port: stack.port, host: '127.0.0.1',
      localAddress: '127.0.0.2' });
    socket.on('error', fail);
    socket.on('connect', () => socket.write(`POST ${path} HTTP/1.1\r\n` +
      'Host: localhost\r\nContent-Length: 9000\r\n\r\n{', () => done(socket)));
  });
}

test('bodies that never end leave the slow pools to the others', async () => {
  const stack = await startStack();

  for (const [path, n] of [['/api/assistants', 16], ['/api/auth/signin', 64]]) {
    const held = await Promise.all(Array.from({ length: n }, () =>
      begin(stack, path)));
    await sleep(200);
    const reply = await send(`${stack.url}${path}`,
      { body: '{"email":"nobody@example.com","password":"wrong"}' });
    held.forEach((socket) => socket.destroy());
    hit('POST', path.slice(4), reply.status);
    assertError(reply, 401, 'auth');
  }
});
