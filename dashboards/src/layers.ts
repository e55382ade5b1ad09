import { DashboardBuilder, DashboardCursorSync, DatasourceVariableBuilder, QueryVariableBuilder, RowBuilder, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '@weir/telemetry';
import { alarm, graph, zero } from './panels.ts';
import { DATA_SOURCE, series } from './queries.ts';

const CHOSEN = { pipeline: '$pipeline' };
const JOB = '{{pipeline}} {{layer}}';

const lag = series(METRICS.lag, CHOSEN);
const watermark = series(METRICS.watermark, CHOSEN);
const records = series(METRICS.records, CHOSEN);
const late = series(METRICS.late, CHOSEN);
const deadLettered = series(METRICS.deadLettered, CHOSEN);
const imbalance = series(METRICS.imbalance, CHOSEN);
const durations = series(METRICS.requestDuration, {}, '_bucket');
const requests = series(METRICS.requestDuration, {}, '_count');

/** Both layers and the API over them: how far they are, what did not count and why, and whether they agree. */
export function layersDashboard(): Dashboard {
  const dashboard = new DashboardBuilder('Weir: both layers')
    .uid('weir-layers')
    .description('How far the layers are, what did not count, whether they agree, and how the API answers.')
    .tags(['weir'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-15m', to: 'now' })
    .refresh('5s')
    .withVariable(new DatasourceVariableBuilder('source').label('Prometheus').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('pipeline')
        .label('Pipeline')
        .datasource(DATA_SOURCE)
        .query({ query: `label_values(${METRICS.records.name}, pipeline)`, refId: 'pipelines' })
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ text: 'All', value: '$__all' }),
    );
  withTruth(dashboard);
  withProgress(dashboard);
  withLosses(dashboard);
  withServing(dashboard);
  return dashboard.build();
}

function withTruth(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Is it true?'))
    .withPanel(zero({ title: 'Unexplained differences', description: 'Differences between the layers that the last comparison found no cause for. Anything but 0 is a fault of Weir.', unit: 'short' }, series(METRICS.unknown)))
    .withPanel(zero({ title: 'Books out of balance', description: 'Records that are in no column of the books. Anything but 0 is a loss.', unit: 'short' }, `sum(abs(${imbalance}))`))
    .withPanel(
      alarm({ title: 'Dead letters', description: 'Records that could not be decoded; each is in the topic of dead letters, with its position.', unit: 'short' }, `sum(${deadLettered})`, [
        { value: null, color: 'green' },
        { value: 1, color: 'orange' },
      ]),
    )
    .withPanel(
      alarm({ title: 'Catalog', description: '1 when the API can read the catalog. Without it answers are those of the last read.', unit: 'short' }, series(METRICS.catalogUp), [
        { value: null, color: 'red' },
        { value: 1, color: 'green' },
      ]),
    )
    .withPanel(
      alarm({ title: 'Lag', description: 'Records that no layer has processed yet, of the partitions of all jobs.', unit: 'short' }, `sum(${lag})`, [
        { value: null, color: 'green' },
        { value: 10_000, color: 'orange' },
        { value: 1_000_000, color: 'red' },
      ]),
    )
    .withPanel(
      alarm({ title: 'Open streams', description: 'Clients that follow a view.', unit: 'short' }, `sum(${series(METRICS.streamClients)}) or vector(0)`, [{ value: null, color: 'blue' }]),
    );
}

function withProgress(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('How far?'))
    .withPanel(graph({ title: 'Lag by partition', description: 'One partition that stays behind while others do not has a hot key, or a replica that died.', unit: 'short' }, [[lag, `${JOB} {{partition}}`]]))
    .withPanel(graph({ title: 'Records per second', description: 'What each job reads.', unit: 'recps' }, [[`rate(${records}[1m])`, JOB]]))
    .withPanel(graph({ title: 'Watermark behind the clock', description: 'How old the newest instant is up to which all is counted. Data of the past has a delay of years, which shrinks as it is read.', unit: 's' }, [[`time() - ${watermark}`, JOB]]))
    .withPanel(graph({ title: 'Event time per second', description: 'Seconds of event time that the watermark moves in a second: 1 is live, 0 is stalled.', unit: 'short' }, [[`deriv(${watermark}[1m])`, JOB]]))
    .withPanel(graph({ title: 'Frontier of each view', description: 'The event time up to which published replays own a view; it only moves forward.', unit: 'dateTimeAsIso' }, [[`${series(METRICS.frontier)} * 1000`, '{{view}}']]))
    .withPanel(graph({ title: 'Watermark ahead of the frontier', description: 'How much event time the speed layer answers for; a replay makes it small again.', unit: 's' }, [[`scalar(max(${watermark})) - ${series(METRICS.frontier)}`, '{{view}}']]));
}

function withLosses(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('What did not count?'))
    .withPanel(graph({ title: 'Late records', description: 'Beyond the allowed lateness. They are in the sink for late rows, and a replay counts them.', unit: 'short' }, [[late, JOB]]))
    .withPanel(graph({ title: 'Dead letters', description: 'Records that could not be decoded.', unit: 'short' }, [[deadLettered, JOB]]))
    .withPanel(graph({ title: 'Imbalance of the books', description: 'records - counted - late - filtered - dead-lettered: always 0.', unit: 'short' }, [[imbalance, JOB]]));
}

function withServing(dashboard: DashboardBuilder): void {
  const quantile = (q: number): string => `histogram_quantile(${q}, sum by (le, route) (rate(${durations}[1m])))`;
  dashboard
    .withRow(new RowBuilder('How does the API answer?'))
    .withPanel(graph({ title: 'Duration of requests', description: 'Half, and 99 of 100, are answered within this time.', unit: 's' }, [[quantile(0.5), 'p50 {{route}}'], [quantile(0.99), 'p99 {{route}}']]))
    .withPanel(graph({ title: 'Requests per second', description: 'By status; a 5xx is a fault of the server or of what is behind it.', unit: 'reqps' }, [[`sum by (status) (rate(${requests}[1m]))`, '{{status}}']]))
    .withPanel(graph({ title: 'Rows served, by layer', description: 'After a publication the batch layer answers for more.', unit: 'rowsps' }, [[`sum by (layer) (rate(${series(METRICS.rowsServed)}[1m]))`, '{{layer}}']]));
}

