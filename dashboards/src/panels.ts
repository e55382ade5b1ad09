import { BigValueColorMode, LegendDisplayMode, LegendPlacement, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimePanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATA_SOURCE, query } from './queries.ts';

/** What is drawn, and what it means. */
export interface PanelText {
  readonly title: string;
  /** What a reader should see, and what to do when it looks otherwise. */
  readonly description: string;
  /** As Grafana names it. */
  readonly unit: string;
}

/** Lines of a panel: the expression, and its legend. */
export type Lines = readonly (readonly [expression: string, legend: string])[];

/** Columns of a dashboard are 24 wide. */
const STAT_WIDTH = 4;
const GRAPH_WIDTH = 8;

const REF_IDS = 'ABCDEFGH';

/** Lines over time. */
export function graph({ title, description, unit }: PanelText, lines: Lines): TimePanel {
  const panel = new TimePanel()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATA_SOURCE)
    .span(GRAPH_WIDTH)
    .height(8)
    .fillOpacity(8)
    .legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true).calcs([]));
  lines.forEach(([expression, legend], index) => panel.withTarget(query(REF_IDS[index]!, expression, legend)));
  return panel;
}

/** One number that must be 0, red when it is not. */
export function zero({ title, description, unit }: PanelText, expression: string): StatPanel {
  return alarm({ title, description, unit }, expression, [{ value: null, color: 'green' }, { value: 1, color: 'red' }]);
}

/** One number, in the colour of the highest step that it reaches; a step without a value is the first. */
export function alarm({ title, description, unit }: PanelText, expression: string, steps: readonly { readonly value: number | null; readonly color: string }[]): StatPanel {
  return new StatPanel()
    .title(title)
    .description(description)
    .unit(unit)
    .noValue('no data')
    .datasource(DATA_SOURCE)
    .span(STAT_WIDTH)
    .height(4)
    .colorMode(BigValueColorMode.Background)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps]))
    .withTarget(query('A', expression, ''));
}
