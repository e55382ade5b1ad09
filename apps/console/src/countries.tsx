import { useMemo } from 'react';
import type { ReactElement } from 'react';
import { countText, moneyText, shortDayText, timeText } from './format.ts';
import { LabelBadge } from './label-badge.tsx';
import { Nothing, Panel } from './panel.tsx';
import type { Revenue, Row } from './serving-api.ts';

const SHOWN = 8;

/** Countries in the newest hour. */
export function Countries({ rows }: { readonly rows: readonly Row<Revenue>[] }): ReactElement {
  const newest = useMemo(() => rows.filter(({ window }) => window.end === rows[0]?.window.end).sort((a, b) => b.data.cents - a.data.cents), [rows]);
  const window = newest[0]?.window;
  const note = window === undefined ? undefined : `${shortDayText(window.start)}, ${timeText(window.start)}–${timeText(window.end)}, ${newest.length} ${newest.length === 1 ? 'country' : 'countries'}`;
  return (
    <Panel area="countries" title="Countries in the newest hour" note={note}>
      {newest.length === 0 ? (
        <Nothing>No hour has been counted yet.</Nothing>
      ) : (
        <div className="scroller" tabIndex={0} role="region" aria-label="Countries in the newest hour">
          <table>
            <thead>
              <tr>
                <th scope="col">Country</th>
                <th scope="col">Label</th>
                <th scope="col" className="right">Revenue</th>
                <th scope="col" className="right">Orders</th>
              </tr>
            </thead>
            <tbody>
              {newest.slice(0, SHOWN).map(({ key, data, label }) => (
                <tr key={key}>
                  <th scope="row">{key}</th>
                  <td>
                    <LabelBadge label={label} />
                  </td>
                  <td className="number right">{moneyText(data.cents)}</td>
                  <td className="number right">{countText(data.orders)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
