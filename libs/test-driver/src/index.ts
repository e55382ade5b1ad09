export { testDriver } from './test-driver.ts';
export type { DrivenResult, PushOptions, TestDriver, TestDriverOptions } from './test-driver.ts';
