import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import uPlot from 'uplot';
import { chartData, chartOptions } from './chart-options.ts';
import { countText, dayText, moneyText, timeText } from './format.ts';
import { LabelBadge } from './label-badge.tsx';
import { HOUR_MILLISECONDS } from './revenue-hours.ts';
import type { RevenueHour } from './revenue-hours.ts';

export interface RevenueChartProps {
  readonly hours: readonly RevenueHour[];
  readonly frontier: number | null;
}

/** Revenue as bars, an hour each. The pointer or the arrow keys tell one hour's numbers. */
export function RevenueChart({ hours, frontier }: RevenueChartProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const newest = useRef({ hours, frontier });
  const [pointed, setPointed] = useState<number | null>(null);

  useEffect(() => {
    const element = host.current!;
    const draw = (): void => {
      chart.current?.destroy();
      chart.current = new uPlot(chartOptions(element, () => newest.current.frontier, setPointed), chartData(newest.current.hours), element);
    };
    draw();
    const resized = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: chart.current.height }));
    resized.observe(element);
    // The canvas has no style sheet: another scheme means other colours, drawn anew.
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      scheme.removeEventListener('change', draw);
      resized.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    newest.current = { hours, frontier };
    chart.current?.setData(chartData(hours));
  }, [hours, frontier]);

  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || chart.current === null) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(hours.length - 1, (pointed ?? (step < 0 ? hours.length : -1)) + step));
    chart.current.setCursor({ left: chart.current.valToPos(chart.current.data[0][index]!, 'x'), top: 0 });
  };
  const hour = pointed === null ? undefined : hours[pointed];
  return (
    <figure className="chart" tabIndex={0} role="group" aria-label={`Revenue of ${hours.length} hours as bars; the arrow keys go from hour to hour`} onKeyDown={move}>
      <figcaption className="readout" aria-live="polite">
        {hour === undefined ? <span className="quiet">Point at an hour, or use the arrow keys.</span> : <Readout hour={hour} />}
      </figcaption>
      <div ref={host} className="plot" />
    </figure>
  );
}

function Readout({ hour }: { readonly hour: RevenueHour }): ReactElement {
  return (
    <>
      <span className="number">
        {dayText(hour.start)}, {timeText(hour.start)}–{timeText(hour.start + HOUR_MILLISECONDS)}
      </span>
      <strong className="number">{moneyText(hour.cents)}</strong>
      <span className="number">{countText(hour.orders)} orders</span>
      {hour.label === null ? <span className="quiet">nothing ordered</span> : <LabelBadge label={hour.label} />}
    </>
  );
}
