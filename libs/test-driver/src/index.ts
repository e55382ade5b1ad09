export { testDriver } from './test-driver.ts';
export type { DrivenResult, PendingRequest, PushOptions, TestDriver, TestDriverOptions } from './test-driver.ts';
