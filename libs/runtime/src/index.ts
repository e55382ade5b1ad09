export type { BookTotals, RejectionListener } from './books.ts';
export type { Output } from './flow.ts';
export { Task } from './task.ts';
export type { TaskOptions, WatermarkOrigin } from './task.ts';
