// load.mjs - clients that book and change a profile, and write down what they
// were told.
import { randomUUID } from 'node:crypto';
import { sleep } from '../fake/net.mjs';

const slotMinutes = 5;
const perDay = 24 * 60 / slotMinutes;
export const number = '+14155550100';
export const secret = 'whsec-crash-0123456789';

/* The n-th free time from the day after tomorrow on: every one is open. */
export function slotOf(n) {
  const day = new Date(Date.UTC(2000, 0, 1));
  const now = new Date();

  day.setUTCFullYear(now.getUTCFullYear(), now.getUTCMonth(),
    now.getUTCDate() + 2 + Math.floor(n / perDay));
  const at = new Date(day.getTime() + n % perDay * slotMinutes * 60000);
  const iso = at.toISOString();
  return { ms: at.getTime(), date: iso.slice(0, 10), time: iso.slice(11, 16),
    iso };
}

/** An account whose book is open day and night; answers a token. */
export async function business(pools) {
  const token = await pools.signUp('owner@example.com');
  const set = (method, path, json) =>
    pools.want(200, 'web', method, path, { token, json });

  await set('PATCH', '/api/user/profile', { timezone: 'Etc/UTC',
    locale: 'en', accept_terms: true });
  await set('PATCH', '/api/user/studio-config', { number,
    business_hours: '24/7', slot_minutes: 5 });
  await set('POST', '/api/vapi-settings', {
    vapi_api_key: 'sk-crash-0123456789', vapi_webhook_secret: secret });
  return token;
}

export class Load {
  constructor(pools, token) {
    this.pools = pools;
    this.token = token;
    this.next = 0;
    this.stopped = false;
    this.booked = new Map(); // name of an acknowledged booking -> its start
    this.tried = new Set(); // every name that was ever sent
    this.repeats = 0;
    this.refused = 0;
    this.profile = 0;
    this.wrong = [];
  }

  /** Until somebody answers: null, 5xx and "trouble" are asked again. */
  async ask(pool, method, path, opt, good) {
    for (;;) {
      const reply = await this.pools.call(pool, method, path, opt);
      const said = reply && good(reply);
      if (said)
        return said;
      if (reply && reply.status < 500 && reply.status !== 200)
        throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
      this.repeats += 1;
      await sleep(20);
    }
  }

  /* A tool call is asked again under the same id, as Vapi would. */
  async bookByCall(slot, name) {
    const id = randomUUID();
    const args = { date: slot.date, time: slot.time, name,
      phone: '+14155550111' };
    const json = { message: { type: 'tool-calls',
      call: { id: randomUUID() }, phoneNumber: { number },
      toolCallList: [{ id, type: 'function',
        function: { name: 'book-appointment', arguments: args } }] } };

    this.tried.add(name);
    const said = await this.ask('hook', 'POST',
      '/vapi/tools/book-appointment', { json,
        headers: { HTTP_X_VAPI_SECRET: secret } },
      (r) => r.status === 200 && r.body.results[0].result);
    const good = said.includes(name);
    if (good)
      this.booked.set(name, slot.ms);
    else
      this.refused += 1;
    return good;
  }

  /* A plain request has no id: without an answer it stays unknown. */
  async bookByStaff(slot, name) {
    this.tried.add(name);
    const reply = await this.pools.call('web', 'POST', '/api/appointments',
      { token: this.token, json: { starts_at: slot.iso, name,
        phone: '+14155550112' } });
    if (reply?.status === 201)
      this.booked.set(name, slot.ms);
    else if (reply && reply.status < 500)
      this.wrong.push(`POST /appointments: ${reply.status} ${reply.text}`);
  }

  /** One client: mostly calls, now and then staff, now and then a race. */
  async client() {
    while (!this.stopped) {
      const n = this.next++;
      const slot = slotOf(n);

      if (n % 5 === 1)
        await this.bookByStaff(slot, `Staff ${n}`);
      else if (n % 5 === 2)
        await this.race(slot, n);
      else if (!await this.bookByCall(slot, `Caller ${n}.`))
        this.wrong.push(`Caller ${n} was refused a free time`);
    }
  }

  /* Two callers want the same time; one gets it. */
  async race(slot, n) {
    const got = await Promise.all(['a', 'b'].map((who) =>
      this.bookByCall(slot, `Racer ${n}${who}.`)));

    if (got.filter(Boolean).length !== 1)
      this.wrong.push(`race ${n} was won ${got.filter(Boolean).length} times`);
  }

  async owner() {
    while (!this.stopped) {
      const full_name = `Owner ${this.profile + 1}`;
      const locale = this.profile % 2 ? 'en-US' : 'en-GB';

      await this.ask('web', 'PATCH', '/api/user/profile',
        { token: this.token, json: { full_name, locale } },
        (r) => r.status === 200 && r.body.full_name === full_name);
      this.profile += 1;
    }
  }

  start(clients) {
    this.all = Promise.all([this.owner(),
      ...Array.from({ length: clients }, () => this.client())]);
    this.all.catch((e) => this.wrong.push(e.message));
  }

  async stop() {
    this.stopped = true;
    await this.all;
  }
}
