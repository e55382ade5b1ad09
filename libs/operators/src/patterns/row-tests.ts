import { MatchView } from './match-view.ts';
import type { Taken } from './match-view.ts';
import type { PatternGraph, Test } from './pattern-graph.ts';

/** Answers the conditions of a pattern for one row at a time; one that does not look at the match is asked once for each row. */
export class RowTests {
  readonly #views: readonly MatchView[];
  /** By test: the turn of which the answer is known, and the answer. */
  readonly #turns: Float64Array;
  readonly #answers: Uint8Array;
  #row: unknown;
  #turn = 0;

  constructor({ tests, steps }: PatternGraph) {
    const names = steps.map(({ name }) => name);
    this.#views = tests.map(({ lists }) => new MatchView(names, lists));
    this.#turns = new Float64Array(tests.length);
    this.#answers = new Uint8Array(tests.length);
  }

  /** Turns to the next row. */
  begin(row: unknown): void {
    this.#row = row;
    this.#turn++;
  }

  holds({ id, condition }: Test, match: Taken | undefined): boolean {
    if (this.#turns[id] === this.#turn) return this.#answers[id] === 1;
    const view = this.#views[id]!;
    view.show(match);
    const answer = condition(this.#row, view.rows);
    if (!view.wasRead) {
      this.#turns[id] = this.#turn;
      this.#answers[id] = answer ? 1 : 0;
    }
    return answer;
  }

  anyHolds(tests: readonly Test[], match: Taken | undefined): boolean {
    for (const test of tests) if (this.holds(test, match)) return true;
    return false;
  }
}
