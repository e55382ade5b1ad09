import { amendedRows, speedRow } from '@weir/views';
import type { ServedRow, SpeedRow, TableValues, View, ViewQueryOptions } from '@weir/views';
import type { ViewStore } from './view-store.ts';

/** By then what was announced is in its table, unless ClickHouse takes no inserts. */
const KEPT_MILLISECONDS = 60_000;
/** Of one view; the oldest are forgotten first. */
const MOST_ROWS = 4_000;
/** Answers that are asked for anew because the table has changed meanwhile. */
const MOST_REPEATS = 3;

interface Announced {
  readonly row: SpeedRow;
  readonly until: number;
}

export interface AnnouncedRowsOptions {
  readonly store: ViewStore;
  /** In milliseconds; default the monotonic clock. */
  readonly now?: () => number;
}

/**
 * A store whose answers also have the rows that were announced, which are decided and on their way to their table. Of a row that has come
 * there, too, the newer version counts, so nothing is doubled however long it is remembered. A writer sends its rows one after the other: when
 * the table is said to have others, it has all that were announced before, and they are forgotten.
 */
export class AnnouncedRows implements ViewStore {
  readonly #store: ViewStore;
  readonly #now: () => number;
  /** By view, then by result; the oldest first. */
  readonly #announced = new Map<string, Map<string, Announced>>();

  constructor({ store, now = () => performance.now() }: AnnouncedRowsOptions) {
    this.#store = store;
    this.#now = now;
  }

  /** The table of a view has other rows than before: one of them may have taken back what was announced. */
  changed({ name }: View): void {
    this.#announced.delete(name);
  }

  /** Remembers rows of a view; answers them by the names of their columns. */
  announced(view: View, rows: readonly TableValues[]): readonly SpeedRow[] {
    const ofView = this.#announced.get(view.name) ?? new Map<string, Announced>();
    this.#announced.set(view.name, ofView);
    const now = this.#now();
    const named = rows.map((values) => speedRow(view, values));
    for (const row of named) {
      const result = JSON.stringify([row['window_end'], row['window_start'], row['result_key']]);
      const before = ofView.get(result);
      if (before !== undefined && Number(before.row['version']) > Number(row['version'])) continue;
      ofView.delete(result);
      ofView.set(result, { row, until: now + KEPT_MILLISECONDS });
    }
    for (const [result, { until }] of ofView) {
      if (until > now && ofView.size <= MOST_ROWS) break;
      ofView.delete(result);
    }
    return named;
  }

  async rows(view: View, options: ViewQueryOptions): Promise<readonly ServedRow[]> {
    for (let repeats = 0; ; repeats++) {
      const before = this.#announced.get(view.name);
      const found = await this.#store.rows(view, options);
      const announced = this.#announced.get(view.name);
      // What was forgotten meanwhile may have come to the table behind the answer.
      if (before !== undefined && before !== announced && repeats < MOST_REPEATS) continue;
      const now = this.#now();
      const fresh = [...(announced?.values() ?? [])].filter(({ until }) => until > now).map(({ row }) => row);
      return fresh.length === 0 ? found : (amendedRows(view, options, found, fresh) ?? found);
    }
  }

  ping(): Promise<void> {
    return this.#store.ping();
  }
}
