import type { ReactElement } from 'react';
import { agoText, countText, lengthText, minuteText } from './format.ts';
import { Nothing, Panel } from './panel.tsx';
import type { Run } from './serving-api.ts';

const SHOWN = 6;

/** The newest replays of the batch layer. */
export function Replays({ runs, now }: { readonly runs: readonly Run[]; readonly now: number }): ReactElement {
  return (
    <Panel area="replays" title="Replays by the batch layer" note="Publishing a run moves the frontier up to which the batch layer answers.">
      {runs.length === 0 ? (
        <Nothing>Nothing has been replayed yet.</Nothing>
      ) : (
        <>
          <LastReplay run={runs.find(({ state }) => state === 'published') ?? runs[0]!} />
          <div className="scroller" tabIndex={0} role="region" aria-label="Replays by the batch layer">
            <table>
              <thead>
                <tr>
                  <th scope="col">Pipeline</th>
                  <th scope="col">State</th>
                  <th scope="col">Frontier</th>
                  <th scope="col" className="right">Records</th>
                  <th scope="col" className="right">Took</th>
                  <th scope="col" className="right">Ended</th>
                </tr>
              </thead>
              <tbody>
                {runs.slice(0, SHOWN).map((run) => (
                  <tr key={run.runId} title={`run ${run.runId}, code ${run.codeVersion}`}>
                    <th scope="row">{run.pipeline}</th>
                    <td>
                      <span className={`badge run-${run.state}`}>{run.state}</span>
                    </td>
                    <td className="number">{minuteText(run.frontier)}</td>
                    <td className="number right">{run.books === null ? '–' : countText(run.books.records)}</td>
                    <td className="number right">{run.finishedAt === null ? '–' : tookText(run.finishedAt - run.startedAt)}</td>
                    <td className="number right">{run.finishedAt === null ? '–' : agoText(Math.max(0, now - run.finishedAt))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Panel>
  );
}

/** What the newest published replay has read. */
function LastReplay({ run }: { readonly run: Run }): ReactElement {
  return (
    <dl className="last-replay">
      <div>
        <dt>Last replay</dt>
        <dd className="number">{run.runId}</dd>
      </div>
      <div>
        <dt>Code</dt>
        <dd className="number">{run.codeVersion}</dd>
      </div>
      <div>
        <dt>Frontier</dt>
        <dd className="number">{minuteText(run.frontier)}</dd>
      </div>
      <div className="offsets">
        <dt>Offsets by partition</dt>
        {run.to.map((to, partition) => (
          <dd className="number" key={partition}>
            <span className="quiet">{partition}</span> {countText(run.from[partition] ?? 0)}–{countText(to)}
          </dd>
        ))}
      </div>
    </dl>
  );
}

function tookText(milliseconds: number): string {
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : lengthText(Math.round(milliseconds / 1000));
}
