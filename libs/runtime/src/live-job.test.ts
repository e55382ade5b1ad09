import type { Topology } from '@weir/topology';
import { describe, expect, it } from 'vitest';
import { World, killed, runToEnd } from './fixtures/live-shop.ts';
import { HOUR, appendRaw, appendSales, hourly, sale, sessions, sliding } from './fixtures/small-shop.ts';
import { readTrack } from './track.ts';

const T0 = Date.UTC(2024, 0, 1);
const RECORDS = 2 * (12 * 3 + 8 * 2 + 1);

/** One poll a turn, one batch a poll. */
const SLOW = { stepBytes: 1, turnMilliseconds: 0 };

/** Half an hour of sales a batch, in two partitions, some of them late; the last one closes the windows before. */
function worldWithSales(pipelines = [hourly]): World {
  const world = new World(pipelines, 2);
  for (let half = 0; half < 12; half++) {
    for (const partition of [0, 1]) {
      const at = T0 + (half * HOUR) / 2;
      appendSales(world.log, 'sales', partition, [
        sale('north', at + 60_000 * partition),
        sale('south', at + 600_000, 7),
        sale('north', at + 1_200_000, half % 3 === 0 ? 0 : 30),
        ...(half > 3 ? [sale('east', at - 2 * HOUR, 5), sale('east', at - 600_000, 11)] : []),
      ]);
    }
  }
  for (const partition of [0, 1]) appendSales(world.log, 'sales', partition, [sale('last', T0 + 20 * HOUR)]);
  return world;
}

