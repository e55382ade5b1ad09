import type { Batch, Key, OperatorObserver, Timestamp } from '@weir/model';

/** Every (row, window) that the speed layer refused, found by replaying its track. */
export class Rejections implements OperatorObserver {
  readonly wantsRejections = true;
  /** Windows refused, by position in the log. */
  readonly #windows = new Map<string, { readonly start: Timestamp; readonly end: Timestamp }[]>();
  #total = 0;

  filtered(): void {}
  counted(): void {}
  late(): void {}

  rejected(batch: Batch, position: number, _key: Key, start: Timestamp, end: Timestamp): void {
    if (batch.origin === undefined) return;
    const id = `${batch.origin.partition}:${batch.origin.offsets[position]}`;
    const windows = this.#windows.get(id);
    if (windows === undefined) this.#windows.set(id, [{ start, end }]);
    else windows.push({ start, end });
    this.#total++;
  }

  /** How many (row, window) pairs were refused. */
  get total(): number {
    return this.#total;
  }

  /** True when the row was refused by a window that covers all of [start, end); for sessions, by the row's own window. */
  has(partition: number, offset: number, window: { readonly start: Timestamp; readonly end: Timestamp } | undefined): boolean {
    const windows = this.#windows.get(`${partition}:${offset}`);
    if (windows === undefined) return false;
    return window === undefined || windows.some((refused) => refused.start === window.start && refused.end === window.end);
  }
}
