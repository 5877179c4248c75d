// twilio.mjs - a stand-in for Twilio's side of a phone call: signed webhooks,
// TwiML read strictly and followed, SIP calls handed to the Vapi stand-in.
//
// As a command: node twilio.mjs --token T --url VOICE_URL [--to N] [--from N]
// sends one signed voice webhook and prints the answer.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { send } from './net.mjs';
import { readTwiml, textVerbs } from './twiml.mjs';

const budgetMs = 15000;
const stepsMax = 10;
export const hex32 = () => randomBytes(16).toString('hex');

/** X-Twilio-Signature of a form POST. params: object; values may be arrays. */
export function sign(token, url, params = {}) {
  let text = url;

  for (const name of Object.keys(params).sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    const values = [params[name]].flat();
    for (const value of [...new Set(values)].sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b))))
      text += name + value;
  }
  return createHmac('sha1', token).update(text, 'utf8').digest('base64');
}

/** The URL that Twilio signs for a body which is not a form. */
export function bodyUrl(url, body) {
  const sum = createHash('sha256').update(body).digest('hex');
  return `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${sum}`;
}

/** application/x-www-form-urlencoded, as Twilio writes it. */
export function form(params) {
  return Object.entries(params).flatMap(([k, v]) => [v].flat().map((one) =>
    `${enc(k)}=${enc(one)}`)).join('&');
}

