import { describe, expect, it } from 'vitest';
import { World } from './fixtures/live-shop.ts';
import { HOUR, appendSales, hourly, sale } from './fixtures/small-shop.ts';

const T0 = Date.UTC(2024, 0, 1);
const RECORDS = 26;
/** Milliseconds: more than what makes a partition idle. */
const LONG = 8_000;
const PATIENTLY = { timeout: 10_000 };

/** Six hours of sales in each of two partitions; the last sale closes the windows before. */
function worldWithSales(): World {
  const world = new World([hourly], 2);
  for (const partition of [0, 1]) {
    for (let half = 0; half < 12; half++) appendSales(world.log, 'sales', partition, [sale('north', T0 + (half * HOUR) / 2, half + 1)]);
    appendSales(world.log, 'sales', partition, [sale('last', T0 + 20 * HOUR)]);
  }
  return world;
}

describe('a live job while a partition is unavailable', () => {
  it('goes on with the others, ticks and checkpoints; takes its silence for no idleness; and catches up with nothing late', async () => {
    const whole = worldWithSales();
    await whole.runToEnd();
    const world = worldWithSales();
    world.log.unavailable.add(1);
    const { job } = await world.attempt({ checkpointEveryMilliseconds: 1 });
    const running = job.run();
    const state = () => job.state('hourly');
    await expect.poll(() => state().partitions[0]!.position === state().partitions[0]!.highWatermark && state().partitions[1]!.damage !== undefined).toBe(true);
    const { now } = world;
    const { epoch } = state();
    await expect.poll(() => world.now > now + LONG && state().epoch > epoch, PATIENTLY).toBe(true);
    expect(state().partitions[1]).toMatchObject({ position: 0, isIdle: false, damage: expect.stringContaining('Nobody leads sales/1') as string });
    expect(state().partitions[0]!.damage).toBeUndefined();
    expect(world.table(hourly).history.some(({ isLast }) => isLast)).toBe(false);

    world.log.unavailable.clear();
    await expect.poll(() => state().books.records).toBe(RECORDS);
    job.stop();
    await running;
    expect(state().partitions[1]!.damage).toBeUndefined();
    expect(state().books).toMatchObject({ counted: RECORDS, late: 0 });
    expect(world.table(hourly).closed()).toEqual(whole.table(hourly).closed());
    for (const what of ['HELD sales/1 at offset 0: TEST_UNAVAILABLE', 'READ AGAIN sales/1 from offset 0']) expect(world.warnings.filter((warning) => warning.startsWith(what))).toHaveLength(1);
  });

  it('fails with its error when that lasts for too long, whatever it does with damage', async () => {
    for (const onDamage of ['fail', 'hold'] as const) {
      const world = worldWithSales();
      world.log.unavailable.add(1);
      const { job } = await world.attempt({ onDamage, unavailableMilliseconds: 100 });
      await expect(job.run()).rejects.toMatchObject({ code: 'TEST_UNAVAILABLE', retryable: true });
      expect(job.state('hourly').books.records).toBe(RECORDS / 2);
    }
  });

  it('counts the time anew when it was read in between', async () => {
    const world = worldWithSales();
    const { job } = await world.attempt({ stepBytes: 1, turnMilliseconds: 0 });
    const running = job.run();
    for (let round = 1; round <= 3; round++) {
      world.log.unavailable.add(1);
      await expect.poll(() => job.state('hourly').partitions[1]!.damage).toBeDefined();
      world.log.unavailable.clear();
      await expect.poll(() => job.state('hourly').partitions[1]!.damage).toBeUndefined();
      expect(world.warnings.filter((warning) => warning.startsWith('READ AGAIN sales/1'))).toHaveLength(round);
    }
    await expect.poll(() => job.state('hourly').books.records).toBe(RECORDS);
    job.stop();
    await running;
  });

  it('ends when it is asked to while none can be read, and goes on where it was', async () => {
    const world = worldWithSales();
    for (const partition of [0, 1]) world.log.unavailable.add(partition);
    const { job } = await world.attempt();
    const running = job.run();
    const { now } = world;
    await expect.poll(() => job.state('hourly').partitions.every(({ damage }) => damage !== undefined) && world.now > now + LONG, PATIENTLY).toBe(true);
    job.stop();
    await running;
    expect(job.state('hourly')).toMatchObject({ phase: 'stopped', books: { records: 0 } });
    world.log.unavailable.clear();
    expect((await world.runToEnd()).state('hourly').books).toMatchObject({ counted: RECORDS, late: 0 });
  });

  it('tries it again although there is always more in the others', async () => {
    const world = worldWithSales();
    world.log.unavailable.add(1);
    const { job } = await world.attempt();
    let at = T0 + 20 * HOUR;
    world.log.beforeCall = (call) => {
      if (call === 'read') appendSales(world.log, 'sales', 0, [sale('more', ++at)]);
    };
    const running = job.run();
    await expect.poll(() => job.state('hourly').partitions[1]!.damage).toBeDefined();
    world.log.unavailable.clear();
    await expect.poll(() => job.state('hourly').partitions[1]!.position).toBe(RECORDS / 2);
    world.log.beforeCall = () => undefined;
    job.stop();
    await running;
  });
});
