import { setTimeout as sleep } from 'node:timers/promises';

/** In the time of the shop. */
const LOOK_BACK_MILLISECONDS = 12 * 3_600_000;

interface Page {
  readonly rows: readonly { readonly key: string; readonly window: { readonly end: number }; readonly label: { readonly paneTiming: string } }[];
}

/** Asks the API again and again, and remembers when it first showed the end of each hour. */
export class Watcher {
  /** By end of the hour: when the last of its rows was shown for the first time. */
  readonly shownAt = new Map<number, number>();
  /** Milliseconds that each answer took. */
  readonly answers: number[] = [];
  readonly #url: string;
  readonly #pauseMilliseconds: number;
  readonly #shown = new Set<string>();
  #newest = 0;
  #stopping = false;
  #ended: Promise<void> | undefined;

  constructor(url: string, pauseMilliseconds: number) {
    this.#url = url;
    this.#pauseMilliseconds = pauseMilliseconds;
  }

  begin(): void {
    this.#ended = this.#run();
    // Whoever stops it hears of its failure; why the API went away is told by the API's own end.
    this.#ended.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    for (; !this.#stopping; await sleep(this.#pauseMilliseconds)) {
      const since = performance.now();
      // A client that follows the present asks for the newest windows only.
      const from = this.#newest === 0 ? '' : `&from=${this.#newest - LOOK_BACK_MILLISECONDS}`;
      const page = (await (await fetch(`${this.#url}${from}`)).json()) as Page;
      const now = performance.now();
      this.answers.push(now - since);
      for (const { key, window, label } of page.rows) {
        const row = `${window.end} ${key}`;
        if (label.paneTiming === 'early' || this.#shown.has(row)) continue;
        this.#shown.add(row);
        this.#newest = Math.max(this.#newest, window.end);
        this.shownAt.set(window.end, now);
      }
    }
  }
}
