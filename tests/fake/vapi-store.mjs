// vapi-store.mjs - what the Vapi stand-in keeps: assistants, phone numbers and
// calls, each seen by the organisation that it belongs to.
import { randomUUID } from 'node:crypto';
import { Refusal } from './vapi-fault.mjs';
import { readForm } from './multipart.mjs';
import { assistantBody, control, fileBody, mistakes, phoneBody, phonePatch }
  from './vapi-schema.mjs';

function parse(req, raw, rule) {
  let body;

  if (!/^application\/json/.test(req.headers['content-type'] ?? ''))
    throw new Refusal(400, ['Content-Type must be application/json']);
  try {
    body = JSON.parse(raw.toString('utf8'));
  } catch (e) {
    throw new Refusal(400, e.message);
  }
  const wrong = mistakes(rule, body);
  if (wrong.length > 0)
    throw new Refusal(400, wrong);
  return body;
}

function stamp(row) {
  row.updatedAt = new Date().toISOString();
  return row;
}

function made(org, body) {
  const now = new Date().toISOString();
  return { id: randomUUID(), orgId: org, ...body, createdAt: now,
    updatedAt: now };
}

function mine(map, id, org, noun) {
  const row = map.get(id);
  if (!row || row.orgId !== org)
    throw new Refusal(404, `${noun} Not Found. id=${id}`);
  return row;
}

const compare = { Gt: (a, b) => a > b, Lt: (a, b) => a < b,
  Ge: (a, b) => a >= b, Le: (a, b) => a <= b };

function listOf(map, org, query) {
  const limit = Number(query.get('limit') ?? 100);
  let rows = [...map.values()].filter((row) => row.orgId === org).reverse();

  if (!Number.isInteger(limit) || limit < 0 || limit > 1000)
    throw new Refusal(400, ['limit must not be greater than 1000']);
  for (const [k, value] of query) {
    const m = /^(createdAt|updatedAt)(Gt|Lt|Ge|Le)$/.exec(k);
    const at = Date.parse(value);

    if (k === 'limit')
      continue;
    if (!m)
      throw new Refusal(400, [`property ${k} should not exist`]);
    if (Number.isNaN(at))
      throw new Refusal(400, [`${k} must be a valid ISO 8601 date string`]);
    rows = rows.filter((row) => compare[m[2]](Date.parse(row[m[1]]), at));
  }
  return rows.slice(0, limit);
}

/* Files that a tool searches must be there. */
function filesCheck(fake, q, body) {
  for (const tool of body.model?.tools ?? [])
    for (const base of tool.knowledgeBases ?? [])
      for (const id of base.fileIds)
        if (fake.files.get(id)?.orgId !== q.org)
          throw new Refusal(400, `Couldn't Find File. id=${id}`);
  return body;
}

function assistants(fake, q) {
  if (q.id === undefined && q.method === 'GET')
    return [200, listOf(fake.assistants, q.org, q.query)];
  if (q.id === undefined && q.method === 'POST') {
    const row = made(q.org, filesCheck(fake, q,
      parse(q.req, q.raw, assistantBody)));
    fake.assistants.set(row.id, row);
    return [201, row];
  }
  const row = mine(fake.assistants, q.id, q.org, 'Assistant');
  if (q.method === 'PATCH') {
    Object.assign(row, filesCheck(fake, q,
      parse(q.req, q.raw, assistantBody)));
    stamp(row);
  }
  if (q.method === 'DELETE') {
    fake.assistants.delete(row.id);
    for (const phone of fake.phones.values())
      if (phone.assistantId === row.id)
        phone.assistantId = null;
  }
  return [200, row];
}

