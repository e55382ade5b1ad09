import { invariant } from '@weir/model';
import { ParkedBatches } from './parked-batches.ts';
import type { Visible } from './visible-batches.ts';
import type { PartitionFetched } from './wire/fetch.ts';

/** A response whose buffer several partitions share; given back when the last has let go of it. */
export class SharedResponse {
  #holders = 0;
  readonly #release: () => void;

  constructor(release: () => void) {
    this.#release = release;
  }

  hold(): void {
    this.#holders++;
  }

  letGo(): void {
    invariant(this.#holders > 0, 'only a holder lets go');
    if (--this.#holders === 0) this.#release();
  }
}

/** How a reader stands with one partition. */
export class Lane {
  readonly partition: number;
  /** The offset that is expected to be read next; -1 before the first read. */
  next = -1;
  highWatermark = -1;
  logStart = 0;
  /** The fetch that is under way for this partition, and the offset it is for. */
  fetching: { readonly offset: number; readonly arrived: Promise<void> } | undefined;
  /** What the last fetch failed with; thrown by the read that comes upon it. */
  failure: { readonly offset: number; readonly error: unknown } | undefined;
  /** The leader epoch of the last record that was fetched, and the offset behind it. */
  #last = { offset: -1, epoch: -1 };
  #parked: { readonly batches: ParkedBatches; readonly response: SharedResponse } | undefined;

  constructor(partition: number) {
    this.partition = partition;
  }

  get hasParked(): boolean {
    return this.#parked !== undefined;
  }

  /** True when more is known to be there than was fetched. */
  get isBehind(): boolean {
    return this.next >= 0 && this.next < this.highWatermark;
  }

  /** The leader epoch of the record in front of an offset; -1 when it is not known. */
  epochBefore(offset: number): number {
    return this.#last.offset === offset ? this.#last.epoch : -1;
  }

  park({ highWatermark, lastStableOffset, logStart }: PartitionFetched, visible: Visible, offset: number, response: SharedResponse): void {
    // What is behind the last stable offset may still be aborted: to a reader of committed records the log ends there.
    this.highWatermark = Math.min(highWatermark, lastStableOffset);
    this.logStart = logStart;
    if (visible.end === undefined || visible.end <= offset) return;
    this.drop();
    response.hold();
    this.#last = { offset: visible.end, epoch: visible.leaderEpoch };
    this.#parked = { batches: new ParkedBatches(visible.bytes, offset, visible.end), response };
  }

  /** What is parked for this offset, if anything; the response is let go of when nothing is left. */
  take(offset: number, maxBytes: number): { readonly bytes: Uint8Array; readonly finished: SharedResponse | undefined } | undefined {
    const parked = this.#parked;
    if (parked === undefined) return undefined;
    if (parked.batches.next !== offset) {
      this.drop();
      return undefined;
    }
    const bytes = parked.batches.take(maxBytes);
    this.next = parked.batches.next;
    if (!parked.batches.isEmpty) return { bytes, finished: undefined };
    this.#parked = undefined;
    return { bytes, finished: parked.response };
  }

  /** Forgets what is parked. */
  drop(): void {
    this.#parked?.response.letGo();
    this.#parked = undefined;
  }
}
