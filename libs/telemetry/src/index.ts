export { METRICS, seriesNames } from './metric-catalogue.ts';
export type { Metric } from './metric-catalogue.ts';
