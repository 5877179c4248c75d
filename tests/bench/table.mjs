// table.mjs - what was measured, as text of at most 100 columns.

const num = (v, digits = 0) => (v === undefined || Number.isNaN(v) ? '' :
  v.toLocaleString('en-US', { minimumFractionDigits: digits,
    maximumFractionDigits: digits }));

function lines(heads, rows) {
  const all = [heads, ...rows].map((row) => row.map(String));
  const width = heads.map((_, i) => Math.max(...all.map((r) => r[i].length)));

  return all.map((row) => row.map((cell, i) => (i === 0 ?
    cell.padEnd(width[i]) : cell.padStart(width[i]))).join('  ').trimEnd())
    .join('\n');
}

function loads(r) {
  const rows = r.routes.map((t) => (t.skipped ? [t.name, t.skipped, '', '',
    '', '', '', '', ''] : [t.name, num(t.perSecond), num(t.p50Us / 1000, 2),
    num(t.p99Us / 1000, 2), num(t.nginxUs), num(t.poolUs || undefined),
    num(t.ofHello, 2), num(t.ofFastapi, 1), num(t.errors)]));

  return lines(['', 'req/s', 'p50 ms', 'p99 ms', 'nginx us', 'pool us',
    'of hello', 'x FastAPI', 'errors'], rows);
}

/* The same, with PostgreSQL behind it. */
function twins(r) {
  const rows = r.routes.filter((t) => t.postgres).map((t) => {
    const p = t.postgres;
    return p.skipped ? [t.name, p.skipped, '', '', '', ''] : [t.name,
      num(p.perSecond), num(p.p99Us / 1000, 2), num(p.poolUs || undefined),
      num(p.ofSqlite, 2), num(p.errors)];
  });

  return lines(['with PostgreSQL', 'req/s', 'p99 ms', 'pool us', 'of SQLite',
    'errors'], rows);
}

/* What went wrong, if anything did. */
function errors(r) {
  const all = [...r.routes, ...r.routes.filter((t) => t.postgres)
    .map((t) => ({ ...t.postgres, name: `${t.name}, PostgreSQL` }))];

  return all.flatMap((t) => [...(t.lost ? [`${t.name}: ${t.lost} bookings `
    + 'were confirmed and are not there'] : []),
  ...(t.rounds ?? []).filter((x) => x.errors).map((x) =>
    `${t.name}: ${x.why}`)]);
}

/** The part that needs no load. */
export function counts(r) {
  const list = Object.entries(r.instructions);
  const out = [lines(['', 'instructions a request'],
    list.map(([name, c]) => [name, num(c.instructions)]))];

  for (const [name, c] of list.filter(([, v]) => v.top))
    out.push(`Most of ${name}:\n${lines(['', 'its own'], c.top.map((f) =>
      [`  ${f.name}`, num(f.instructions)]))}`);
  return out.join('\n\n');
}

/** The report on paper. */
export function table(r) {
  const mb = (m) => `${num(m.bytes / (1 << 20), 1)} MB`;
  const { memory } = r;

  return [`frontdesk bench: ${r.cpus} CPUs, ${r.connections} connections, `
    + `${r.rounds} rounds of ${r.seconds} s, ${r.workers} workers a pool`,
  loads(r), twins(r), ...errors(r),
  'Medians of the rounds. CPU time is that of all nginx processes and of the '
    + 'pool behind, for\none request. "of hello" and "x FastAPI" compare '
    + 'requests/s,\nround by round.',
  [`Private memory after load   web ${mb(memory.web)}, `
    + `hook ${mb(memory.hook)}, hello ${mb(memory.hello)} (master and `
    + `${r.workers} workers)`,
  `Worker ready                ${num(r.readyMs, 1)} ms from its start to its `
    + `first answer (median of ${r.readyTimes})`,
  `scripts/up                  ${num(r.upMs)} ms, with keys and tables made`,
  `Program                     ${num(r.programBytes)} bytes, `
    + `${num(r.strippedBytes)} without symbols`].join('\n'),
  counts(r)].join('\n\n');
}
