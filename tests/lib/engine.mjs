// engine.mjs - what tests/engine runs: a PostgreSQL server around a command.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { startPgbouncer } from './pgbouncer.mjs';
import { startPostgres } from './postgres.mjs';

const mode = process.argv[2] === '--pgbouncer' ?
  process.argv.splice(2, 2)[1] : null;
const [command, ...args] = process.argv.slice(2);
const { FRONTDESK_TEST_ENGINE = 'postgres', FRONTDESK_TEST_POSTGRES } =
  process.env;
let child;

/* The command first; the server is stopped when it has ended. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => (child ? child.kill(signal) : process.exit(1)));

const cluster = FRONTDESK_TEST_POSTGRES ? null : await startPostgres();
const bouncer = mode && cluster ? await startPgbouncer(cluster, mode) : null;

async function drop() {
  await bouncer?.stop();
  await cluster?.drop();
}

child = spawn(command, args, { stdio: 'inherit', env: { ...process.env,
  FRONTDESK_TEST_ENGINE,
  ...(bouncer ? { FRONTDESK_TEST_PGBOUNCER: `${bouncer.port} ${mode}` } : {}),
  FRONTDESK_TEST_POSTGRES: cluster?.url ?? FRONTDESK_TEST_POSTGRES } });
child.on('error', async (e) => {
  process.stderr.write(`${command}: ${e.message}\n`);
  await drop();
  process.exitCode = 127;
});
child.on('exit', async (code, signal) => {
  await drop();
  process.exitCode = code ?? 128 + constants.signals[signal];
});