function enc(s) {
  return encodeURIComponent(s).replace(/%20/g, '+').replace(/[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * One phone number at Twilio. opt: token, number, voiceUrl, and optionally
 * accountSid, statusUrl, fallbackUrl, vapi (stand-in), reach (url => url),
 * onHit (called with method, path and status of each webhook).
 */
export class Twilio {
  constructor(opt) {
    Object.assign(this, { accountSid: `AC${hex32()}`, reach: (u) => u }, opt);
    this.exchanges = [];
  }

  /** Signed POST. opt: signature (null = no header), headers, token. */
  async post(url, params, opt = {}) {
    const [bare] = url.split('#');
    const body = opt.body ?? form(params);
    const sig = opt.signature === undefined ?
      sign(opt.token ?? this.token, bare, params) : opt.signature;
    const headers = { 'User-Agent': 'TwilioProxy/1.1', Accept: '*/*',
      'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'I-Twilio-Idempotency-Token': hex32(), ...opt.headers };

    if (sig !== null)
      headers['X-Twilio-Signature'] = sig;
    const answer = await send(this.reach(bare), { method: 'POST', body,
      headers, timeoutMs: budgetMs });
    this.exchanges.push({ url: bare, params, answer });
    this.onHit?.('POST', new URL(bare).pathname, answer.status);
    return answer;
  }

  /** The parameters of an incoming call. */
  callParams(from, more = {}) {
    return { AccountSid: this.accountSid, ApiVersion: '2010-04-01',
      CallSid: `CA${hex32()}`, CallStatus: 'ringing', Called: this.number,
      CalledCity: '', CalledCountry: 'US', Caller: from, Direction: 'inbound',
      From: from, FromCity: 'SAN FRANCISCO', FromState: 'CA', FromZip: '',
      To: this.number, ToCity: '', ToCountry: 'US', ...more };
  }

  /** Someone texts the number. Answers the texts that go back. */
  async text(from, Body, more = {}) {
    const id = more.MessageSid ?? `SM${hex32()}`;
    const answer = await this.post(this.smsUrl, {
      AccountSid: this.accountSid, ApiVersion: '2010-04-01',
      MessageSid: id, SmsSid: id, SmsMessageSid: id, SmsStatus: 'received',
      From: from, To: this.number, Body, NumMedia: '0', NumSegments: '1',
      FromCity: '', FromZip: '', ...more });

    return readTwiml(answer, textVerbs).map((v) => v.text);
  }

  /** What became of a text of ours that the REST stand-in took. */
  textStatus(message, MessageStatus, more = {}) {
    return this.post(message.back, { AccountSid: this.accountSid,
      ApiVersion: '2010-04-01', MessageSid: message.sid,
      SmsSid: message.sid, MessageStatus, SmsStatus: MessageStatus,
      From: message.from, To: message.to, ...more });
  }

  /** Someone dials the number. Answers the Call after the first document. */
  async dial(from, more = {}) {
    const call = new Call(this, this.callParams(from, more));

    await call.start();
    return call;
  }
}

class Call {
  constructor(twilio, params) {
    this.twilio = twilio;
    this.params = params;
    this.sid = params.CallSid;
    this.heard = [];
    this.session = null;
    this.dialed = null;
    this.recorded = null;
    this.over = false;
  }

  async start() {
    const { voiceUrl, fallbackUrl } = this.twilio;

    try {
      await this.fetch(voiceUrl, {});
    } catch (e) {
      if (!fallbackUrl)
        throw e;
      this.failure = e;
      await this.fetch(fallbackUrl, { ErrorCode: /^\d+/.exec(e.message)?.[0]
        ?? '11200', ErrorUrl: voiceUrl });
    }
  }

  /* Fetch a document and follow it until the call waits for someone. */
  async fetch(url, more) {
    this.steps = (this.steps ?? 0) + 1;
    if (this.steps > stepsMax)
      throw new Error('12999: the call goes round in circles');
    const answer = await this.twilio.post(url, { ...this.params, ...more });
    this.document = answer.text;
    await this.follow(readTwiml(answer), url);
  }

  async follow(verbs, base) {
    for (const [i, verb] of verbs.entries()) {
      this.params.CallStatus = 'in-progress';
      if (verb.name === 'Say' || verb.name === 'Play')
        this.heard.push(verb.text);
      if (verb.name === 'Redirect')
        return this.fetch(new URL(verb.text, base).href, {});
      if (verb.name === 'Hangup' || verb.name === 'Reject')
        break;
      if (verb.name === 'Record')
        this.transcriber = verb.attrs.transcribe === 'true' ?
          new URL(verb.attrs.transcribeCallback, base).href : null;
      if (verb.name === 'Record')
        this.recorded = { ...verb.attrs, base };
      if (verb.name === 'Dial')
        this.dialed = { ...verb.attrs, base, verb: verb.kids[0] ?? verb,
          rest: verbs.slice(i + 1) };
      if (verb.name === 'Record' || verb.name === 'Dial')
        return this.connect();
    }
    this.over = true;
    return undefined;
  }

  /* A <Dial><Sip> reaches the Vapi stand-in, or fails and says so. */
  async connect() {
    const { verb } = this.dialed ?? {};

    if (verb?.name !== 'Sip')
      return;
    try {
      this.session = this.twilio.vapi.answerSip(verb.text,
        { from: this.params.From });
    } catch (e) {
      this.sipError = e;
      await this.dialEnded('failed');
    }
  }

  /** The other leg ended: the action URL of the <Dial>, or what follows it. */
  async dialEnded(status = 'completed', seconds = 42) {
    const { action, base, rest } = this.dialed;

    this.dialed = null;
    if (action)
      await this.fetch(new URL(action, base).href, { DialCallStatus: status,
        DialCallSid: `CA${hex32()}`, DialCallDuration: String(seconds) });
    else
      await this.follow(rest, base);
  }

  /** The caller speaks after the beep; no action means the same document. */
  async leaveMessage(seconds = 7) {
    const { action, recordingStatusCallback: back, base } = this.recorded;
    const rec = { RecordingSid: `RE${hex32()}`,
      RecordingUrl: `https://example.com/recordings/${hex32()}`,
      RecordingDuration: String(seconds) };
    const { AccountSid, CallSid } = this.params;

    this.recorded = null;
    this.left = { ...rec, back: this.transcriber };
    await this.fetch(new URL(action ?? base, base).href, { ...rec,
      Digits: 'hangup' });
    if (back)
      return this.twilio.post(new URL(back, base).href, { AccountSid,
        CallSid, ...rec, RecordingStatus: 'completed',
        RecordingChannels: '1', RecordingSource: 'RecordVerb' });
    return undefined;
  }

  /** Twilio has written down what was said, if it was asked to. */
  transcribe(text, TranscriptionStatus = 'completed') {
    const { back, RecordingSid, RecordingUrl } = this.left;

    if (!back)
      throw new Error('nobody asked for a transcript');
    return this.twilio.post(back, { ...this.params, RecordingSid,
      RecordingUrl, TranscriptionSid: `TR${hex32()}`,
      TranscriptionText: text, TranscriptionStatus,
      TranscriptionUrl: 'https://example.com/transcriptions' });
  }

  /** What a human hears before the caller is put through. */
  async whispered() {
    const { url } = this.dialed.verb.attrs;

    if (!url)
      return null;
    const answer = await this.twilio.post(url, {
      AccountSid: this.params.AccountSid, ApiVersion: '2010-04-01',
      CallSid: `CA${hex32()}`, ParentCallSid: this.sid,
      CallStatus: 'in-progress', From: this.params.To,
      To: this.dialed.verb.text, Direction: 'outbound-dial' });
    return readTwiml(answer).map((v) => v.text).join(' ');
  }

  /** The account has moved the call: it fetches another document. */
  async moved({ Url, Twiml }) {
    if (this.session)
      this.session = null;
    this.dialed = null;
    if (Twiml)
      throw new Error('this stand-in follows addresses only');
    await this.fetch(Url, {});
  }

  /** Tell the status URL; SequenceNumber counts up unless given. */
  status(CallStatus, more = {}) {
    this.sequence = (this.sequence ?? -1) + 1;
    return this.twilio.post(this.twilio.statusUrl, { ...this.params,
      CallStatus, Timestamp: new Date().toUTCString().replace('GMT', '+0000'),
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(this.sequence),
      ...(CallStatus === 'completed' ? { CallDuration: '42', Duration: '1' }
        : {}), ...more });
  }
}

async function main(args) {
  const opt = Object.fromEntries(args.flatMap((a, i) =>
    a.startsWith('--') ? [[a.slice(2), args[i + 1]]] : []));
  if (!opt.token || !opt.url)
    throw new Error('usage: twilio.mjs --token T --url U [--to N] [--from N]');
  const twilio = new Twilio({ token: opt.token, voiceUrl: opt.url,
    number: opt.to ?? '+14155550100' });
  const answer = await twilio.post(opt.url,
    twilio.callParams(opt.from ?? '+14155550111'));
  process.stdout.write(`HTTP ${answer.status}\n${answer.text}\n`);
  process.exitCode = answer.status === 200 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
