import type { ReactElement } from 'react';
import { agoText, countText, percentText } from './format.ts';
import { Nothing, Panel } from './panel.tsx';
import type { Comparison, Verification } from './serving-api.ts';

const UNKNOWN = 'UNKNOWN';

/** The last comparison of both layers: what is equal, what is explained, and what is not. */
export function VerificationPanel({ verification, now }: { readonly verification: Verification | null; readonly now: number }): ReactElement {
  return (
    <Panel
      area="verification"
      title="Speed against batch"
      note={verification === null ? 'Every served number of both layers, compared.' : `Every served number of both layers, compared ${agoText(Math.max(0, now - verification.verifiedAt))}.`}
    >
      {verification === null ? <Nothing>Nothing has been compared yet.</Nothing> : <Outcome verification={verification} />}
    </Panel>
  );
}

function Outcome({ verification }: { readonly verification: Verification }): ReactElement {
  const unknown = verification.causes[UNKNOWN] ?? 0;
  // Causes that explain nothing this time would only take room.
  const causes = Object.keys(verification.causes).filter((cause) => cause !== UNKNOWN && verification.causes[cause] !== 0).sort();
  return (
    <>
      <p className={`verdict ${unknown === 0 ? 'good' : 'bad'}`}>
        <strong>{unknown === 0 ? 'Every difference is explained.' : `${countText(unknown)} differences without an explanation.`}</strong>
        <span>
          <span className="number">{countText(verification.equal)}</span> of <span className="number">{countText(verification.rowsCompared)}</span> rows are equal (
          <span className="number">{percentText(verification.rowsCompared === 0 ? 1 : verification.equal / verification.rowsCompared)}</span>)
        </span>
      </p>
      <div className="scroller" tabIndex={0} role="region" aria-label="Comparison by view">
        <table>
          <thead>
            <tr>
              <th scope="col">View</th>
              <th scope="col" className="right">Rows</th>
              <th scope="col" className="right">Equal</th>
              <th scope="col" className="right code">{UNKNOWN}</th>
              {causes.map((cause) => (
                <th key={cause} scope="col" className="right code">{cause}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Object.entries(verification.perView).map(([view, comparison]) => (
              <ComparisonRow key={view} name={view} comparison={comparison} causes={causes} />
            ))}
          </tbody>
          <tfoot>
            <ComparisonRow name="All" comparison={verification} causes={causes} />
          </tfoot>
        </table>
      </div>
    </>
  );
}

function ComparisonRow({ name, comparison, causes }: { readonly name: string; readonly comparison: Comparison; readonly causes: readonly string[] }): ReactElement {
  const unknown = comparison.causes[UNKNOWN] ?? 0;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="number right">{countText(comparison.rowsCompared)}</td>
      <td className="number right">{countText(comparison.equal)}</td>
      <td className={`number right ${unknown === 0 ? '' : 'failure'}`}>{countText(unknown)}</td>
      {causes.map((cause) => (
        <td key={cause} className="number right">{countText(comparison.causes[cause] ?? 0)}</td>
      ))}
    </tr>
  );
}
