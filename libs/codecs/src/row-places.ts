import type { Rejection } from '@weir/connector-api';
import type { RecordWalker } from '@weir/record-batch';
import type { Trouble } from './trouble.ts';

/** Where the rows of a walk lie in the log when some of its records are rejected; its arrays are reused from walk to walk. */
export class RowPlaces {
  readonly #walker: RecordWalker;
  #offsets = new Float64Array(0);
  #logTimestamps = new Float64Array(0);
  #times = new Float64Array(0);

  constructor(walker: RecordWalker) {
    this.#walker = walker;
  }

  /** Offsets and log timestamps of the rows: the walker's own arrays when every record is a row. */
  withoutRejected(rejections: readonly Rejection[]): { readonly offsets: Float64Array; readonly logTimestamps: Float64Array } {
    const { count, offsets, timestamps } = this.#walker;
    if (rejections.length === 0) return { offsets, logTimestamps: timestamps };
    if (this.#offsets.length < count) {
      this.#offsets = new Float64Array(count * 2);
      this.#logTimestamps = new Float64Array(count * 2);
    }
    let row = 0;
    let rejected = 0;
    for (let i = 0; i < count; i++) {
      if (rejections[rejected]?.offset === offsets[i]) rejected++;
      else {
        this.#offsets[row] = offsets[i]!;
        this.#logTimestamps[row++] = timestamps[i]!;
      }
    }
    return { offsets: this.#offsets, logTimestamps: this.#logTimestamps };
  }

  /** Event times of rows that have none yet: NaN. */
  noTimes(count: number): Float64Array {
    if (this.#times.length < count) this.#times = new Float64Array(count * 2).fill(Number.NaN);
    return this.#times;
  }

  /** The i-th record of the walk over these bytes, with a copy of what it holds. */
  rejection(bytes: Uint8Array, i: number, { code, message }: Trouble): Rejection {
    const walker = this.#walker;
    return {
      offset: walker.offsets[i]!,
      code,
      message,
      key: copied(bytes, walker.keyStarts[i]!, walker.keyEnds[i]!),
      value: copied(bytes, walker.valueStarts[i]!, walker.valueEnds[i]!),
      logTimestamp: walker.timestamps[i]!,
    };
  }
}

/** Not `slice`: of a Buffer it is no copy. */
function copied(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  return start < 0 ? null : Uint8Array.from(bytes.subarray(start, end));
}