describe('a live job', () => {
  it('gives every window its number, keeps its books, and is at the end', async () => {
    const world = worldWithSales();
    const job = await world.runToEnd(SLOW);
    const { phase, books, partitions, flushed, skipped } = job.state('hourly');
    expect(phase).toBe('stopped');
    expect(books.records).toBe(RECORDS);
    expect(books.records).toBe(books.counted + books.late + books.filtered + books.deadLettered);
    expect(books.filtered).toBe(8);
    expect(books.late).toBeGreaterThan(0);
    expect(flushed).toEqual(partitions.map(({ highWatermark }) => highWatermark));
    expect(skipped).toBe(0);
    expect(world.log.records('hourly.late')).toHaveLength(books.late);
    const first = world.table(hourly).rows();
    expect(JSON.parse(first[`south ${T0} ${T0 + HOUR}`]!)).toEqual({ shop: 'south', cents: 28, sales: 4 });
  });

  it('goes on where it stopped, and counts nothing twice', async () => {
    const whole = worldWithSales();
    await whole.runToEnd(SLOW);
    const parts = worldWithSales();
    for (const reads of [3, 5, 4, 1_000]) {
      const { job } = await parts.attempt(SLOW);
      let left = reads;
      parts.log.beforeCall = (call) => {
        if (call === 'read' && --left === 0) job.stop();
      };
      await (reads < 1_000 ? job.run() : runToEnd(job, [hourly]));
    }
    expect(parts.table(hourly).closed()).toEqual(whole.table(hourly).closed());
  });

  it('that is stopped while it recovers leaves no checkpoint and loses no step', async () => {
    const world = worldWithSales();
    const first = await world.attempt(SLOW);
    let reads = 0;
    world.log.beforeCall = (call) => {
      if (call === 'read' && ++reads === 20) throw killed();
    };
    await expect(first.job.run()).rejects.toMatchObject({ code: 'TEST_KILLED' });
    const steps = readTrack('/jobs/hourly/track-0.bin', ['sales'], world.files);
    expect(steps.length).toBeGreaterThan(4);

    reads = 0;
    const second = await world.attempt();
    world.log.beforeCall = () => {
      if (++reads === 3) second.job.stop();
    };
    await second.job.run();
    expect([...world.files.list('/jobs/hourly')]).toEqual(['track-0.bin', 'track-2.bin']);
    expect(readTrack('/jobs/hourly/track-0.bin', ['sales'], world.files)).toEqual(steps);

    world.log.beforeCall = () => undefined;
    const whole = worldWithSales();
    await whole.runToEnd(SLOW);
    await world.runToEnd(SLOW);
    expect(world.table(hourly).closed()).toEqual(whole.table(hourly).closed());
  });

  it('runs pipelines side by side as it runs each alone', async () => {
    const all = worldWithSales([hourly, sliding, sessions]);
    const job = await all.runToEnd(SLOW);
    for (const topology of [hourly, sliding, sessions]) {
      const alone = worldWithSales([topology]);
      const itself = await alone.runToEnd(SLOW);
      expect(all.table(topology).closed()).toEqual(alone.table(topology).closed());
      expect(job.state(topology.name).books).toEqual(itself.state(topology.name).books);
    }
  });

  it('brings pipelines together that a crash left at different places', async () => {
    const inTime = (pipelines: readonly Topology[]): World => {
      const world = new World(pipelines, 2);
      for (let step = 0; step < 40; step++) appendSales(world.log, 'sales', step % 2, [sale('north', T0 + step * 600_000, step), sale('south', T0 + step * 600_000)]);
      for (const partition of [0, 1]) appendSales(world.log, 'sales', partition, [sale('last', T0 + 30 * HOUR)]);
      return world;
    };
    const ahead = inTime([sliding]);
    const { job: broken } = await ahead.attempt(SLOW);
    let reads = 0;
    ahead.log.beforeCall = (call) => {
      if (call === 'read' && ++reads === 15) broken.stop();
    };
    await broken.run();
    expect(broken.state('sliding').books.records).toBeGreaterThan(20);

    // One of the two has processed half already, the other nothing.
    const world = inTime([hourly, sliding]);
    for (const [path, bytes] of ahead.files.contents) world.files.contents.set(path, bytes);
    for (const directory of ahead.files.directories) world.files.directories.add(directory);
    world.attempts = 1;
    world.table(sliding).history.push(...ahead.table(sliding).history);
    const job = await world.runToEnd();
    for (const topology of [hourly, sliding]) {
      const alone = inTime([topology]);
      await alone.runToEnd();
      expect(job.state(topology.name).books.records).toBe(82);
      expect(world.table(topology).closed()).toEqual(alone.table(topology).closed());
    }
  });

  it('takes new records as they come, and fires early in between', async () => {
    const world = new World([hourly], 1);
    const { job } = await world.attempt();
    const running = job.run();
    appendSales(world.log, 'sales', 0, [sale('north', T0), sale('north', T0 + 1)]);
    await expect.poll(() => world.table(hourly).rows()).toEqual({ [`north ${T0} ${T0 + HOUR}`]: '{"shop":"north","cents":200,"sales":2}' });
    expect(world.table(hourly).history.every(({ isLast }) => !isLast)).toBe(true);
    appendSales(world.log, 'sales', 0, [sale('north', T0 + 2 * HOUR)]);
    await expect.poll(() => world.table(hourly).history.some(({ isLast }) => isLast) || world.table(hourly).history.some(({ timing }) => timing === 1)).toBe(true);
    job.stop();
    await running;
  });

  it('checkpoints after so many records', async () => {
    const world = worldWithSales();
    await world.runToEnd({ ...SLOW, checkpointEveryRecords: 20 });
    expect(world.files.list('/jobs/hourly').filter((name) => name.startsWith('epoch-'))).toHaveLength(3);
    expect(world.files.list('/jobs/hourly').filter((name) => name.startsWith('track-')).length).toBeGreaterThan(3);
  });
});

