import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '@weir/model';
import { ViewJob } from './view-job.ts';
import type { ViewJobOptions } from './view-job.ts';

const RETRY_MILLISECONDS = 500;

export interface WaitOptions {
  /** For all of them together; infinity waits for ever. */
  readonly milliseconds: number;
  readonly isStopping: () => boolean;
  /** Called once, when another process is found to run them. */
  readonly onWaiting: (reason: string) => void;
}

/**
 * Takes the leases of all pipelines, or none of them: a replica that finds one held gives back those that it has taken and waits, so
 * that two of them never wait for each other. Undefined when it was stopped meanwhile. Throws LEASE_HELD when the time is over.
 */
export async function takeAll(options: readonly ViewJobOptions[], { milliseconds, isStopping, onWaiting }: WaitOptions): Promise<readonly ViewJob[] | undefined> {
  const until = performance.now() + milliseconds;
  for (let waits = 0; !isStopping(); waits++) {
    const held = await taken(options);
    if (!(held instanceof WeirError)) return held;
    if (performance.now() >= until) throw held;
    if (waits === 0) onWaiting(held.message);
    // Not all at the same moment.
    await sleep(RETRY_MILLISECONDS * (0.5 + Math.random()));
  }
  return undefined;
}

async function taken(options: readonly ViewJobOptions[]): Promise<readonly ViewJob[] | WeirError> {
  const views: ViewJob[] = [];
  try {
    for (const each of [...options].sort((a, b) => (a.topology.name < b.topology.name ? -1 : 1))) views.push(await ViewJob.open(each));
    return views;
  } catch (error) {
    for (const view of views) await view.giveBack();
    if (error instanceof WeirError && error.code === 'LEASE_HELD') return error;
    throw error;
  }
}
