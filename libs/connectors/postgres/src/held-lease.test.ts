import type { Lease } from './catalog.ts';
import { WeirError } from '@weir/model';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeldLease } from './held-lease.ts';

const TTL = 10_000;

/** A catalog with one lease, which may be taken away or not answer. */
class OneLease {
  epoch = 1;
  renewals = 0;
  down = false;
  released = false;

  acquireLease(task: string, owner: string): Promise<Lease> {
    return Promise.resolve({ task, owner, epoch: this.epoch });
  }

  renewLease({ epoch }: Lease): Promise<void> {
    this.renewals++;
    if (this.down) return Promise.reject(new Error('no answer'));
    if (epoch < this.epoch) return Promise.reject(new WeirError('LEASE_LOST', 'Another process has taken over.', { remedy: 'This attempt ends.' }));
    return Promise.resolve();
  }

  releaseLease(): Promise<void> {
    this.released = true;
    return Promise.resolve();
  }
}

describe('a held lease', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function held(): Promise<{ readonly catalog: OneLease; readonly lease: HeldLease; readonly warnings: string[]; readonly time: { now: number } }> {
    const catalog = new OneLease();
    const warnings: string[] = [];
    const time = { now: 0 };
    const lease = await HeldLease.take({ catalog, task: 'speed/hourly', owner: 'me', warn: (message) => warnings.push(message), monotonic: () => time.now });
    return { catalog, lease, warnings, time };
  }

  it('is assured without a question while it is good, and asks when it may have run out', async () => {
    const { catalog, lease, time } = await held();
    time.now = TTL - 1;
    await lease.assure();
    expect([catalog.renewals, lease.isGood]).toEqual([0, true]);
    time.now = TTL;
    expect(lease.isGood).toBe(false);
    await lease.assure();
    expect(catalog.renewals).toBe(1);
    time.now = 2 * TTL - 1;
    await lease.assure();
    expect(catalog.renewals).toBe(1);
  });

  it('that another took while this process was paused is not assured', async () => {
    const { catalog, lease, time } = await held();
    catalog.epoch = 2;
    time.now = TTL + 1;
    await expect(lease.assure()).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  it('ends the attempt as soon as a renewal finds it lost', async () => {
    const { catalog, lease } = await held();
    const lost = expect(lease.keep()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    catalog.epoch = 2;
    await vi.advanceTimersByTimeAsync(2_000);
    await lost;
    lease.forget();
  });

  it('outlasts a catalog that does not answer until it runs out, and no longer', async () => {
    const { catalog, lease, warnings, time } = await held();
    let ended: unknown;
    lease.keep().catch((error: unknown) => (ended = error));
    catalog.down = true;
    for (time.now = 2_000; time.now < TTL; time.now += 2_000) await vi.advanceTimersByTimeAsync(2_000);
    expect(warnings).toHaveLength(4);
    expect(ended).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ended).toMatchObject({ message: 'no answer' });
    lease.forget();
  });

  it('is renewed no more once it is given back', async () => {
    const { catalog, lease } = await held();
    void lease.keep();
    await lease.release();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([catalog.released, catalog.renewals]).toEqual([true, 0]);
  });
});
