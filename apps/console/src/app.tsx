import type { ReactElement } from 'react';
import { BestSellers } from './best-sellers.tsx';
import { Countries } from './countries.tsx';
import { Masthead } from './masthead.tsx';
import { Pipelines } from './pipelines.tsx';
import { platformState } from './platform-state.ts';
import { Replays } from './replays.tsx';
import { RevenuePanel } from './revenue-panel.tsx';
import type { Ranking, Revenue, Session } from './serving-api.ts';
import { Sessions } from './sessions.tsx';
import { useJobs } from './use-jobs.ts';
import { useLiveRows } from './use-live-rows.ts';
import { VerificationPanel } from './verification-panel.tsx';
import { wholeHours } from './revenue-hours.ts';

/** The most that a stream begins with: two days of every country. */
const REVENUE_ROWS = 2_000;
/** The windows of a day that overlap, and some that have ended. */
const RANKINGS = 60;
const SESSIONS = 40;

/** The page. */
export function App(): ReactElement {
  const known = useJobs();
  const revenue = useLiveRows<Revenue>('revenue-by-country', REVENUE_ROWS);
  const rankings = useLiveRows<Ranking>('best-sellers', RANKINGS);
  const sessions = useLiveRows<Session>('shopping-sessions', SESSIONS);
  const rows = wholeHours(revenue.rows, REVENUE_ROWS);
  const frontier = known.jobs?.ownership.find(({ view }) => view === 'revenue-by-country')?.frontier ?? null;
  return (
    <>
      <Masthead state={platformState(known)} jobs={known.jobs} />
      <main>
        <RevenuePanel rows={rows} frontier={frontier} />
        <BestSellers rows={rankings.rows} />
        <Countries rows={rows} />
        <Sessions rows={sessions.rows} />
        <Pipelines jobs={known.jobs?.jobs ?? []} now={known.now} />
        <Replays runs={known.jobs?.runs ?? []} now={known.now} />
        <VerificationPanel verification={known.jobs?.verification ?? null} now={known.now} />
      </main>
    </>
  );
}
