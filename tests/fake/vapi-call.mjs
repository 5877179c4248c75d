// vapi-call.mjs - the Vapi stand-in on the phone: a call reaches an assistant
// by its SIP address, and the assistant talks to the servers that it was given.
import { createHmac, randomUUID } from 'node:crypto';
import { send } from './net.mjs';

/* Every way in which one tool call is known to be written. */
const shapes = {
  object: (id, name, args) => ({ id, type: 'function',
    function: { name, arguments: args } }),
  string: (id, name, args) => ({ id, type: 'function',
    function: { name, arguments: JSON.stringify(args) } }),
  parameters: (id, name, args) => ({ id, type: 'function',
    function: { name, parameters: args } }),
  parametersString: (id, name, args) => ({ id, type: 'function',
    function: { name, parameters: JSON.stringify(args) } }),
  flat: (id, name, args) => ({ id, name, arguments: args }),
  flatString: (id, name, args) => ({ id, name,
    arguments: JSON.stringify(args) }),
  flatParameters: (id, name, args) => ({ id, name, parameters: args }),
  toolCallId: (id, name, args) => ({ toolCallId: id, name, arguments: args }),
  functionId: (id, name, args) => ({ toolCallId: id,
    function: { name, arguments: args } }),
  none: (id, name) => ({ id, type: 'function', function: { name } }),
  empty: (id, name) => ({ id, type: 'function',
    function: { name, arguments: '' } }),
  null: (id, name) => ({ id, type: 'function',
    function: { name, arguments: null } }),
};
export const shapeNames = Object.keys(shapes);
export const listNames = ['toolCallList', 'toolCalls',
  'toolWithToolCallList'];

/** The `message` members that carry these calls. calls: [{id,name,args}]. */
export function toolMembers(calls, shape = 'object', lists = listNames) {
  const plain = calls.map((c) => shapes[shape](c.id, c.name, c.args ?? {}));
  const out = {};

  for (const list of lists)
    out[list] = list !== 'toolWithToolCallList' ? plain :
      plain.map((toolCall, i) => ({ type: 'function', async: false,
        messages: [], function: { name: calls[i].name }, toolCall }));
  return out;
}

const hmac = (secret, text) =>
  createHmac('sha256', secret).update(text).digest('hex');

/** Headers for a body in each style of authentication. */
export function authHeaders(style, secret, body, now = Date.now()) {
  switch (style) {
  case 'secret':
    return { 'X-Vapi-Secret': secret };
  case 'bearer':
    return { Authorization: `Bearer ${secret}` };
  case 'hmac-ms':
    return { 'x-timestamp': String(now),
      'x-signature': hmac(secret, `${now}.${body}`) };
  case 'hmac-s': {
    const s = Math.floor(now / 1000);
    return { 'x-timestamp': String(s),
      'x-signature': `sha256=${hmac(secret, `${s}.${body}`)}` };
  }
  case 'signature':
    return { 'x-vapi-signature': `sha256=${hmac(secret, body)}` };
  case 'none':
    return {};
  default:
    throw new Error(`unknown style of authentication: ${style}`);
  }
}

/* What Vapi does with the answer to tool calls: strict, or it is ignored. */
function readResults(ids, answer) {
  if (answer.status !== 200)
    throw new Error(`a tool call was answered with HTTP ${answer.status}: `
      + answer.text);
  const { results } = JSON.parse(answer.text);
  if (!Array.isArray(results) || results.length !== ids.length)
    throw new Error(`want ${ids.length} results: ${answer.text}`);
  return results.map((r, i) => {
    const said = r.result ?? r.error;

    if (r.toolCallId !== ids[i])
      throw new Error(`result ${i} is not for ${ids[i]}: ${answer.text}`);
    if (typeof said !== 'string' || /[\r\n]/.test(said) || said === '')
      throw new Error(`result ${i} is not one line of text: ${answer.text}`);
    if ((r.result === undefined) === (r.error === undefined))
      throw new Error(`result ${i} needs result or error: ${answer.text}`);
    return r;
  });
}

class Session {
  constructor(fake, phone, assistant, more) {
    const from = more.headers?.['X-Caller'] ?? more.from;

    this.fake = fake;
    this.phone = phone;
    this.assistant = assistant;
    this.sipHeaders = more.headers ?? {};
    this.exchanges = [];
    this.call = { id: randomUUID(), orgId: assistant.orgId,
      type: 'inboundPhoneCall', status: 'queued', phoneCallProvider: 'vapi',
      phoneCallTransport: 'sip', assistantId: assistant.id,
      phoneNumberId: phone?.id,
      customer: more.sipOnly ? { sipUri: `sip:${from}@sip.example.com` } :
        { number: from, sipUri: `sip:${from}@sip.example.com` },
      createdAt: new Date().toISOString(),
      updatedAt: new Date().toISOString(),
      monitor: { controlUrl: `${fake.url}/call-control/` } };
    this.call.monitor.controlUrl += this.call.id;
    fake.calls.set(this.call.id, this.call);
  }

