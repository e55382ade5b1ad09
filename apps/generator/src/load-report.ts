import type { Clock } from '@weir/model';
import type { LoadProgress } from './load.ts';

const BAR = 28;
const PLAIN_EVERY_MILLISECONDS = 2_000;

/** Shows a load: messages to a supervisor, a bar on a terminal, a line now and then elsewhere. */
export class LoadReport {
  readonly #clock: Clock;
  readonly #started: number;
  #firstDone: number | null = null;
  #lastPlain = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#started = clock.now();
  }

  show(progress: LoadProgress): void {
    if (process.send !== undefined) {
      process.send({ progress });
      return;
    }
    const { done, total } = progress;
    this.#firstDone ??= done;
    const now = this.#clock.now();
    const rate = Math.round(((done - this.#firstDone) * 1_000) / Math.max(1, now - this.#started));
    const text = `${done.toLocaleString('en')} of ${total.toLocaleString('en')} lines, ${rate.toLocaleString('en')} a second`;
    if (process.stdout.isTTY) {
      const full = Math.round((BAR * done) / total);
      process.stdout.write(`\r\x1b[2K${'█'.repeat(full)}${'░'.repeat(BAR - full)}  ${text}${done === total ? '\n' : ''}`);
    } else if (done === total || now - this.#lastPlain >= PLAIN_EVERY_MILLISECONDS) {
      this.#lastPlain = now;
      console.log(text);
    }
  }
}
