export { aggregatorLaws } from './aggregator-laws.ts';
export { OperatorRun } from './operator-run.ts';
export type { Firing, OperatorRunOptions, Rejected } from './operator-run.ts';
