// strikes.mjs - what can go wrong with several hosts, done to a world.
import { sleep } from '../fake/net.mjs';

const patienceMs = 20000;

export class Strikes {
  constructor(world, load, seed) {
    this.world = world;
    this.load = load;
    this.seed = seed;
    this.counts = {};
  }

  random(n) {
    this.seed = (Math.imul(this.seed, 1103515245) + 12345) >>> 0;
    return Math.floor(this.seed / 4294967296 * n);
  }

  pick(list) {
    return list[this.random(list.length)];
  }

  /** Wait for so many further bookings. */
  async goesOn(count = 10) {
    const want = this.load.booked.size + count;
    const end = Date.now() + patienceMs;

    while (this.load.booked.size < want && this.load.wrong.length === 0) {
      if (Date.now() > end)
        throw new Error(`${count - want + this.load.booked.size} bookings of `
          + `${count} in ${patienceMs} ms`);
      await sleep(20);
    }
  }

  /** The standby is cut off for a while; then the primary dies, with what it
   * still had to send. Whatever was acknowledged counts nevertheless. */
  async failOver() {
    const { one, two } = this.world.hosts;

    two.cut(true);
    await sleep(this.world.timeoutMs * 2);
    one.cut(true);
    one.kill();
    two.cut(false);
    await this.world.promote();
  }

  /** An application host dies and comes back. */
  async host() {
    const name = this.pick(['a', 'b']);

    this.world.hosts[name].kill();
    await this.goesOn();
    await this.world.up(name);
  }

  /** A host is cut off for some seconds, and does not know it. */
  async cable() {
    const { hosts } = this.world;
    const host = hosts[this.pick(['a', 'b'])];

    host.cut(true);
    await sleep(500 + this.random(7000));
    host.cut(false);
  }

  async primary() {
    await this.world.primary.restart(this.pick(['immediate', 'fast']));
    await this.world.inStep();
  }

  /** Without its standby the primary acknowledges nothing. */
  async standby() {
    await this.world.standby.restart('immediate');
    await this.world.inStep();
  }

  async connections() {
    this.world.primary.kill(this.world.database.name);
  }

  async any() {
    const name = this.pick(['host', 'cable', 'primary', 'standby',
      'connections', 'connections']);

    this.counts[name] = (this.counts[name] ?? 0) + 1;
    await sleep(this.random(1500));
    await this[name]();
    await this.goesOn();
  }

  summary() {
    return Object.entries(this.counts).map((c) => c.reverse().join(' '))
      .join(', ');
  }
}
