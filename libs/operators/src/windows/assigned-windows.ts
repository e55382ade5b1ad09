import type { Timestamp } from '@weir/model';
import { WeirError } from '@weir/model';
import type { CustomAssigner, WindowAssigner, WindowList } from './assigner.ts';
import { firstStart } from './assigner.ts';

/** The windows of one row, used again for the next. */
export class AssignedWindows implements WindowList {
  readonly #assigner: CustomAssigner;
  readonly starts: Timestamp[] = [];
  readonly ends: Timestamp[] = [];
  #timestamp: Timestamp = 0;

  constructor(assigner: CustomAssigner) {
    this.#assigner = assigner;
  }

  /** Empties the list for a row at this time. */
  begin(timestamp: Timestamp): void {
    this.starts.length = this.ends.length = 0;
    this.#timestamp = timestamp;
  }

  add(start: Timestamp, end: Timestamp): void {
    // Not (start < end): also false for NaN. A window that ends by the row's time would refuse rows that are not late.
    if (!(start < end) || !(end > this.#timestamp)) {
      throw new WeirError('WINDOW_ASSIGNED', `The assigner '${this.#assigner.describe}' put a row of ${this.#timestamp} into [${start}, ${end}).`, {
        remedy: 'A window must begin before it ends, and end after the rows that are put into it.',
      });
    }
    for (let i = 0; i < this.starts.length; i++) if (this.starts[i] === start && this.ends[i] === end) return;
    if (this.#assigner.merging && this.starts.length > 0) {
      throw new WeirError('WINDOW_ASSIGNED', `The assigner '${this.#assigner.describe}' put a row of ${this.#timestamp} into two windows that might become one.`, {
        remedy: 'Where windows merge, give each row one: it would count twice.',
      });
    }
    this.starts.push(start);
    this.ends.push(end);
  }
}

/** Any assigner in the form of a custom one. */
export function asCustom(assigner: WindowAssigner): CustomAssigner {
  if (assigner.kind === 'custom') return assigner;
  const { describe } = assigner;
  if (assigner.kind === 'session') {
    const { gap } = assigner;
    return { kind: 'custom', describe, merging: true, reads: [], assign: (timestamp, _key, _row, into) => into.add(timestamp, timestamp + gap) };
  }
  const { size, slide } = assigner;
  return {
    kind: 'custom',
    describe,
    merging: false,
    reads: [],
    assign: (timestamp, _key, _row, into) => {
      for (let start = firstStart(timestamp, assigner); start <= timestamp; start += slide) into.add(start, start + size);
    },
  };
}
