/** Announcements that may wait; when there are more, they become one that names no rows. */
const MOST_WAITING = 16;

/**
 * Announces what has changed in a view, one announcement at a time and in order. Who misses one only hears later of what it could have
 * asked for, so a failure is a warning.
 */
export class Announcements {
  readonly #view: string;
  readonly #announce: (text: string) => Promise<void>;
  readonly #warn: (message: string) => void;
  #waiting: string[] = [];
  #isUnderWay = false;

  constructor(view: string, announce: (text: string) => Promise<void>, warn: (message: string) => void) {
    this.#view = view;
    this.#announce = announce;
    this.#warn = warn;
  }

  /** The table has other rows than before, whichever they are. */
  changed(): void {
    this.tell(this.#view);
  }

  /** Announces a text: the view's name, or `announcementOf` some rows. */
  tell(text: string): void {
    if (this.#waiting.at(-1) === this.#view && text === this.#view) return;
    this.#waiting.push(text);
    if (this.#waiting.length > MOST_WAITING) this.#waiting = [this.#view];
    if (!this.#isUnderWay) void this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    this.#isUnderWay = true;
    for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
      await this.#announce(text).catch((error: unknown) => this.#warn(`A change was not announced: ${String(error)}`));
    }
    this.#isUnderWay = false;
  }
}
