import type { Timestamp } from '@weir/model';

/** A row that a partial match has taken. */
export interface KeptRow {
  readonly row: unknown;
  readonly timestamp: Timestamp;
  /** Counts the rows of the key. */
  readonly ordinal: number;
}

/** One row of a match and, by its parents, those before it; matches that begin alike share them. */
export interface Taken {
  readonly parent: Taken | undefined;
  readonly step: number;
  readonly kept: KeptRow;
}

/** The rows of one step, in order. O(length of the match). */
export function rowsOf(last: Taken | undefined, step: number): readonly unknown[] {
  const rows: unknown[] = [];
  for (let taken = last; taken !== undefined; taken = taken.parent) if (taken.step === step) rows.push(taken.kept.row);
  return rows.reverse();
}

/** The latest row of one step, or undefined. */
export function lastOf(last: Taken | undefined, step: number): KeptRow | undefined {
  for (let taken = last; taken !== undefined; taken = taken.parent) if (taken.step === step) return taken.kept;
  return undefined;
}

/** The first row of one step, or undefined. */
export function firstOf(last: Taken | undefined, step: number): KeptRow | undefined {
  let first: KeptRow | undefined;
  for (let taken = last; taken !== undefined; taken = taken.parent) if (taken.step === step) first = taken.kept;
  return first;
}

/** A match by step name, in the order of the pattern. */
export function matchOf(last: Taken, steps: readonly { readonly name: string; readonly isList: boolean }[]): object {
  return Object.fromEntries(steps.map(({ name, isList }, step) => [name, isList ? rowsOf(last, step) : lastOf(last, step)?.row]));
}

/**
 * What a condition sees of a match: an object with the rows by step name, which looks them up when they are asked for and notes that they
 * were. A pure condition that did not ask answers the same for every partial match.
 */
export class MatchView {
  readonly rows: object;
  #last: Taken | undefined;
  #wasRead = false;

  constructor(names: readonly string[], lists: readonly boolean[]) {
    const rows = {};
    for (const [step, name] of names.entries()) {
      const read = lists[step] === true ? () => rowsOf(this.#last, step) : () => lastOf(this.#last, step)?.row;
      Object.defineProperty(rows, name, {
        enumerable: true,
        get: () => {
          this.#wasRead = true;
          return read();
        },
      });
    }
    this.rows = Object.freeze(rows);
  }

  get wasRead(): boolean {
    return this.#wasRead;
  }

  /** Shows another partial match; undefined shows an empty one. */
  show(last: Taken | undefined): void {
    this.#last = last;
    this.#wasRead = false;
  }
}
