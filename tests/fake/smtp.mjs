// smtp.mjs - a strict mail server: the order of commands, CRLF everywhere,
// lines of at most 998 bytes, STARTTLS before AUTH and MAIL, ASCII headers,
// RFC 2047 words. It keeps what it accepted, decoded.
//
// As a module: const smtp = await startSmtp({tls, starttls, auth, port});
//   tls: TLS from the first byte; starttls: offered and demanded; auth:
//   "user:password" demanded. smtp.mails: [{from, to, headers, text, raw}];
//   smtp.fail({on: "RCPT", reply: "550 no such user", times}) orders faults;
//   reply null: the connection ends.
// As a command: node smtp.mjs [--port P] prints "listening URL" and each
//   letter's subject.
import net from 'node:net';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';
import { makeTls } from './tls.mjs';

const lineMax = 998;
const address = /^<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}>$/;

/* A field's value with its encoded words made readable; throws if it is bad. */
export function words(value) {
  const parts = value.replace(/\?=\s+=\?/g, '?==?').split(/(=\?[^ ]*?\?=)/);

  return parts.map((p) => {
    const m = /^=\?UTF-8\?B\?([A-Za-z0-9+/]+=*)\?=$/.exec(p);
    if (!m)
      return p;
    const text = Buffer.from(m[1], 'base64').toString('utf8');
    if (text.includes('\ufffd') || Buffer.from(text).toString('base64')
      !== m[1])
      throw new Error(`an encoded word is no UTF-8: ${p}`);
    return text;
  }).join('');
}

const known = ['date', 'from', 'to', 'subject', 'message-id', 'mime-version',
  'auto-submitted', 'content-type', 'content-transfer-encoding'];

/* Headers and text of a letter; throws when it is not well-formed. */
function readLetter(raw) {
  const cut = raw.indexOf('\r\n\r\n');
  const head = raw.slice(0, cut);
  const headers = {};

  if (cut < 0)
    throw new Error('there is no end of the header');
  // eslint-disable-next-line no-control-regex
  if (/[^\x20-\x7e\r\n]/.test(head))
    throw new Error('the header is not ASCII');
  for (const line of head.split('\r\n'))
    if (line.length > 78 && !/^To:|^From:|^Message-ID:/.test(line))
      throw new Error(`a header line is too long: ${line}`);
  for (const line of head.replace(/\r\n[ \t]/g, ' ').split('\r\n')) {
    const [, name, value] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
    const key = name?.toLowerCase();
    if (!known.includes(key))
      throw new Error(`a field nobody asked for: ${line}`);
    if (Object.hasOwn(headers, key))
      throw new Error(`${name} is there twice`);
    headers[key] = words(value);
  }
  for (const key of known)
    if (!Object.hasOwn(headers, key))
      throw new Error(`${key} is missing`);
  if (Number.isNaN(Date.parse(headers.date)))
    throw new Error(`the date is ${headers.date}`);
  if (!/^<[^<>\s@]+@[^<>\s@]+>$/.test(headers['message-id']))
    throw new Error(`the id is ${headers['message-id']}`);
  const body = raw.slice(cut + 4);
  if (headers['content-transfer-encoding'] !== 'base64'
    || !/^([A-Za-z0-9+/=]{1,76}\r\n)*$/.test(body))
    throw new Error('the text is not base64 in lines of 76');
  const text = Buffer.from(body, 'base64').toString('utf8');
  if (/(^|[^\r])\n/.test(text))
    throw new Error('a line of the text ends without CR');
  return { headers, text: text.replace(/\r\n/g, '\n'), raw };
}

class Session {
  constructor(fake, socket) {
    this.fake = fake;
    this.secure = fake.opt.tls === true;
    this.listen(socket);
    this.say('220 mail.example.com ESMTP');
  }

  listen(socket) {
    this.socket = socket;
    this.rest = '';
    this.reset();
    socket.on('error', () => {});
    socket.on('data', (d) => this.take(d.toString('latin1')));
  }

  reset() {
    this.from = null;
    this.to = [];
    this.data = null;
  }

  say(line) {
    if (!this.socket.destroyed)
      this.socket.write(`${line}\r\n`);
  }

  take(text) {
    this.rest += text;
    for (let i = this.rest.indexOf('\n'); i >= 0;
      i = this.rest.indexOf('\n')) {
      const line = this.rest.slice(0, i + 1);
      this.rest = this.rest.slice(i + 1);
      if (!line.endsWith('\r\n') || /\r./.test(line.slice(0, -1))
        || line.length > lineMax + 2) {
        this.fake.wrong.push(`a bad line: ${JSON.stringify(line)}`);
        this.say('500 lines end with CRLF and have 998 bytes');
        this.socket.destroy();
        return;
      }
      this.line(line.slice(0, -2));
    }
  }

  line(text) {
    if (this.data !== null)
      return this.letter(text);
    const [, name, rest] = /^([A-Za-z]+) ?(.*)$/.exec(text) ?? [];
    const key = (name ?? '').toUpperCase();
    const fault = this.fake.next.find((f) => key === f.on);
    this.fake.log.push(key === 'AUTH' ? 'AUTH' : text);
    if (fault) {
      fault.times = (fault.times ?? 1) - 1;
      if (fault.times <= 0)
        this.fake.next.splice(this.fake.next.indexOf(fault), 1);
      if (fault.reply === null)
        return this.socket.destroy();
      return this.say(fault.reply);
    }
    if (!Object.hasOwn(commands, key))
      return this.say('502 not known');
    return commands[key](this, rest);
  }

