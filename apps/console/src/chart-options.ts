import uPlot from 'uplot';
import { chartColors, hatching } from './chart-colors.ts';
import type { ChartColors } from './chart-colors.ts';
import { compactMoneyText, shortDayText, timeText } from './format.ts';
import { HOUR_MILLISECONDS } from './revenue-hours.ts';
import type { RevenueHour } from './revenue-hours.ts';

const HEIGHT = 250;
const HALF_HOUR_SECONDS = 1_800;
const MILLISECONDS = 1_000;

/** The hours as columns: seconds, then cents of the batch layer, of the speed layer, and provisional ones. Bars stand in the middle of their hour. */
export function chartData(hours: readonly RevenueHour[]): uPlot.AlignedData {
  const seconds = hours.map(({ start }) => start / MILLISECONDS + HALF_HOUR_SECONDS);
  const cents = (kind: string): (number | null)[] => hours.map((hour) => (kindOf(hour) === kind ? hour.cents : null));
  return [seconds, cents('batch'), cents('speed'), cents('provisional')];
}

function kindOf({ label }: RevenueHour): string {
  if (label === null) return 'none';
  return label.completeness === 'provisional' ? 'provisional' : label.layer;
}

/** How the chart is drawn; `frontier` answers the present frontier, `onHour` hears which hour is pointed at, null for none. */
export function chartOptions(host: HTMLElement, frontier: () => number | null, onHour: (index: number | null) => void): uPlot.Options {
  const colors = chartColors(host);
  const bars = uPlot.paths.bars!({ size: [0.76, 44], radius: 0.12 });
  const axis: uPlot.Axis = { stroke: colors.muted, font: '12px ui-sans-serif, system-ui, sans-serif', ticks: { show: false }, grid: { stroke: colors.line, width: 1 } };
  const series = (color: string, fill: uPlot.Series['fill']): uPlot.Series => ({ paths: bars, points: { show: false }, width: 1, stroke: color, fill: fill ?? color });
  return {
    width: host.clientWidth,
    height: HEIGHT,
    padding: [22, 18, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * MILLISECONDS), 'UTC'),
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, focus: { prox: -1 } },
    scales: {
      x: { time: true, range: (_chart, from, to) => [from - HALF_HOUR_SECONDS, to + HALF_HOUR_SECONDS] },
      y: { range: (_chart, _from, to) => [0, Math.max(100, to * 1.08)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 64, values: (_chart, splits) => splits.map(axisTime) },
      { ...axis, size: 56, space: 44, values: (_chart, splits) => splits.map(compactMoneyText) },
    ],
    series: [{}, series(colors.batch, colors.batch), series(colors.speed, colors.speed), series(colors.speed, hatching(colors.speed, window.devicePixelRatio))],
    hooks: { draw: [(chart) => drawFrontier(chart, colors, frontier())], setCursor: [(chart) => onHour(chart.cursor.idx ?? null)] },
  };
}

function axisTime(seconds: number): string {
  const timestamp = seconds * MILLISECONDS;
  return timestamp % (24 * HOUR_MILLISECONDS) === 0 ? shortDayText(timestamp) : timeText(timestamp);
}

function drawFrontier(chart: uPlot, colors: ChartColors, frontier: number | null): void {
  if (frontier === null) return;
  const seconds = frontier / MILLISECONDS;
  const { min, max } = chart.scales['x']!;
  if (min == null || max == null || seconds < min || seconds > max) return;
  const { ctx, bbox } = chart;
  const ratio = window.devicePixelRatio;
  const x = Math.round(chart.valToPos(seconds, 'x', true));
  const isRight = x > bbox.left + bbox.width - 70 * ratio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colors.frontier;
  ctx.lineWidth = 1.5 * ratio;
  ctx.setLineDash([5 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top - 14 * ratio);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${12 * ratio}px ui-sans-serif, system-ui, sans-serif`;
  ctx.textAlign = isRight ? 'right' : 'left';
  ctx.textBaseline = 'top';
  ctx.fillText('frontier', x + (isRight ? -6 : 6) * ratio, bbox.top - 18 * ratio);
  ctx.restore();
}
