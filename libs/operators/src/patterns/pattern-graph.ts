import type { Timestamp } from '@weir/model';
import type { AfterMatch } from './after-match.ts';
import type { Condition, Contiguity } from './pattern-definition.ts';

/** A condition, and the form in which it sees each step of the match. */
export interface Test {
  /** Dense within a graph. */
  readonly id: number;
  readonly condition: Condition;
  /** By step: true when it sees a list of rows, false when the latest row. */
  readonly lists: readonly boolean[];
}

/** A step that takes rows. */
export interface GraphStep {
  readonly name: string;
  /** Undefined: any row fits. */
  readonly test: Test | undefined;
  /** True when a match has a list of its rows. */
  readonly isList: boolean;
}

/** A way in which a partial match may go on. */
export interface PatternEdge {
  /** Dense within a graph; identifies it in checkpoints. */
  readonly id: number;
  /** A place; ACCEPT when the match is complete once the negations have held. */
  readonly target: number;
  readonly contiguity: Contiguity;
  /** Closed by the row directly behind, if one of them holds. */
  readonly notNext: readonly Test[];
  /** Closed by any row that does not take it, if one of them holds. */
  readonly notBetween: readonly Test[];
  /** Closed by any row for which one of them holds; such a row cannot take it either. */
  readonly ends: readonly Test[];
  /** A row for which one of them holds cannot take it. */
  readonly bars: readonly Test[];
  /** Taken by rows less than this behind the last one, in milliseconds; infinity for no bound. */
  readonly withinPrevious: number;
  /** Closed, and not taken, by a row that could take one of these. */
  readonly yieldsTo: readonly PatternEdge[];
}

/** Target of the edge that completes a match. */
export const ACCEPT = -1;

/** A place of the pattern where a row was taken: what may follow. */
export interface PatternPlace {
  /** By its number. */
  readonly step: number;
  readonly edges: readonly PatternEdge[];
  /** A match is complete here. */
  readonly accepts: boolean;
}

/** A pattern as a nondeterministic automaton without empty moves (after Glushkov): a place for each occurrence of a step, loops unrolled to their least count. */
export interface PatternGraph {
  readonly steps: readonly GraphStep[];
  readonly places: readonly PatternPlace[];
  /** Ways to begin. */
  readonly starts: readonly PatternEdge[];
  /** By id. */
  readonly edges: readonly PatternEdge[];
  readonly tests: readonly Test[];
  /** In milliseconds; infinity for no bound. */
  readonly within: number;
  readonly afterMatch: AfterMatch;
}

/** When an edge is open no more: rows at or after this time cannot take it. */
export function deadlineOf(edge: PatternEdge, within: number, first: Timestamp, previous: Timestamp): Timestamp {
  return Math.min(first + within, previous + edge.withinPrevious);
}
