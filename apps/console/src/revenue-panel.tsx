import { useMemo, useState } from 'react';
import type { ReactElement } from 'react';
import { countText, dayText, moneyText, shortDayText, timeText, wholeMoneyText } from './format.ts';
import { LabelBadge } from './label-badge.tsx';
import { Nothing, Panel } from './panel.tsx';
import { RevenueChart } from './revenue-chart.tsx';
import { HOUR_MILLISECONDS, countriesByRevenue, revenueHours } from './revenue-hours.ts';
import type { RevenueHour } from './revenue-hours.ts';
import type { Revenue, Row } from './serving-api.ts';

const HOURS = 48;

/** Revenue of the last two days, hour by hour, of all countries or one. */
export function RevenuePanel({ rows, frontier }: { readonly rows: readonly Row<Revenue>[]; readonly frontier: number | null }): ReactElement {
  const [country, setCountry] = useState<string | null>(null);
  const countries = useMemo(() => countriesByRevenue(rows), [rows]);
  const hours = useMemo(() => revenueHours(rows, country, HOURS), [rows, country]);
  const picker = (
    <label className="picker">
      <span>Country</span>
      <select value={country ?? ''} onChange={(event) => setCountry(event.target.value === '' ? null : event.target.value)}>
        <option value="">All countries</option>
        {countries.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
  return (
    <Panel area="revenue" title="Revenue by hour" note="Cancelled lines left out. Hours in UTC shop time." aside={picker}>
      {hours.length === 0 ? (
        <Nothing>No hour has been counted yet.</Nothing>
      ) : (
        <>
          <Figures hours={hours} />
          <RevenueChart hours={hours} frontier={frontier} />
          <Legend />
          <HoursTable hours={hours} />
        </>
      )}
    </Panel>
  );
}

function Figures({ hours }: { readonly hours: readonly RevenueHour[] }): ReactElement {
  const open = hours.findLast(({ label }) => label?.completeness === 'provisional');
  const complete = hours.findLast(({ label }) => label?.completeness === 'complete');
  const cents = hours.reduce((sum, hour) => sum + hour.cents, 0);
  const orders = hours.reduce((sum, hour) => sum + hour.orders, 0);
  const units = hours.reduce((sum, hour) => sum + hour.units, 0);
  return (
    <dl className="figures">
      <HourFigure title="Newest hour so far" hour={open} />
      <HourFigure title="Last complete hour" hour={complete} />
      <div className="figure">
        <dt>Last {hours.length} hours</dt>
        <dd className="number big">{wholeMoneyText(cents)}</dd>
        <dd className="sub">
          <span className="number">{countText(orders)}</span> orders, <span className="number">{countText(units)}</span> units
        </dd>
        <dd className="sub">{orders === 0 ? '' : `${moneyText(cents / orders)} an order`}</dd>
      </div>
    </dl>
  );
}

function HourFigure({ title, hour }: { readonly title: string; readonly hour: RevenueHour | undefined }): ReactElement {
  if (hour === undefined || hour.label === null) {
    return (
      <div className="figure">
        <dt>{title}</dt>
        <dd className="number big">–</dd>
        <dd className="sub">none yet</dd>
      </div>
    );
  }
  return (
    <div className="figure">
      <dt>{title}</dt>
      <dd className="number big">{wholeMoneyText(hour.cents)}</dd>
      <dd className="sub number">
        {shortDayText(hour.start)}, {timeText(hour.start)}–{timeText(hour.start + HOUR_MILLISECONDS)}
      </dd>
      <dd>
        <LabelBadge label={hour.label} />
      </dd>
    </div>
  );
}

function Legend(): ReactElement {
  return (
    <ul className="legend">
      <li>
        <span className="swatch batch" aria-hidden="true" /> Batch, complete
      </li>
      <li>
        <span className="swatch speed" aria-hidden="true" /> Speed, complete
      </li>
      <li>
        <span className="swatch provisional" aria-hidden="true" /> Speed, provisional
      </li>
      <li>
        <span className="swatch frontier" aria-hidden="true" /> Frontier: the batch layer owns what is left of it
      </li>
    </ul>
  );
}

/** The chart's numbers for those who do not see it, or want to copy them. */
function HoursTable({ hours }: { readonly hours: readonly RevenueHour[] }): ReactElement {
  return (
    <details className="as-table">
      <summary>The same as a table</summary>
      <div className="scroller" tabIndex={0} role="region" aria-label="Revenue by hour as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <th scope="col">Label</th>
              <th scope="col" className="right">Revenue</th>
              <th scope="col" className="right">Orders</th>
              <th scope="col" className="right">Units</th>
            </tr>
          </thead>
          <tbody>
            {hours.toReversed().map((hour) => (
              <tr key={hour.start}>
                <th scope="row" className="number">
                  {dayText(hour.start)}, {timeText(hour.start)}
                </th>
                <td>{hour.label === null ? <span className="quiet">nothing ordered</span> : <LabelBadge label={hour.label} />}</td>
                <td className="number right">{moneyText(hour.cents)}</td>
                <td className="number right">{countText(hour.orders)}</td>
                <td className="number right">{countText(hour.units)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
