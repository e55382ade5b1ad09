import type { Timestamp } from '@weir/model';
import type { AfterMatch } from './after-match.ts';
import { firstOf, lastOf } from './match-view.ts';
import type { KeptRow } from './match-view.ts';
import { PartialMatch } from './partial-match.ts';
import type { Finding } from './partial-match.ts';
import { ACCEPT } from './pattern-graph.ts';
import type { PatternEdge, PatternGraph } from './pattern-graph.ts';
import type { RowTests } from './row-tests.ts';

/** Takes what is found, in order. */
export type Findings = (finding: Finding) => void;

/**
 * The partial matches of one key: a tree in which each node is a row of a step, and matches that begin alike share their beginning (the
 * shared buffer of Agrawal et al., "Efficient pattern matching over event streams", SIGMOD 2008, with nodes in place of versions).
 * `live` is in the order of the rows taken, what is longer in front of what it grew from; findings come out in that order too.
 * A row costs O(live partial matches).
 */
export class KeyMatches {
  readonly #graph: PatternGraph;
  readonly #tests: RowTests;
  readonly keySlot: number;
  /** Rows that wait for the watermark. */
  waiting = 0;
  /** Rows seen. */
  rows = 0;
  live: readonly PartialMatch[] = [];
  /** Found, and waiting for what began earlier; by first row. Empty unless matches are skipped. */
  held: readonly Finding[] = [];
  /** When the next open edge closes; infinity when none does. */
  deadline: Timestamp = Number.POSITIVE_INFINITY;

  constructor(graph: PatternGraph, tests: RowTests, keySlot: number) {
    this.#graph = graph;
    this.#tests = tests;
    this.keySlot = keySlot;
  }

  get isEmpty(): boolean {
    return this.waiting === 0 && this.live.length === 0 && this.held.length === 0;
  }

  /** Partial matches and matches that are kept. */
  get size(): number {
    return this.live.length + this.held.length;
  }

  /** The next row, in event time; whatever closes by its time has been closed by `expire`. */
  take(row: unknown, timestamp: Timestamp, found: Findings): void {
    this.#tests.begin(row);
    const kept: KeptRow = { row, timestamp, ordinal: this.rows++ };
    const next: PartialMatch[] = [];
    const findings: Finding[] = [];
    for (const partial of this.live) {
      this.#grow(partial, partial.open, kept, next, findings);
      partial.isNew = false;
      if (partial.open.length > 0) next.push(partial);
    }
    this.#grow(undefined, this.#graph.starts, kept, next, findings);
    this.#settle(next, findings, found);
  }