describe('a live job that may not go on', () => {
  it('shows and records nothing more once its lease is lost', async () => {
    const world = worldWithSales();
    const lost = killed();
    const { job } = await world.attempt({}, { fence: () => Promise.reject(lost) });
    await expect(job.run()).rejects.toBe(lost);
    expect(world.table(hourly).history).toEqual([]);
    expect(world.files.read('/jobs/hourly/track-0.bin')).toHaveLength(0);
    expect(world.files.list('/jobs/hourly').filter((name) => name.startsWith('epoch-'))).toEqual([]);
  });

  it('fails with LOG_GAP when records that come next are gone, and skips them where that is allowed', async () => {
    const world = worldWithSales();
    world.log.trim('sales', 1, 10);
    const { job } = await world.attempt();
    await expect(job.run()).rejects.toMatchObject({ code: 'LOG_GAP' });

    const allowed = await world.runToEnd({ onGap: 'resume' });
    const { skipped, books } = allowed.state('hourly');
    const gone = RECORDS - books.records;
    expect(skipped).toBe(gone);
    expect(gone).toBeGreaterThan(0);
    expect(world.warnings.some((warning) => warning.startsWith('GAP hourly'))).toBe(true);
    const gap = { source: 'sales', partition: 1, from: 0, to: gone };
    expect(allowed.state('hourly').gaps).toEqual([gap]);
    // It is in the checkpoints from then on.
    expect((await world.runToEnd()).state('hourly').gaps).toEqual([gap]);
  });

  it('fails when a batch is damaged, or holds its partition where that is allowed: the others go on, and it does when the batch is mended', async () => {
    const world = worldWithSales();
    world.log.damagedFrom.set(1, 12);
    await expect((await world.attempt(SLOW)).job.run()).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT', message: expect.stringContaining('sales/1 at offset 12') as string });

    const { job } = await world.attempt({ ...SLOW, onDamage: 'hold', retryDamageEveryMilliseconds: 1 });
    const running = job.run();
    const partitions = () => job.state('hourly').partitions;
    await expect.poll(() => partitions()[0]!.position === partitions()[0]!.highWatermark && partitions()[1]!.damage !== undefined).toBe(true);
    expect(partitions()[1]).toMatchObject({ position: 12, damage: expect.stringContaining('The batch of sales/1 at offset 12 is damaged') as string });
    expect(partitions()[0]!.damage).toBeUndefined();
    world.log.damagedFrom.clear();
    await expect.poll(() => job.state('hourly').books.records).toBe(RECORDS);
    job.stop();
    await running;
    expect(partitions()[1]!.damage).toBeUndefined();
    const { books, skipped } = job.state('hourly');
    expect([books.records, skipped]).toEqual([books.counted + books.late + books.filtered + books.deadLettered, 0]);
    expect(world.warnings.filter((warning) => warning.startsWith('HELD sales/1 at offset 12: RECORD_BATCH_CORRUPT'))).toHaveLength(1);
    expect(world.warnings.filter((warning) => warning.startsWith('READ AGAIN sales/1 from offset 12'))).toHaveLength(1);
  });

  it('does not begin when the topic has other partitions than its checkpoint', async () => {
    const world = worldWithSales();
    await world.runToEnd();
    const other = new World([hourly], 3, world.files);
    await expect(other.attempt()).rejects.toMatchObject({ code: 'LOG_PARTITION_MISMATCH' });
  });

  it('does not begin when the log is shorter than its checkpoint', async () => {
    const world = worldWithSales();
    await world.runToEnd();
    const other = new World([hourly], 2, world.files);
    const { job } = await other.attempt();
    await expect(job.run()).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
  });

  it('fails with LOG_GAP when records of its track are gone', async () => {
    const world = worldWithSales();
    let reads = 0;
    world.log.beforeCall = (call) => {
      if (call === 'read' && ++reads === 20) throw killed();
    };
    const { job } = await world.attempt(SLOW);
    await expect(job.run()).rejects.toMatchObject({ code: 'TEST_KILLED' });
    world.log.beforeCall = () => undefined;
    world.log.trim('sales', 0, 20);
    const next = await world.attempt();
    await expect(next.job.run()).rejects.toMatchObject({ code: 'LOG_GAP' });
  });

  it('stops when too many records are rejected, or at the first', async () => {
    const bad = Array.from({ length: 30 }, () => '{');
    for (const [policy, code] of [
      [{ on: 'fail' }, 'RECORD_REJECTED'],
      [{ on: 'dead-letter', maxTotal: 29 }, 'DEAD_LETTER_BUDGET'],
    ] as const) {
      const world = new World([hourly], 1);
      world.policy = policy;
      appendRaw(world.log, 'sales', 0, bad, T0);
      const { job } = await world.attempt();
      await expect(job.run()).rejects.toMatchObject({ code });
    }
    const world = new World([hourly], 1);
    world.policy = { on: 'drop' };
    appendRaw(world.log, 'sales', 0, bad, T0);
    const job = await world.runToEnd();
    expect(job.state('hourly').books).toMatchObject({ records: 30, deadLettered: 30 });
    expect(world.log.records('sales.dead-letters')).toEqual([]);
  });

  it('says so when the disk is full, and goes on when there is room', async () => {
    const world = worldWithSales();
    const { job } = await world.attempt(SLOW);
    world.files.failure = 'full';
    world.files.failAt = world.files.calls + 2;
    await expect(job.run()).rejects.toMatchObject({ code: 'CHECKPOINT_DISK_FULL', retryable: true });
    await world.runToEnd(SLOW);
    const whole = worldWithSales();
    await whole.runToEnd(SLOW);
    expect(world.table(hourly).closed()).toEqual(whole.table(hourly).closed());
  });
});
