/**
 * Announces that something has changed: one announcement is under way at a time, and changes meanwhile are told by the next one. Who misses
 * one only hears later of what it could have asked for, so a failure is a warning.
 */
export class Announcements {
  readonly #announce: () => Promise<void>;
  readonly #warn: (message: string) => void;
  #isDue = false;
  #isUnderWay = false;

  constructor(announce: () => Promise<void>, warn: (message: string) => void) {
    this.#announce = announce;
    this.#warn = warn;
  }

  changed(): void {
    this.#isDue = true;
    if (!this.#isUnderWay) void this.#tell();
  }

  async #tell(): Promise<void> {
    this.#isUnderWay = true;
    while (this.#isDue) {
      this.#isDue = false;
      await this.#announce().catch((error: unknown) => this.#warn(`A change was not announced: ${String(error)}`));
    }
    this.#isUnderWay = false;
  }
}
