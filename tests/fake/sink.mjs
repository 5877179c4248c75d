// sink.mjs - a stand-in for PostHog's and Mixpanel's doors for events, as
// strict as their documents: what they would drop or refuse is a mistake.
import http from 'node:http';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function posthog(fake, q) {
  const body = JSON.parse(q.raw);

  if (!/^application\/json/.test(q.headers['content-type']))
    return [400, { detail: 'Content-Type must be application/json' }];
  if (body.api_key !== fake.posthogKey)
    return [401, { type: 'authentication_error', code: 'invalid_api_key' }];
  if (!Array.isArray(body.batch) || body.batch.length === 0
    || Object.keys(body).some((k) => !['api_key', 'batch', 'sent_at',
      'historical_migration'].includes(k)))
    return [400, { code: 'invalid_payload' }];
  for (const e of body.batch) {
    if (typeof e.event !== 'string' || !uuid.test(e.uuid)
      || !iso.test(e.timestamp) || !e.properties?.distinct_id
      || Object.keys(e).some((k) => !['event', 'uuid', 'timestamp',
        'properties'].includes(k)))
      return [400, { code: 'invalid_payload', event: e }];
    fake.posthog.set(e.uuid, e);
  }
  return [200, { status: 'Ok' }];
}

function mixpanel(fake, q) {
  const data = new URLSearchParams(q.raw).get('data');
  const no = (error) => [200, { status: 0, error }];
  const events = JSON.parse(Buffer.from(data ?? '', 'base64').toString());

  if (q.headers['content-type'] !== 'application/x-www-form-urlencoded')
    return no('the body is no form');
  if (!Array.isArray(events) || events.length > 50)
    return no('a batch holds 1 to 50 events');
  for (const { event, properties: p } of events) {
    if (p?.token !== fake.mixpanelToken)
      return no('token, missing or empty');
    if (typeof event !== 'string' || !p.distinct_id || !p.$insert_id
      || !/^[A-Za-z0-9-]{1,36}$/.test(p.$insert_id)
      || !Number.isInteger(p.time)
      || p.time < Date.now() / 1000 - 5 * 86400)
      return no('an event is not valid');
    fake.mixpanel.set(p.$insert_id, { event, properties: p });
  }
  return [200, { status: 1, error: null }];
}

/** fake.next: statuses that the coming requests get instead of the work. */
export async function startSink(opt = {}) {
  const fake = { posthogKey: opt.posthogKey ?? 'phc_test',
    mixpanelToken: opt.mixpanelToken ?? 'mp-test', posthog: new Map(),
    mixpanel: new Map(), next: [], log: [] };
  const server = http.createServer(async (req, res) => {
    const parts = [];
    for await (const part of req)
      parts.push(part);
    const q = { headers: req.headers, raw: Buffer.concat(parts).toString() };
    const path = req.url.split('?')[0];
    const door = { '/batch/': posthog, '/track': mixpanel }[path];
    const forced = fake.next.shift();
    let answer = [404, { error: 'not found' }];
    if (forced)
      answer = [forced, { error: 'on request' }];
    else if (door && req.method === 'POST')
      answer = door(fake, q);
    fake.log.push({ path: req.url, status: answer[0], answer: answer[1] });
    res.writeHead(answer[0], { 'Content-Type': 'application/json' });
    res.end(JSON.stringify(answer[1]));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  fake.url = `http://127.0.0.1:${server.address().port}`;
  fake.stop = () => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
  return fake;
}
