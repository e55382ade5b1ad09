import { useEffect, useState } from 'react';
import { ask } from './serving-api.ts';
import type { Jobs } from './serving-api.ts';

/** The last answer about the jobs, and how the asking goes. */
export interface KnownJobs {
  readonly jobs: Jobs | null;
  /** When it was answered; null before the first answer. */
  readonly answeredAt: number | null;
  /** Why the last question failed; null when it did not. */
  readonly failure: string | null;
  /** The browser's clock at the last answer or failure. */
  readonly now: number;
}

const PAUSE_MILLISECONDS = 1_000;

/** Asks for the jobs once a second. */
export function useJobs(): KnownJobs {
  const [known, setKnown] = useState<KnownJobs>(() => ({ jobs: null, answeredAt: null, failure: null, now: Date.now() }));
  useEffect(() => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const turn = async (): Promise<void> => {
      try {
        const jobs = await ask<Jobs>('/v1/jobs', ended.signal);
        setKnown({ jobs, answeredAt: Date.now(), failure: null, now: Date.now() });
      } catch (error) {
        if (ended.signal.aborted) return;
        const failure = error instanceof TypeError ? 'The serving API does not answer.' : error instanceof Error ? error.message : String(error);
        setKnown((before) => ({ ...before, failure, now: Date.now() }));
      }
      timer = setTimeout(() => void turn(), PAUSE_MILLISECONDS);
    };
    void turn();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, []);
  return known;
}
