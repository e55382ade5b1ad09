import type { Timestamp } from '@weir/model';
import { firstOf, lastOf } from './match-view.ts';
import type { KeptRow } from './match-view.ts';
import { PartialMatch } from './partial-match.ts';
import type { Finding } from './partial-match.ts';
import { ACCEPT } from './pattern-graph.ts';
import type { PatternEdge, PatternGraph } from './pattern-graph.ts';
import type { RowTests } from './row-tests.ts';

const NONE: readonly PatternEdge[] = [];

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
  /** Rows of the longest partial match. */
  longest = 0;
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
    this.#measure();
  }

  /** Makes what grows from a partial match by a row, and closes the edges that the row closes. */
  #grow(partial: PartialMatch | undefined, open: readonly PatternEdge[], kept: KeptRow, next: PartialMatch[], findings: Finding[]): void {
    const fitting = this.#fitting(open, partial);
    if (fitting.length > 0) this.#takeEdges(partial, fitting, kept, next, findings);
    if (partial !== undefined) this.#keepOpen(partial, fitting, kept.timestamp, findings);
  }

  #fitting(open: readonly PatternEdge[], partial: PartialMatch | undefined): readonly PatternEdge[] {
    let fitting: PatternEdge[] | undefined;
    for (const edge of open) if (this.#fits(edge, partial)) (fitting ??= []).push(edge);
    return fitting ?? NONE;
  }

  #takeEdges(partial: PartialMatch | undefined, fitting: readonly PatternEdge[], kept: KeptRow, next: PartialMatch[], findings: Finding[]): void {
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
  }

  #keepOpen(partial: PartialMatch, fitting: readonly PatternEdge[], timestamp: Timestamp, findings: Finding[]): void {
    const { open } = partial;
    let kept = 0;
    while (kept < open.length && this.#staysOpen(open[kept]!, partial, fitting)) kept++;
    if (kept === open.length) return;
    const accepted = open.some((edge) => edge.target === ACCEPT && fitting.includes(edge) && !yields(edge, fitting));
    if (accepted && !partial.isComplete) complete(partial, timestamp, findings);
    partial.wait(open.filter((edge, index) => index < kept || (index > kept && this.#staysOpen(edge, partial, fitting))), this.#graph.within);
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
    this.#measure();
  }

  /** Lets out what nothing that began earlier can discard any more. O(held log held). */
  #release(findings: readonly Finding[], found: Findings): void {
    const held = [...this.held, ...findings].sort((a, b) => a.partial.first.ordinal - b.partial.first.ordinal);
    const { live } = this;
    // Discarded is what begins before this row, of all that is not let out yet.
    let from = 0;
    let firstHeld = 0;
    let firstLive = 0;
    for (; firstHeld < held.length; firstHeld++) {
      const finding = held[firstHeld]!;
      const start = finding.partial.first.ordinal;
      while (firstLive < live.length && live[firstLive]!.first.ordinal < from) firstLive++;
      if (firstLive < live.length && live[firstLive]!.first.ordinal < start) break;
      if (start < from) continue;
      found(finding);
      if (finding.kind === 'match') from = Math.max(from, this.#discardsBefore(finding.partial));
    }
    this.live = live.filter(({ first }) => first.ordinal >= from);
    this.held = held.slice(firstHeld).filter(({ partial }) => partial.first.ordinal >= from);
  }

  /** What begins before this row, and is decided after the match, is discarded. */
  #discardsBefore(match: PartialMatch): number {
    const { kind, step } = this.#graph.afterMatch;
    if (kind === 'next') return match.first.ordinal + 1;
    if (kind === 'past-last') return match.kept.ordinal + 1;
    const number = this.#graph.steps.findIndex(({ name }) => name === step);
    return (kind === 'first' ? firstOf(match, number) : lastOf(match, number))?.ordinal ?? 0;
  }

  #measure(): void {
    let deadline = Number.POSITIVE_INFINITY;
    let longest = 0;
    for (const partial of this.live) {
      if (partial.deadline < deadline) deadline = partial.deadline;
      if (partial.length > longest) longest = partial.length;
    }
    this.deadline = deadline;
    this.longest = longest;
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