function phoneCheck(fake, q, body, self) {
  const host = body.sipUri?.split('@')[1];

  if (host !== undefined && fake.sipHost && host !== fake.sipHost)
    throw new Refusal(400, [`sipUri must be at ${fake.sipHost}`]);
  for (const row of fake.phones.values()) {
    if (row === self)
      continue;
    if (body.sipUri && row.sipUri === body.sipUri)
      throw new Refusal(400, `SIP URI already in use: ${body.sipUri}`);
    if (body.number && row.number === body.number)
      throw new Refusal(400, `Existing Phone Number: ${body.number}`);
  }
  if (body.assistantId && fake.assistants.get(body.assistantId)?.orgId
    !== q.org)
    throw new Refusal(400,
      `Couldn't Find Assistant. id=${body.assistantId}`);
}

function phones(fake, q) {
  if (q.id === undefined && q.method === 'GET')
    return [200, listOf(fake.phones, q.org, q.query)];
  if (q.id === undefined && q.method === 'POST') {
    const body = parse(q.req, q.raw, phoneBody);
    phoneCheck(fake, q, body);
    const row = { ...made(q.org, body), status: 'active' };
    row.sipUri ??= body.provider === 'vapi' ?
      `sip:${row.id}@${fake.sipHost ?? 'sip.vapi.ai'}` : undefined;
    fake.phones.set(row.id, row);
    return [201, row];
  }
  const row = mine(fake.phones, q.id, q.org, 'Phone Number');
  if (q.method === 'PATCH') {
    const body = parse(q.req, q.raw, phonePatch(row.provider));
    phoneCheck(fake, q, body, row);
    Object.assign(row, body);
    stamp(row);
  }
  if (q.method === 'DELETE')
    fake.phones.delete(row.id);
  return [200, row];
}

/* One form-data part called file; purpose and metadata may stand beside it. */
function fileOf(q) {
  const parts = readForm(q.req.headers['content-type'], q.raw);
  const file = parts?.find((p) => p.name === 'file');

  if (!parts)
    throw new Refusal(400, 'Multipart: Boundary not found');
  for (const p of parts)
    if (!['file', 'purpose', 'metadata'].includes(p.name))
      throw new Refusal(400, [`property ${p.name} should not exist`]);
  if (!file?.filename || file.data.length === 0)
    throw new Refusal(400, ['file should not be empty']);
  if (!/\.(txt|md|markdown|csv|tsv|json|xml|ya?ml|log|pdf|docx?)$/i
    .test(file.filename))
    throw new Refusal(400, `Unsupported file type: ${file.filename}`);
  return { object: 'file', status: 'done', name: file.filename,
    originalName: file.filename, bytes: file.data.length,
    mimetype: file.type, content: file.data.toString('base64') };
}

function files(fake, q) {
  if (q.id === undefined && q.method === 'GET') {
    for (const k of q.query.keys())
      if (k !== 'purpose')
        throw new Refusal(400, [`property ${k} should not exist`]);
    return [200, [...fake.files.values()].filter((f) => f.orgId === q.org)];
  }
  if (q.id === undefined && q.method === 'POST') {
    const row = made(q.org, fileOf(q));
    fake.files.set(row.id, row);
    return [201, row];
  }
  const row = mine(fake.files, q.id, q.org, 'File');
  if (q.method === 'PATCH')
    stamp(Object.assign(row, parse(q.req, q.raw, fileBody)));
  if (q.method === 'DELETE')
    fake.files.delete(row.id);
  return [200, row];
}

function calls(fake, q) {
  if (q.id === undefined && q.method === 'GET')
    return [200, listOf(fake.calls, q.org, q.query)];
  if (q.id !== undefined && q.method === 'GET')
    return [200, mine(fake.calls, q.id, q.org, 'Call')];
  throw new Refusal(404, `Cannot ${q.method} ${q.path}`);
}

export function callControl(fake, q) {
  const call = fake.calls.get(q.id);

  if (!call || q.method !== 'POST' || call.status === 'ended')
    throw new Refusal(404, 'Call Not Found Or Ended');
  const body = parse(q.req, q.raw, control);
  fake.controls.push({ callId: q.id, ...body });
  return [200, {}];
}

export const nouns = { assistant: assistants, 'phone-number': phones,
  call: calls, file: files };
export const verbs = { bare: ['GET', 'POST'], one: ['GET', 'PATCH', 'DELETE'] };