  letter(text) {
    if (text !== '.') {
      this.data.push(text.startsWith('.') ? text.slice(1) : text);
      return undefined;
    }
    const raw = this.data.map((l) => `${l}\r\n`).join('');
    const { from, to } = this;
    this.reset();
    try {
      const mail = { from, to, ...readLetter(raw) };
      if (mail.headers.to !== `<${to[0]}>`)
        throw new Error('To is not the recipient');
      this.fake.mails.push(mail);
    } catch (e) {
      this.fake.wrong.push(e.message);
      return this.say(`554 ${e.message}`);
    }
    if (this.fake.lose > 0) {
      this.fake.lose -= 1;
      return this.socket.destroy();
    }
    return this.say('250 kept');
  }
}

function path(s, rest, name) {
  const m = new RegExp(`^${name}:(\\S+)(?: (.*))?$`, 'i').exec(rest);

  if (!m || !address.test(m[1])) {
    s.say(`501 not ${name}:<address>`);
    return null;
  }
  return m[1].slice(1, -1);
}

const commands = {
  EHLO(s) {
    s.reset();
    const lines = ['mail.example.com', 'SIZE 10485760'];
    if (s.fake.opt.starttls && !s.secure)
      lines.push('STARTTLS');
    if (s.fake.opt.auth && (s.secure || !s.fake.opt.starttls))
      lines.push('AUTH PLAIN');
    lines.forEach((l, i) =>
      s.say(`250${i < lines.length - 1 ? '-' : ' '}${l}`));
  },
  STARTTLS(s) {
    if (!s.fake.opt.starttls || s.secure)
      return s.say('503 not now');
    s.say('220 go ahead');
    const { socket } = s;
    socket.removeAllListeners('data');
    const secure = new tls.TLSSocket(socket, { isServer: true,
      secureContext: tls.createSecureContext(s.fake.tls) });
    s.secure = true;
    s.authed = false;
    return s.listen(secure);
  },
  AUTH(s, rest) {
    const [, given] = /^PLAIN (\S+)$/.exec(rest) ?? [];
    if (!given) {
      s.fake.wrong.push('AUTH without an initial response');
      return s.say('501 PLAIN with an initial response');
    }
    const [, user, pass] = Buffer.from(given, 'base64').toString()
      .split('\0');
    s.authed = `${user}:${pass}` === s.fake.opt.auth;
    return s.say(s.authed ? '235 welcome' : '535 wrong password');
  },
  MAIL(s, rest) {
    const from = path(s, rest, 'FROM');
    if (from === null)
      return undefined;
    if (s.fake.opt.starttls && !s.secure)
      return s.say('530 STARTTLS first');
    if (s.fake.opt.auth && !s.authed)
      return s.say('530 AUTH first');
    s.from = from;
    return s.say('250 ok');
  },
  RCPT(s, rest) {
    const to = path(s, rest, 'TO');
    if (to === null)
      return undefined;
    if (s.from === null)
      return s.say('503 MAIL first');
    s.to.push(to);
    return s.say('250 ok');
  },
  DATA(s) {
    if (s.to.length === 0)
      return s.say('503 RCPT first');
    s.data = [];
    return s.say('354 end with a dot');
  },
  RSET(s) {
    s.reset();
    s.say('250 ok');
  },
  NOOP: (s) => s.say('250 ok'),
  QUIT(s) {
    s.say('221 bye');
    s.socket.end();
  },
};

/** Start it; see the head of the file. */
export async function startSmtp(opt = {}) {
  const pair = opt.tls || opt.starttls ? makeTls() : null;
  const fake = { opt, tls: pair && { key: pair.key, cert: pair.cert },
    caFile: pair?.caFile, mails: [], log: [], wrong: [], next: [], lose: 0 };
  const open = new Set();
  const run = (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    return new Session(fake, socket);
  };
  const server = opt.tls ? tls.createServer(fake.tls, run) :
    net.createServer(run);

  fake.fail = (...faults) => fake.next.push(...faults);
  await new Promise((ok, no) => {
    server.once('error', no);
    server.listen(opt.port ?? 0, '127.0.0.1', ok);
  });
  fake.port = server.address().port;
  fake.url = `${opt.tls ? 'smtps' : 'smtp'}://`
    + `${opt.auth ? `${opt.auth}@` : ''}localhost:${fake.port}`;
  fake.stop = () => new Promise((done) => {
    server.close(done);
    for (const socket of open)
      socket.destroy();
    pair?.drop();
  });
  return fake;
}

async function main(args) {
  const at = args.indexOf('--port');
  const fake = await startSmtp({ port: at < 0 ? 0 : Number(args[at + 1]) });
  process.stdout.write(`listening ${fake.url}\n`);
  fake.mails.push = (mail) => {
    process.stdout.write(`${mail.to}: ${mail.headers.subject}\n`);
    return 0;
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
