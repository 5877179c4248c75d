// lan.mjs - hosts as network namespaces on one bridge. This process lives in
// a namespace of its own (tests/hosts/run), which has the bridge.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { until } from '../fake/net.mjs';

function ip(...args) {
  const r = spawnSync('ip', args, { encoding: 'utf8' });

  if (r.status !== 0)
    throw new Error(`ip ${args.join(' ')}: ${r.error ?? ''}${r.stderr}`);
}

const networkOf = (pid) => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
};

class Host {
  /** A process that does nothing keeps the namespace. */
  constructor(name, address) {
    this.name = name;
    this.address = address;
    this.keeper = spawn('unshare', ['-n', 'setpriv', '--pdeathsig', 'KILL',
      'sleep', 'infinity'], { stdio: 'ignore' });
  }

  async join(bridge, n) {
    this.port = `port${n}`;
    const own = networkOf(process.pid);

    await until(`the network of ${this.name}`, () => {
      this.network = networkOf(this.keeper.pid);
      return this.network && this.network !== own;
    }, 5000, 5);
    ip('link', 'add', this.port, 'type', 'veth', 'peer', 'name', 'eth0',
      'netns', String(this.keeper.pid));
    ip('link', 'set', this.port, 'master', bridge, 'up');
    this.run('ip', 'address', 'add', `${this.address}/24`, 'dev', 'eth0');
    this.run('ip', 'link', 'set', 'lo', 'up');
    this.run('ip', 'link', 'set', 'eth0', 'up');
  }

  /** The words that run a command on this host. */
  get inside() {
    return ['nsenter', '-t', String(this.keeper.pid), '-n'];
  }

  /** Run a command here to its end; it must succeed. Answers what it says. */
  run(command, ...args) {
    return this.runWith({}, command, ...args);
  }

  runWith(opt, command, ...args) {
    const [first, ...rest] = [...this.inside, command, ...args];
    const r = spawnSync(first, rest, { encoding: 'utf8', timeout: 60000,
      stdio: ['ignore', 'pipe', 'pipe'], ...opt });

    if (r.status !== 0)
      throw new Error(`${this.name}: ${command} ${args.join(' ')}: `
        + `${r.error ?? ''}${r.stdout}${r.stderr}`);
    return r.stdout;
  }

  /** Pull its cable, or put it back. */
  cut(off) {
    ip('link', 'set', this.port, off ? 'down' : 'up');
  }

  /** Processes of this host. */
  pids() {
    return readdirSync('/proc').filter((p) => /^\d+$/.test(p)).map(Number)
      .filter((p) => p !== this.keeper.pid && networkOf(p) === this.network);
  }

  /** As if its power had failed; the disk stays. Answers how many died. */
  kill() {
    let count = 0;

    for (let left = this.pids(); left.length > 0; left = this.pids())
      for (const pid of left)
        try {
          process.kill(pid, 'SIGKILL');
          count += 1;
        } catch { /* it has ended */ }
    return count;
  }
}

/** Hosts by name and address, on a bridge where this process is .1. */
export async function makeLan(addresses) {
  const hosts = {};
  let n = 0;

  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'br0', 'type', 'bridge');
  ip('address', 'add', '10.77.0.1/24', 'dev', 'br0');
  ip('link', 'set', 'br0', 'up');
  process.on('exit', () => {
    for (const host of Object.values(hosts)) {
      host.kill();
      host.keeper.kill('SIGKILL');
    }
  });
  for (const [name, address] of Object.entries(addresses)) {
    hosts[name] = new Host(name, address);
    await hosts[name].join('br0', ++n);
  }
  return hosts;
}
