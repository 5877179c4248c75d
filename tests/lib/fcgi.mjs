// fcgi.mjs - a FastCGI client that can break the rules: requests whose body is
// shorter than its length, that end in the middle, or that never end.
import net from 'node:net';

const BEGIN = 1;
const PARAMS = 4;
const STDIN = 5;
const STDOUT = 6;
const END = 3;

function record(type, content) {
  const head = Buffer.from([1, type, 0, 1, content.length >> 8,
    content.length & 255, 0, 0]);
  return Buffer.concat([head, content]);
}

function pair(k, v) {
  const len = (n) => n < 128 ? Buffer.from([n]) :
    Buffer.from([0x80 | (n >> 24), (n >> 16) & 255, (n >> 8) & 255, n & 255]);
  const [name, value] = [Buffer.from(k), Buffer.from(v)];
  return Buffer.concat([len(name.length), len(value.length), name, value]);
}

/** The parameters that nginx would send. */
export function params(method, path, length, more = {}) {
  return { GATEWAY_INTERFACE: 'CGI/1.1', SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_METHOD: method, REQUEST_URI: path, SCRIPT_NAME: path,
    QUERY_STRING: path.split('?')[1] ?? '', CONTENT_LENGTH: String(length),
    CONTENT_TYPE: 'application/json', REMOTE_ADDR: '127.0.0.1',
    SERVER_NAME: 'localhost', REQUEST_ID: '0123456789abcdef0123456789abcdef',
    ...more };
}

/**
 * One request over a Unix socket. opt: params, body, cut: 'stdin' ends the
 * body early, 'close' ends the connection in the middle of the body, 'reset'
 * ends it inside a record. Answers the text of the reply ('' when none came).
 */
export function fcgi(socket, opt) {
  const sock = net.connect(socket);
  const parts = [];
  const body = Buffer.from(opt.body ?? '');
  const all = Buffer.concat(Object.entries(opt.params).map((p) => pair(...p)));

  sock.write(record(BEGIN, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])));
  sock.write(record(PARAMS, all));
  sock.write(record(PARAMS, Buffer.alloc(0)));
  if (opt.cut === 'reset')
    sock.end(record(STDIN, body).subarray(0, 8 + (body.length >> 1)));
  else {
    if (body.length > 0)
      sock.write(record(STDIN, body));
    if (opt.cut === 'close')
      sock.end();
    else
      sock.write(record(STDIN, Buffer.alloc(0)));
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => sock.destroy(
      new Error('no answer over FastCGI')), opt.timeoutMs ?? 10000);
    sock.on('data', (d) => {
      parts.push(d);
      if (ended(Buffer.concat(parts)))
        sock.end();
    });
    sock.on('error', (e) => (e.code === 'EPIPE' || e.code === 'ECONNRESET' ?
      sock.destroy() : reject(e)));
    sock.on('close', () => {
      clearTimeout(timer);
      resolve(stdout(Buffer.concat(parts)));
    });
  });
}

function* records(buf) {
  for (let at = 0; at + 8 <= buf.length;) {
    const len = buf.readUInt16BE(at + 4);
    if (at + 8 + len > buf.length)
      return;
    yield [buf[at + 1], buf.subarray(at + 8, at + 8 + len)];
    at += 8 + len + buf[at + 6];
  }
}

function ended(buf) {
  return [...records(buf)].some(([type]) => type === END);
}

function stdout(buf) {
  return Buffer.concat([...records(buf)].filter(([type]) => type === STDOUT)
    .map(([, content]) => content)).toString('utf8');
}
