import { amendedRows } from '@weir/views';
import type { ServedRow, SpeedRow, View, ViewQueryOptions } from '@weir/views';
import type { ViewStore } from './view-store.ts';

/** An answer is not kept for longer, whatever is heard: a writer might not announce what it writes. */
const LONGEST_MILLISECONDS = 250;
const MOST_ANSWERS = 64;
/** What was asked for within this time is looked up anew as soon as it has changed: whoever asked so often is about to ask again. */
const EAGER_MILLISECONDS = 100;
const MOST_EAGER = 4;
/** Larger answers are not kept. */
const MOST_ROWS = 1_000;

interface Kept {
  readonly view: View;
  readonly options: ViewQueryOptions;
  readonly change: number;
  readonly since: number;
  rows: Promise<readonly ServedRow[]>;
  isSettled: boolean;
  /** When somebody asked for it last. */
  askedAt: number;
}

export interface KeptAnswersOptions {
  readonly store: ViewStore;
  /** Whether every announcement arrives at `amend` or `changed`. */
  readonly isHearing: () => boolean;
  /** In milliseconds; default the monotonic clock. */
  readonly now?: () => number;
}

/**
 * A store that answers the same question from memory, with the rows that are announced, until other changes of the view are. Those who
 * ask for the same while it is looked up share the answer. A view of which no change was ever announced is asked for each time.
 */
export class KeptAnswers implements ViewStore {
  readonly #store: ViewStore;
  readonly #isHearing: () => boolean;
  readonly #now: () => number;
  /** Announced changes by view. */
  readonly #changes = new Map<string, number>();
  /** The oldest first. */
  readonly #answers = new Map<string, Kept>();

  constructor({ store, isHearing, now = () => performance.now() }: KeptAnswersOptions) {
    this.#store = store;
    this.#isHearing = isHearing;
    this.#now = now;
  }

  /** Rows of a view are announced, and nothing else is changed by them: what is kept has them from now on. */
  amend(view: View, rows: readonly SpeedRow[]): void {
    if (!this.#changes.has(view.name)) this.#changes.set(view.name, 0);
    for (const [question, kept] of this.#answers) {
      if (kept.view !== view) continue;
      kept.rows = kept.rows.then((found) => {
        const amended = amendedRows(view, kept.options, found, rows);
        // The store can tell.
        if (amended === undefined) this.#forget(question, kept);
        return amended ?? found;
      });
      kept.rows.catch(() => this.#forget(question, kept));
    }
  }

  /** What was kept of a view is no longer answered; what is asked for all the time is looked up at once. */
  changed({ name }: View): void {
    this.#changes.set(name, (this.#changes.get(name) ?? 0) + 1);
    const now = this.#now();
    const eager = [...this.#answers].filter(([, { view, isSettled, askedAt }]) => view.name === name && isSettled && now - askedAt < EAGER_MILLISECONDS);
    // If that fails, whoever asks next asks the store, and is told.
    for (const [question, { view, options, askedAt }] of eager.slice(-MOST_EAGER)) void this.#lookUp(question, view, options, askedAt);
  }

  async rows(view: View, options: ViewQueryOptions): Promise<readonly ServedRow[]> {
    const change = this.#changes.get(view.name);
    if (change === undefined || !this.#isHearing() || options.limit > MOST_ROWS) return this.#store.rows(view, options);
    const question = JSON.stringify([view.name, options], (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value));
    const now = this.#now();
    const kept = this.#answers.get(question);
    if (kept === undefined || kept.change !== change || now - kept.since >= LONGEST_MILLISECONDS) return this.#lookUp(question, view, options, now);
    kept.askedAt = now;
    return kept.rows;
  }

  ping(): Promise<void> {
    return this.#store.ping();
  }

  #lookUp(question: string, view: View, options: ViewQueryOptions, askedAt: number): Promise<readonly ServedRow[]> {
    const rows = this.#store.rows(view, options);
    const kept: Kept = { view, options, change: this.#changes.get(view.name)!, since: this.#now(), rows, isSettled: false, askedAt };
    this.#answers.delete(question);
    this.#answers.set(question, kept);
    if (this.#answers.size > MOST_ANSWERS) this.#answers.delete(this.#answers.keys().next().value!);
    rows.then(
      () => (kept.isSettled = true),
      () => this.#forget(question, kept),
    );
    return rows;
  }

  #forget(question: string, kept: Kept): void {
    if (this.#answers.get(question) === kept) this.#answers.delete(question);
  }
}
