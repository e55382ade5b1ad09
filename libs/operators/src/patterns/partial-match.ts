import type { Timestamp } from '@weir/model';
import type { KeptRow, Taken } from './match-view.ts';
import { deadlineOf } from './pattern-graph.ts';
import type { PatternEdge } from './pattern-graph.ts';

/** A partial match: the rows it has taken, and the ways in which it may go on. */
export class PartialMatch implements Taken {
  readonly parent: PartialMatch | undefined;
  readonly step: number;
  readonly kept: KeptRow;
  readonly first: KeptRow;
  /** Rows taken. */
  readonly length: number;
  /** Never changed in place, since places share it. */
  open: readonly PatternEdge[] = [];
  /** When the first open edge closes. */
  deadline: Timestamp = Number.POSITIVE_INFINITY;
  /** No row of the key has come since. */
  isNew = true;
  /** It is a match itself. */
  isComplete = false;
  /** It is a match, or something that grew from it was one or ran out of time. */
  isSettled = false;

  constructor(parent: PartialMatch | undefined, step: number, kept: KeptRow) {
    this.parent = parent;
    this.step = step;
    this.kept = kept;
    this.first = parent?.first ?? kept;
    this.length = (parent?.length ?? 0) + 1;
  }

  wait(open: readonly PatternEdge[], within: number): void {
    this.open = open;
    let deadline = Number.POSITIVE_INFINITY;
    for (const edge of open) deadline = Math.min(deadline, this.closingTime(edge, within));
    this.deadline = deadline;
  }

  closingTime(edge: PatternEdge, within: number): Timestamp {
    return deadlineOf(edge, within, this.first.timestamp, this.kept.timestamp);
  }

  /** Marks it and all that it grew from. O(length of the match). */
  settle(): void {
    // Whoever is settled has settled all before it.
    for (let partial: PartialMatch | undefined = this; partial !== undefined && !partial.isSettled; partial = partial.parent) partial.isSettled = true;
  }
}

/** A match, or a partial match that ran out of time. */
export interface Finding {
  readonly kind: 'match' | 'timed-out';
  readonly partial: PartialMatch;
  /** Of the output row. */
  readonly timestamp: Timestamp;
}
