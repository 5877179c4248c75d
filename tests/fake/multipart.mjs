// multipart.mjs - reads a body of multipart/form-data as strictly as servers do.

/** Parts [{name, filename, type, data}], or null when it is none. */
export function readForm(type, raw) {
  const mark = /^multipart\/form-data;\s*boundary=("?)([^";]{1,70})\1$/i
    .exec(type ?? '')?.[2];
  if (!mark)
    return null;
  const cut = Buffer.from(`\r\n--${mark}`);
  const text = Buffer.concat([Buffer.from('\r\n'), raw]);
  const out = [];
  let at = text.indexOf(cut);

  while (at >= 0) {
    at += cut.length;
    if (text.subarray(at, at + 2).toString() === '--')
      return out;
    const next = text.indexOf(cut, at);
    const gap = text.indexOf('\r\n\r\n', at);
    if (next < 0 || gap < 0 || gap > next
      || text.subarray(at, at + 2).toString() !== '\r\n')
      return null;
    const head = text.subarray(at, gap).toString('utf8');
    const about = /^content-disposition: form-data; name="([^"]*)"(?:; filename="([^"]*)")?\r?$/im
      .exec(head);
    if (!about)
      return null;
    out.push({ name: about[1], filename: about[2],
      type: /^content-type: (\S+)/im.exec(head)?.[1] ?? '',
      data: text.subarray(gap + 4, next) });
    at = next;
  }
  return null;
}
