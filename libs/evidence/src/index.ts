export { CAUSES } from './cause.ts';
export type { Cause } from './cause.ts';
export { compare } from './compare.ts';
export type { Comparison, Difference } from './compare.ts';
export { canonicalData, resultId } from './result-row.ts';
export type { ResultRow } from './result-row.ts';
export { verifyView } from './verify-view.ts';
export type { ExplainedDifference, PublishedRun, VerifyViewOptions, ViewVerification } from './verify-view.ts';
