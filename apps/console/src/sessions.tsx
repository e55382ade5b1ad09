import type { ReactElement } from 'react';
import { countText, lengthText, moneyText, shortDayText, timeText } from './format.ts';
import { LabelBadge } from './label-badge.tsx';
import { Nothing, Panel } from './panel.tsx';
import type { Row, Session } from './serving-api.ts';

const SHOWN = 8;

/** The sessions that ended, or will end, last. */
export function Sessions({ rows }: { readonly rows: readonly Row<Session>[] }): ReactElement {
  return (
    <Panel area="sessions" title="Newest shopping sessions" note="What a customer ordered without pausing for more than half an hour.">
      {rows.length === 0 ? (
        <Nothing>No session yet.</Nothing>
      ) : (
        <div className="scroller" tabIndex={0} role="region" aria-label="Newest shopping sessions">
          <table>
            <thead>
              <tr>
                <th scope="col">Customer</th>
                <th scope="col">Label</th>
                <th scope="col" className="right">Value</th>
                <th scope="col">First line</th>
                <th scope="col" className="right">Length</th>
                <th scope="col" className="right">Lines</th>
                <th scope="col" className="right">Invoices</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, SHOWN).map(({ key, window, data, label }) => (
                <tr key={`${window.end}.${window.start}.${key}`}>
                  <th scope="row" className="number">{key}</th>
                  <td>
                    <LabelBadge label={label} />
                  </td>
                  <td className="number right">{moneyText(data.cents)}</td>
                  <td className="number">
                    {shortDayText(data.start)}, {timeText(data.start)}
                  </td>
                  <td className="number right">{lengthText(data.lengthSeconds)}</td>
                  <td className="number right">{countText(data.lines)}</td>
                  <td className="number right">{countText(data.invoices)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