  /* The common members of every message. */
  envelope(type, more) {
    const { assistant, phone, call } = this;
    const open = { ...assistant, server: undefined };

    return { message: { type, timestamp: Date.now(), call,
      customer: call.customer, assistant: open,
      phoneNumber: phone && { id: phone.id, sipUri: phone.sipUri,
        assistantId: phone.assistantId, provider: phone.provider },
      artifact: { messages: [], messagesOpenAIFormatted: [] }, ...more } };
  }

  /** Send any JSON to a server as Vapi would. opt: style, secret, headers. */
  async post(server, payload, opt = {}) {
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ?
      payload : JSON.stringify(payload);
    const auth = opt.style ?
      authHeaders(opt.style, opt.secret, body) : server.headers;
    const answer = await send(this.fake.reach(server.url), {
      method: 'POST', body, caFile: this.fake.serverCa,
      timeoutMs: (server.timeoutSeconds ?? 20) * 1000,
      headers: { 'Content-Type': 'application/json', ...auth,
        ...opt.headers } });
    this.exchanges.push({ url: server.url, body, answer });
    this.fake.onHit?.('POST', new URL(server.url).pathname, answer.status);
    return answer;
  }

  /* tool.server wins over assistant.server over phoneNumber.server. */
  serverOf(name) {
    const tool = this.assistant.model?.tools?.find((t) =>
      t.function?.name === name);
    return tool?.server ?? this.assistant.server ?? this.phone?.server;
  }

  /** Tool calls, raw answer. opt: shape, lists, webhook, call, style, secret. */
  toolsRaw(calls, opt = {}) {
    const server = opt.webhook ? this.assistant.server :
      this.serverOf(calls[0].name);
    const body = this.envelope('tool-calls',
      { ...toolMembers(calls, opt.shape, opt.lists), ...opt.message });

    if (!server)
      throw new Error(`no server answers for the tool ${calls[0].name}`);
    if (opt.call)
      body.message.call = opt.call;
    return this.post(server, body, opt);
  }

  async tools(calls, opt) {
    return readResults(calls.map((c) => c.id),
      await this.toolsRaw(calls, opt));
  }

  /** One tool call; answers {result} or {error}. */
  async tool(name, args, opt = {}) {
    const id = opt.id ?? `call_${randomUUID().slice(0, 8)}`;
    return (await this.tools([{ id, name, args }], opt))[0];
  }

  async event(type, more, opt) {
    const answer = await this.post(this.assistant.server,
      this.envelope(type, more), opt);
    if (answer.status !== 200)
      throw new Error(`${type} was answered with HTTP ${answer.status}: `
        + answer.text);
    return answer;
  }

  status(status, more = {}) {
    if (this.call.status !== 'ended')
      this.call.status = status;
    return this.event('status-update', { status, ...more });
  }

  /** Hang up: status-update, then the report that follows some time later. */
  async end(more = {}) {
    const endedReason = more.endedReason ?? 'customer-ended-call';

    await this.status('ended', { endedReason });
    return this.report({ endedReason, ...more });
  }

  report(more = {}) {
    const transcript = 'AI: Hello.\nUser: I need a cleaning.\n';
    const now = Date.now();

    return this.event('end-of-call-report', {
      endedReason: 'customer-ended-call', cost: 0.0912,
      startedAt: this.call.createdAt, endedAt: new Date(now).toISOString(),
      durationSeconds: (now - Date.parse(this.call.createdAt)) / 1000,
      costs: [{ type: 'model', cost: 0.004, promptTokens: 1200,
        completionTokens: 140 }],
      artifact: { transcript, recordingUrl: 'https://example.com/x.wav',
        messages: [{ role: 'bot', message: 'Hello.', time: now,
          endTime: now, secondsFromStart: 1.5 }] },
      analysis: { summary: 'Booked a cleaning.', structuredData: {
        booked: true }, successEvaluation: 'true' }, ...more });
  }
}

/**
 * A SIP INVITE for sip:user@host?X-Name=value. more: {headers, from}.
 * Answers the session of the assistant behind it, or throws (SIP 404).
 */
export function answerSip(fake, uri, more = {}) {
  const [address, query = ''] = uri.split('?');
  const headers = Object.fromEntries(new URLSearchParams(
    query.replace(/\+/g, '%2B')));
  const phone = [...fake.phones.values()].find((p) => p.sipUri === address);
  const assistant = fake.assistants.get(phone?.assistantId);

  if (!phone)
    throw new Error(`SIP 404: nobody answers at ${address}`);
  if (!assistant)
    throw new Error(`SIP 480: no assistant is assigned to ${address}`);
  for (const name of Object.keys(headers))
    if (!/^X-/i.test(name))
      throw new Error(`SIP header ${name} is not an X- header`);
  return new Session(fake, phone, assistant, { ...more, headers });
}

/** A session without a SIP line, for payloads of one's own. */
export function callAssistant(fake, assistant, more = {}) {
  return new Session(fake, null, assistant, more);
}
