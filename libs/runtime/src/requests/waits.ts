import { setTimeout as sleep } from 'node:timers/promises';

/** How the runtime waits; a test gives one that it moves by hand. */
export interface Waits {
  /** Resolves after this many milliseconds; rejects when the signal is aborted before. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The timers of the process. */
export const realWaits: Waits = {
  wait: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, { signal });
  },
};
