import type { RequestAnswer } from './request.ts';
import type { Timestamp } from './timestamp.ts';
import type { Watermark } from './watermark.ts';

/**
 * One input of a task. State and output are a pure function of (initial state, the inputs, the steps).
 * `watermark` is chosen by the perfect driver only and replaces what the strategy would generate.
 */
export type Step =
  | { readonly kind: 'records'; readonly source: string; readonly partition: number; /** inclusive */ readonly from: number; /** exclusive */ readonly to: number }
  | { readonly kind: 'watermark'; readonly source: string; readonly watermark: Watermark }
  /** What came of requests of an operator, in this order. */
  | { readonly kind: 'answers'; readonly step: string; readonly answers: readonly RequestAnswer[] }
  /** Deaf while a partition cannot be read: its silence is no sign of idleness then. */
  | { readonly kind: 'tick'; readonly now: Timestamp; readonly isDeaf?: true }
  | { readonly kind: 'barrier'; readonly epoch: number };
