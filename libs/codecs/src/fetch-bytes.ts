/** Zeros behind what was loaded and behind each text: what damage runs into, and what the interner reads past an end. */
const PADDING = 32;

/** A text that is the same for many rows, such as the name of an enum's symbol; it lies in the buffer once for each fetch that needs it. */
export class ConstantText {
  readonly bytes: Uint8Array;
  /** The fetch for which the place below holds. */
  fetch: object | undefined;
  start = 0;

  constructor(text: string) {
    this.bytes = Buffer.from(text, 'utf8');
  }
}

/**
 * A copy of the bytes of one fetch, with room behind it for texts that do not stand in it as they are read: unescaped, converted,
 * constant. So a column of texts is positions in one buffer. Reused; `bytes` may be another buffer after any call.
 */
export class FetchBytes {
  bytes: Buffer = Buffer.alloc(0);
  #used = 0;
  /** Stands for what was loaded last. */
  #loaded: object = {};

  /** Takes over the bytes of a fetch, to position 0. */
  load(bytes: Uint8Array): Uint8Array {
    this.#loaded = {};
    this.#used = 0;
    this.reserve(bytes.length + PADDING);
    this.bytes.set(bytes);
    this.bytes.fill(0, bytes.length, bytes.length + PADDING);
    this.#used = bytes.length + PADDING;
    return this.bytes.subarray(0, bytes.length);
  }

  /** Where the next text would begin. */
  get end(): number {
    return this.#used;
  }

  /** Makes room for so many bytes at `end`, and for the zeros behind them. */
  reserve(length: number): void {
    const needed = this.#used + length + PADDING;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.alloc(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.#used);
    this.bytes = grown;
  }

  /** Bytes up to this position were written behind `end`. */
  advance(end: number): void {
    this.#used = end;
  }

  /** Puts bytes at `end`; answers where they begin. */
  append(text: Uint8Array): number {
    this.reserve(text.length);
    const start = this.#used;
    this.bytes.set(text, start);
    this.#used += text.length;
    return start;
  }

  /** Where a constant text begins. */
  place(constant: ConstantText): number {
    if (constant.fetch !== this.#loaded) {
      constant.start = this.append(constant.bytes);
      constant.fetch = this.#loaded;
    }
    return constant.start;
  }
}
