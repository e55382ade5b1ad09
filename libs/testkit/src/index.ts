export { aggregatorLaws } from './aggregator-laws.ts';
export { OperatorRun } from './operator-run.ts';
export type { Firing, OperatorRunOptions, Rejected } from './operator-run.ts';
export { logContract } from './log-contract.ts';
export type { LogContract, LogTraits, LogUnderTest } from './log-contract.ts';
export { batchOf, readAll, recordsIn } from './logged-records.ts';
export type { LoggedRecord } from './logged-records.ts';
export { manualClock } from './manual-clock.ts';
export type { ManualClock } from './manual-clock.ts';
