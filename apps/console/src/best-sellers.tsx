import { useState } from 'react';
import type { ReactElement } from 'react';
import { countText, instantText, shortDayText, timeText } from './format.ts';
import { LabelBadge } from './label-badge.tsx';
import { Nothing, Panel } from './panel.tsx';
import type { Ranking, Row } from './serving-api.ts';

const CHOICES = [
  ['running', 'Running'],
  ['complete', 'Complete'],
] as const;
type Choice = (typeof CHOICES)[number][0];

/** The ten best-selling products of a day: the one that ends next, or the last one that is complete. */
export function BestSellers({ rows }: { readonly rows: readonly Row<Ranking>[] }): ReactElement {
  const [choice, setChoice] = useState<Choice>('running');
  // Rows come newest first; of the days that still run, the one that ends next is the fullest.
  const running = rows.findLast(({ label }) => label.completeness === 'provisional');
  const complete = rows.find(({ label }) => label.completeness === 'complete');
  const row = choice === 'running' ? (running ?? complete) : complete;
  const switcher = (
    <fieldset className="switch">
      <legend className="unseen">Which day</legend>
      {CHOICES.map(([value, text]) => (
        <label key={value}>
          <input type="radio" name="ranking" checked={choice === value} onChange={() => setChoice(value)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
  return (
    <Panel area="sellers" title="Best-sellers" note="Units ordered in 24 hours; a new day ends every hour." aside={switcher}>
      {row === undefined ? <Nothing>No such day yet.</Nothing> : <RankingTable row={row} />}
    </Panel>
  );
}

function RankingTable({ row }: { readonly row: Row<Ranking> }): ReactElement {
  const { window, data, label } = row;
  const most = Math.max(1, ...data.top.map(({ units }) => units));
  return (
    <>
      <p className="window">
        <span className="number">
          {shortDayText(window.start)}, {timeText(window.start)} – {shortDayText(window.end)}, {timeText(window.end)}
        </span>
        <LabelBadge label={label} />
      </p>
      <table className="ranking">
        <thead className="unseen">
          <tr>
            <th scope="col">Rank</th>
            <th scope="col">Product</th>
            <th scope="col">Units</th>
          </tr>
        </thead>
        <tbody>
          {data.top.map(({ product, units }, index) => (
            <tr key={product}>
              <td className="rank number">{index + 1}</td>
              <th scope="row" className="product">
                <span className="number">{product}</span>
                <span className="bar" style={{ inlineSize: `${(100 * units) / most}%` }} aria-hidden="true" />
              </th>
              <td className="number right">{countText(units)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="foot">
        Watermark <span className="number">{instantText(label.watermark)}</span>
      </p>
    </>
  );
}
