// kill.mjs - kill -9 under load: workers, masters and the runner die again and
// again, and so do the connections to PostgreSQL and its server; afterwards
// every booking that was acknowledged is there, once.
//
// usage: kill [--rounds N] [--seed N]
// Prints TAP and one line of figures.
import { join } from 'node:path';
import { makeData } from '../lib/once.mjs';
import { onPostgres, startPostgres } from '../lib/postgres.mjs';
import { sleep } from '../fake/net.mjs';
import { compare, rows } from './ledger.mjs';
import { business, Load } from './load.mjs';
import { Pools } from './pools.mjs';

const clients = 6;
const checkEvery = 25;
const roles = ['auth', 'web', 'hook', 'runner'];

function option(name, usual) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
}

const rounds = option('rounds', 15);
let seed = option('seed', Date.now() % 1000000);

/* The same rounds for the same seed, as far as processes keep time. */
function random(n) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return Math.floor(seed / 4294967296 * n);
}

const pick = (list) => list[random(list.length)];

const kinds = ['worker', 'worker', 'worker', 'worker', 'runner', 'runner',
  'master', 'master', 'all',
  ...(onPostgres ? ['server', 'connections', 'connections'] : [])];
const deaths = Object.fromEntries(kinds.map((k) => [k, 0]));
/* A server of one's own: it dies as well, and has to keep what it has. */
const server = onPostgres ? await startPostgres({ safe: true }) : null;

function killPid(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (e) {
    if (e.code !== 'ESRCH')
      throw e;
  }
}

async function killMaster(pools, role) {
  const child = pools.running.get(role);

  child.kill('SIGKILL');
  await child.gone;
  pools.start(role);
}

/* As if the machine had lost its processes. */
async function killAll(pools) {
  const children = roles.flatMap((r) => pools.children(r));
  const masters = [...pools.running.values()];

  for (const pid of children)
    killPid(pid);
  for (const child of masters)
    child.kill('SIGKILL');
  await Promise.all(masters.map((c) => c.gone));
  for (const role of roles)
    pools.start(role);
}

async function strike(pools) {
  const what = pick(kinds);
  const role = what === 'runner' ? 'runner' : pick(['web', 'hook']);

  deaths[what] += 1;
  if (what === 'all')
    return killAll(pools);
  if (what === 'server')
    return server.restart('immediate');
  if (what === 'connections')
    return server.kill(pools.database);
  if (what === 'master' || (what === 'runner' && random(2)))
    return killMaster(pools, what === 'runner' ? 'runner' : role);
  for (const pid of pools.children(role))
    if (random(3) > 0)
      killPid(pid);
}

/* Whatever was killed, bookings go on. */
async function goesOn(load) {
  const had = load.booked.size;

  for (let i = 0; i < 400; i++) {
    if (load.booked.size >= had + 2 || load.wrong.length > 0)
      return;
    await sleep(25);
  }
  load.wrong.push('nothing was booked for ten seconds');
}

async function main() {
  const data = makeData({ FRONTDESK_VAPI_URL: 'http://127.0.0.1:9',
    FRONTDESK_LOG_LEVEL: 'warn' }, server?.createDatabase());
  const pools = new Pools(data);
  const begun = Date.now();

  for (const role of roles)
    pools.start(role);
  const load = new Load(pools, await business(pools));
  load.start(clients);
  let wrong = [];
  for (let i = 1; i <= rounds && wrong.length === 0; i++) {
    await sleep(30 + random(120));
    await strike(pools);
    await goesOn(load);
    if (i % checkEvery === 0)
      wrong = compare(data.env, { ...load, booked: new Map(load.booked),
        tried: load.tried });
    wrong.push(...load.wrong);
  }
  await load.stop();
  wrong.push(...load.wrong.filter((w) => !wrong.includes(w)));
  await killAll(pools);
  await pools.stopAll();
  wrong.push(...compare(data.env, load));
  const [[name]] = rows(data.env, 'SELECT full_name FROM profile');
  if (name !== `Owner ${load.profile}`)
    wrong.push(`the profile is ${name}, not Owner ${load.profile}`);
  report(load, wrong, Date.now() - begun, data);
  await server?.stop();
}

function report(load, wrong, ms, data) {
  process.stdout.write(`# ${rounds} rounds of kill -9 in `
    + `${(ms / 1000).toFixed(1)} s (${Object.entries(deaths)
      .map(([what, n]) => `${what} ${n}`).join(', ')}): ${load.booked.size} bookings acknowledged, `
    + `${load.repeats} requests asked again, ${load.profile} profiles, `
    + `${wrong.length} mistakes\n`);
  for (const line of wrong)
    process.stdout.write(`# ${line}\n`);
  process.stdout.write(`${wrong.length ? 'not ' : ''}ok 1 - every `
    + 'acknowledged booking exists exactly once\n1..1\n');
  if (wrong.length === 0)
    data.drop();
  else
    process.stdout.write(`# left for a look: ${join(data.dir)}\n`);
  process.exitCode = wrong.length ? 1 : 0;
}

await main();