  /** Closes the edges whose time is over at `deadline`, at or behind which the next row will be. */
  expire(deadline: Timestamp, found: Findings): void {
    const findings: Finding[] = [];
    const next = this.live.filter((partial) => partial.deadline > deadline || this.#close(partial, deadline, findings));
    this.#settle(next, findings, found);
  }

  /** Nothing will follow: what waits without a time limit waits in vain, and is not reported. */
  end(found: Findings): void {
    this.#settle([], [], found);
  }

  /** Takes in restored state. */
  restore(live: readonly PartialMatch[], held: readonly Finding[], rows: number): void {
    this.rows = rows;
    this.live = live;
    this.held = held;
    this.#setDeadline();
  }

  /** Makes what grows from a partial match by a row, and closes the edges that the row closes. */
  #grow(partial: PartialMatch | undefined, open: readonly PatternEdge[], kept: KeptRow, next: PartialMatch[], findings: Finding[]): void {
    const fitting = open.filter((edge) => this.#fits(edge, partial));
    const children: PartialMatch[] = [];
    for (const edge of fitting) {
      if (edge.target === ACCEPT || yields(edge, fitting)) continue;
      const { step, edges, accepts } = this.#graph.places[edge.target]!;
      let child = children.find((candidate) => candidate.step === step);
      if (child === undefined) {
        child = new PartialMatch(partial, step, kept);
        children.push(child);
      }
      child.wait(child.open.length === 0 ? edges : [...child.open, ...edges], this.#graph.within);
      if (accepts) child.isComplete = true;
    }
    if (children.length > 1) children.sort((a, b) => a.step - b.step);
    for (const child of children) {
      if (child.isComplete) complete(child, kept.timestamp, findings);
      if (child.open.length > 0) next.push(child);
    }
    if (partial !== undefined) this.#keepOpen(partial, fitting, kept.timestamp, findings);
  }

  #keepOpen(partial: PartialMatch, fitting: readonly PatternEdge[], timestamp: Timestamp, findings: Finding[]): void {
    const open = partial.open.filter((edge) => this.#staysOpen(edge, partial, fitting));
    if (open.length === partial.open.length) return;
    const accepted = partial.open.some((edge) => edge.target === ACCEPT && fitting.includes(edge) && !yields(edge, fitting));
    if (accepted && !partial.isComplete) complete(partial, timestamp, findings);
    partial.wait(open, this.#graph.within);
  }

  /** True when the row could take the edge; of an edge that accepts: when the row settles that the match is complete. */
  #fits(edge: PatternEdge, partial: PartialMatch | undefined): boolean {
    if (this.#isClosedBefore(edge, partial)) return false;
    if (edge.target === ACCEPT) return edge.notBetween.length === 0;
    if (this.#tests.anyHolds(edge.bars, partial)) return false;
    const { test } = this.#graph.steps[this.#graph.places[edge.target]!.step]!;
    return test === undefined || this.#tests.holds(test, partial);
  }

  #isClosedBefore(edge: PatternEdge, partial: PartialMatch | undefined): boolean {
    return (partial?.isNew === true && this.#tests.anyHolds(edge.notNext, partial)) || this.#tests.anyHolds(edge.ends, partial);
  }

  #staysOpen(edge: PatternEdge, partial: PartialMatch, fitting: readonly PatternEdge[]): boolean {
    if (edge.contiguity === 'strict' || this.#isClosedBefore(edge, partial)) return false;
    if (edge.contiguity === 'relaxed' && fitting.includes(edge)) return false;
    return !yields(edge, fitting) && !this.#tests.anyHolds(edge.notBetween, partial);
  }

  /** Closes what is over; false when nothing stays open. */
  #close(partial: PartialMatch, deadline: Timestamp, findings: Finding[]): boolean {
    const over = partial.open.filter((edge) => partial.closingTime(edge, this.#graph.within) <= deadline);
    if (!partial.isComplete && over.some(({ target }) => target === ACCEPT)) complete(partial, deadline - 1, findings);
    partial.wait(partial.open.filter((edge) => !over.includes(edge)), this.#graph.within);
    if (partial.open.length > 0) return true;
    if (!partial.isSettled) {
      partial.settle();
      findings.push({ kind: 'timed-out', partial, timestamp: deadline - 1 });
    }
    return false;
  }

  #settle(live: readonly PartialMatch[], findings: readonly Finding[], found: Findings): void {
    this.live = live;
    if (this.#graph.afterMatch.kind === 'none') findings.forEach(found);
    else if (findings.length > 0 || this.held.length > 0) this.#release(findings, found);
    this.#setDeadline();
  }

  /** Lets out what nothing that began earlier can discard any more. */
  #release(findings: readonly Finding[], found: Findings): void {
    let held = [...this.held, ...findings].sort((a, b) => a.partial.first.ordinal - b.partial.first.ordinal);
    while (held.length > 0 && held[0]!.partial.first.ordinal <= (this.live[0]?.first.ordinal ?? Number.POSITIVE_INFINITY)) {
      const [finding, ...later] = held as [Finding, ...Finding[]];
      found(finding);
      held = later;
      if (finding.kind === 'timed-out') continue;
      const isDiscarded = this.#discardedBy(finding.partial, this.#graph.afterMatch);
      held = held.filter(({ partial }) => !isDiscarded(partial));
      this.live = this.live.filter((partial) => !isDiscarded(partial));
    }
    this.held = held;
  }

  #discardedBy(match: PartialMatch, { kind, step }: AfterMatch): (other: PartialMatch) => boolean {
    if (kind === 'next') return (other) => other.first.ordinal === match.first.ordinal;
    if (kind === 'past-last') return (other) => other.first.ordinal <= match.kept.ordinal;
    const number = this.#graph.steps.findIndex(({ name }) => name === step);
    const to = (kind === 'first' ? firstOf(match, number) : lastOf(match, number))?.ordinal ?? 0;
    return (other) => other.first.ordinal < to;
  }

  #setDeadline(): void {
    let deadline = Number.POSITIVE_INFINITY;
    for (const partial of this.live) deadline = Math.min(deadline, partial.deadline);
    this.deadline = deadline;
  }
}

function yields(edge: PatternEdge, fitting: readonly PatternEdge[]): boolean {
  return edge.yieldsTo.length > 0 && edge.yieldsTo.some((first) => fitting.includes(first));
}

function complete(partial: PartialMatch, timestamp: Timestamp, findings: Finding[]): void {
  partial.isComplete = true;
  partial.settle();
  findings.push({ kind: 'match', partial, timestamp });
}
