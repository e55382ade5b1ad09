import type { Batch } from '@weir/model';
import { DELETE, INSERT, UPDATE_BEFORE } from '@weir/model';
import type { Sink } from '@weir/connector-api';
import { resultId } from './result-row.ts';
import type { ResultRow } from './result-row.ts';

/** Keeps the newest pane of every result in memory, as a view's table does. */
export class CollectSink implements Sink {
  readonly pending = 0;
  readonly #rows = new Map<string, ResultRow>();

  open(): Promise<void> {
    return Promise.resolve();
  }

  write(batch: Batch): void {
    const results = batch.results;
    // Rows that are not results (a `late` output) have no identity in a view.
    if (results === undefined) return;
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const identity = { key: results.keys[position]!, start: results.starts[position]!, end: results.ends[position]! };
      const change = batch.changes?.[position] ?? INSERT;
      // The row that takes the place of one that is taken back has the same identity.
      if (change === UPDATE_BEFORE) continue;
      if (change === DELETE) {
        this.#rows.delete(resultId(identity));
      } else {
        const data = { ...(batch.at(position) as Record<string, unknown>) };
        this.#rows.set(resultId(identity), { ...identity, isLast: results.lasts[position] === 1, data });
      }
    }
  }

  rows(): readonly ResultRow[] {
    return [...this.#rows.values()];
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
