// form.mjs - bodies of multipart/form-data, as a browser writes them.
import { randomBytes } from 'node:crypto';

/**
 * parts: [{name, filename, type, data}]. Answers {body, type}; opt: boundary,
 * end (false: without the last boundary).
 */
export function formData(parts, opt = {}) {
  const mark = opt.boundary ?? `----form${randomBytes(8).toString('hex')}`;
  const out = [];

  for (const p of parts) {
    const file = p.filename === undefined ? '' :
      `; filename="${p.filename.replace(/"/g, '%22')}"`;
    out.push(`--${mark}\r\nContent-Disposition: form-data; `
      + `name="${p.name ?? 'file'}"${file}\r\n`
      + (p.type ? `Content-Type: ${p.type}\r\n` : '') + '\r\n',
    p.data, '\r\n');
  }
  if (opt.end !== false)
    out.push(`--${mark}--\r\n`);
  return { body: Buffer.concat(out.map((x) => Buffer.from(x))),
    type: `multipart/form-data; boundary=${mark}` };
}

function crc32(data) {
  let crc = ~0;

  for (const byte of data) {
    crc ^= byte;
    for (let i = 0; i < 8; i++)
      crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/**
 * A ZIP file of [{name, data, size}], stored; size: what it claims to unpack
 * to. opt.overlap: all members have the first one's place.
 */
export function zipFile(members, opt = {}) {
  const files = [];
  const entries = [];
  let at = 0;

  for (const m of members) {
    const name = Buffer.from(m.name);
    const data = Buffer.from(m.data ?? '');
    const head = Buffer.alloc(30);
    const entry = Buffer.alloc(46);
    const size = m.size ?? data.length;
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt32LE(crc32(data), 14);
    head.writeUInt32LE(data.length, 18);
    head.writeUInt32LE(size, 22);
    head.writeUInt16LE(name.length, 26);
    entry.writeUInt32LE(0x02014b50, 0);
    head.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(opt.overlap ? 0 : at, 42);
    entries.push(Buffer.concat([entry, name]));
    if (opt.overlap && at > 0)
      continue;
    files.push(head, name, data);
    at += 30 + name.length + data.length;
  }
  const list = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, list, end]);
}

/** The smallest thing that passes for a Word document. */
export const docx = (more = []) => zipFile([
  { name: '[Content_Types].xml', data: '<Types/>' },
  { name: 'word/document.xml', data: '<w:document/>' }, ...more]);
