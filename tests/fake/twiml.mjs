// twiml.mjs - what Twilio takes as TwiML: known verbs, nouns and attributes
// only, each value in its range.
import { parseXml } from './xml.mjs';

const any = () => true;
const set = (...values) => (v) => values.includes(v);
const flag = set('true', 'false');
const method = set('GET', 'POST');
const int = (min, max) => (v) =>
  /^\d{1,6}$/.test(v) && Number(v) >= min && Number(v) <= max;
const some = (...values) => (v) =>
  v.split(' ').every((word) => values.includes(word));
const link = (v) => v.length <= 4096 && !/[\s#]/.test(v)
  && (!/^[a-z]+:/i.test(v) || /^https?:\/\/[^/]+/.test(v));
const number = (v) => /^\+[1-9]\d{6,14}$/.test(v);
const caller = (v) => number(v) || /^(client|sip):\S+$/.test(v);
const track = set('inbound', 'outbound', 'both');
const recordingBack = { recordingStatusCallback: link,
  recordingStatusCallbackMethod: method,
  recordingStatusCallbackEvent: some('in-progress', 'completed', 'absent') };
const statusBack = { statusCallback: link, statusCallbackMethod: method,
  statusCallbackEvent: some('initiated', 'ringing', 'answered', 'completed') };

/* attrs: what each element may carry; kids: what it may hold. */
const verbs = {
  Response: { attrs: {}, kids: ['Say', 'Play', 'Pause', 'Dial', 'Record',
    'Gather', 'Redirect', 'Reject', 'Hangup', 'Connect'] },
  Say: { attrs: { voice: any, language: any, loop: int(0, 1000) }, text: 1 },
  Play: { attrs: { loop: int(0, 1000), digits: any }, text: 1 },
  Pause: { attrs: { length: int(1, 180) } },
  Dial: { attrs: { action: link, method, answerOnBridge: flag,
    callerId: caller, hangupOnStar: flag, timeLimit: int(1, 86400),
    timeout: int(1, 600), record: any, recordingTrack: track, ringTone: any,
    sequential: flag, trim: any, referUrl: link, referMethod: method,
    ...recordingBack }, kids: ['Sip', 'Number'], text: 1 },
  Number: { attrs: { url: link, method, sendDigits: any, byoc: any,
    ...statusBack }, text: 1 },
  Sip: { attrs: { username: any, password: any, url: link, method,
    ...statusBack }, text: 1 },
  Record: { attrs: { action: link, method, timeout: int(1, 600),
    finishOnKey: any, maxLength: int(1, 14400), playBeep: flag,
    trim: set('trim-silence', 'do-not-trim'), transcribe: flag,
    transcribeCallback: link, recordingTrack: track, ...recordingBack } },
  Gather: { attrs: { input: some('speech', 'dtmf'), action: link, method,
    numDigits: int(1, 100), finishOnKey: any, timeout: int(1, 600),
    speechTimeout: any, language: any, hints: any, profanityFilter: flag,
    actionOnEmptyResult: flag, partialResultCallback: link },
  kids: ['Say', 'Play', 'Pause'] },
  Redirect: { attrs: { method }, text: 1 },
  Reject: { attrs: { reason: set('rejected', 'busy') } },
  Hangup: { attrs: {} },
  Connect: { attrs: { action: link, method }, kids: ['Stream'] },
  Stream: { attrs: { url: any, name: any, track: any, statusCallback: link },
    kids: ['Parameter'] },
  Parameter: { attrs: { name: any, value: any } },
};

/* What may answer a text message. */
export const textVerbs = {
  Response: { attrs: {}, kids: ['Message', 'Redirect'] },
  Message: { attrs: { to: number, from: number, action: link, method,
    statusCallback: link }, text: 1 },
  Redirect: { attrs: { method }, text: 1 },
};

function check(node, kinds) {
  const verb = kinds[node.name];

  if (!verb)
    throw new Error(`TwiML: <${node.name}> is no verb`);
  for (const [key, value] of Object.entries(node.attrs)) {
    if (!Object.hasOwn(verb.attrs, key))
      throw new Error(`TwiML: <${node.name}> has no attribute ${key}`);
    if (!verb.attrs[key](value))
      throw new Error(`TwiML: <${node.name} ${key}="${value}">`);
  }
  if (!verb.text && node.text.trim() !== '')
    throw new Error(`TwiML: text inside <${node.name}>`);
  for (const kid of node.kids) {
    if (!verb.kids?.includes(kid.name))
      throw new Error(`TwiML: <${kid.name}> inside <${node.name}>`);
    check(kid, kinds);
  }
}

function checkDial(node) {
  const target = node.kids[0]?.text ?? node.text;

  if (node.kids.length === 0 && !number(node.text.trim()))
    throw new Error('TwiML: <Dial> calls nobody');
  if (node.kids[0]?.name === 'Sip' && !/^sips?:[^@\s]+@[^\s?]+(\?\S+)?$/
    .test(target))
    throw new Error(`TwiML: not a SIP address: ${target}`);
  if (node.kids[0]?.name === 'Number' && !number(target))
    throw new Error(`TwiML: not a number: ${target}`);
}

/**
 * The verbs of an answer {status, headers, raw}; throws as Twilio would.
 * kinds: textVerbs for the answer to a text message.
 */
export function readTwiml(answer, kinds = verbs) {
  const type = answer.headers['content-type'] ?? '';

  if (answer.status < 200 || answer.status > 299)
    throw new Error(`11200: HTTP ${answer.status}`);
  if (!/^(text|application)\/xml\s*(;\s*charset=utf-8)?$/i.test(type))
    throw new Error(`12300: Content-Type is "${type}"`);
  if (answer.raw.length > 65536)
    throw new Error('11750: more than 64 KB of TwiML');
  const root = parseXml(answer.raw.toString('utf8'));
  if (root.name !== 'Response' || Object.keys(root.attrs).length > 0)
    throw new Error('12100: the root is not <Response>');
  check(root, kinds);
  for (const verb of root.kids)
    if (verb.name === 'Dial')
      checkDial(verb);
  return root.kids;
}
