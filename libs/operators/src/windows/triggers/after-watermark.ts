import type { AfterWatermark, Trigger } from '../trigger.ts';

export interface AfterWatermarkOptions<Row> {
  /** Fires before the end of the window, e.g. `every(seconds(10))` or `afterCount(1000)`; begun anew as often as it is done. */
  readonly early?: Trigger<Row>;
  /** Fires after the end; default: after each batch with late rows. Begun anew as often as it is done. */
  readonly late?: Trigger<Row>;
}

/**
 * Fires when the watermark passes the end of the window, and again for each batch with rows that came later but within the
 * allowed lateness, or as `late` says; with `early`, also before. It is never done: there may be late rows.
 */
export function afterWatermark<Row = never>({ early, late }: AfterWatermarkOptions<Row> = {}): AfterWatermark<Row> {
  const parts = ['after watermark', ...(early === undefined ? [] : [`early ${early.describe}`]), ...(late === undefined ? [] : [`late ${late.describe}`])];
  return Object.freeze({ kind: 'after-watermark', describe: parts.join(', '), early, late });
}
