// desk.mjs - a business that is asked through `frontdesk once`, at times that
// the test sets: staff by token, the voice agent by its webhook secret.
import assert from 'node:assert/strict';
import { makeData, once } from './once.mjs';

let count = 0;

/** Instant of "2026-03-04T09:00Z" and the like, in milliseconds. */
export const ms = (text) => Date.parse(text);

class Desk {
  constructor(data, now) {
    this.data = data;
    this.now = now;
    count += 1;
    this.number = `+1415555${String(7000 + count)}`;
    this.secret = `whsec-desk-${count}-0123456789`;
  }

  /** One request of staff; opt as for once(). */
  ask(method, path, json, opt = {}) {
    return once({ ...this.data.env, FRONTDESK_CLOCK: String(this.now) },
      method, path, { token: this.token, json, ...opt });
  }

  /** It must end with that status; answers the body. */
  want(status, method, path, json, opt) {
    const reply = this.ask(method, path, json, opt);

    assert.equal(reply.status, status,
      `${method} ${path}: ${reply.status} ${reply.text}${reply.err}`);
    return reply.body;
  }

  /** The fields that are refused, with the sentence of the first. */
  refused(method, path, json, status = 400) {
    const { fields } = this.want(status, method, path, json);
    return fields.map((f) => f.field).sort();
  }

  /** A message of Vapi's about a call. */
  vapi(path, message, { call = 'call-1', from = '+14155550111' } = {}) {
    const body = { message: { call: { id: call,
      ...(from && { customer: { number: from } }) },
    phoneNumber: { number: this.number }, ...message } };
    const reply = this.ask('POST', path, body, { token: undefined,
      headers: { 'X-Vapi-Secret': this.secret } });

    assert.equal(reply.status, 200, `${reply.text}${reply.err}`);
    return reply.body;
  }

  /** What a tool says. */
  tool(name, args, opt = {}) {
    count += 1;
    const [got] = this.vapi(`/vapi/tools/${name}`, { type: 'tool-calls',
      toolCallList: [{ id: opt.id ?? `tool-${count}`, type: 'function',
        function: { name, arguments: args } }] }, opt).results;

    assert.equal(got.error, undefined, `${name}: ${got.error}`);
    assert.doesNotMatch(got.result, /[\r\n]/);
    return got.result;
  }

  /** The end of a call. */
  hangUp(call, type = 'status-update') {
    this.vapi('/vapi/webhook', { type, status: 'ended',
      endedReason: 'customer-ended-call' }, { call });
  }

  /** Free starts, as answered; query as an object. */
  free(query) {
    return this.want(200, 'GET',
      `/api/availability?${new URLSearchParams(query)}`);
  }

  book(starts_at, more) {
    return this.want(201, 'POST', '/api/appointments', { starts_at,
      name: 'Test Visitor', ...more });
  }
}

/**
 * A business in a data folder of its own, or in data. more: hours, timezone,
 * locale, slot (minutes), now.
 */
export function openDesk(more = {}) {
  const desk = new Desk(more.data ?? makeData(),
    ms(more.now ?? '2026-03-04T09:00Z'));

  desk.token = desk.want(201, 'POST', '/api/auth/signup', { password:
    'correct horse battery', email: `desk-${count}@example.com`,
  organization_name: 'Example, Ltd; "quoted"' },
  { token: undefined }).access_token;
  desk.want(200, 'PATCH', '/api/user/profile', { timezone: more.timezone
    ?? 'Europe/Paris', locale: more.locale ?? 'en', accept_terms: true });
  desk.want(200, 'PATCH', '/api/user/studio-config', { number: desk.number,
    business_hours: more.hours ?? 'Mon-Fri 9-17',
    slot_minutes: more.slot ?? 30 });
  desk.want(200, 'POST', '/api/vapi-settings', { vapi_api_key:
    'sk-desk-0123456789', vapi_webhook_secret: desk.secret });
  [desk.front] = desk.want(200, 'GET', '/api/resources').data;
  return desk;
}
