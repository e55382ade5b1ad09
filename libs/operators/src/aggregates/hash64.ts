const TEXT_SEED = 0x2545f491;
const NUMBER_SEED = 0x6a09e667;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/**
 * A 64-bit hash of a text or a number, as two 32-bit halves: the rounds and the finish of MurmurHash3_x86_128 (Appleby, 2011) in two
 * lanes, over the UTF-16 code units of a text or the two words of a double. Not for secrets: whoever knows it can make collisions.
 */
export class Hash64 {
  /** Unsigned 32 bits. */
  high = 0;
  /** Unsigned 32 bits. */
  low = 0;
  #a = 0;
  #b = 0;

  /** The number 1 and the text '1' differ; 0 and -0 do not. */
  of(value: string | number): void {
    if (typeof value === 'string') this.ofText(value);
    else this.ofNumber(value);
  }

  ofText(text: string): void {
    this.#a = this.#b = TEXT_SEED;
    for (let i = 0; i < text.length; i++) this.#round(text.charCodeAt(i));
    this.#finish(text.length);
  }

  ofNumber(value: number): void {
    this.#a = this.#b = NUMBER_SEED;
    float[0] = value + 0;
    // The typed array lies in the order of the machine; every machine that runs this is little-endian.
    this.#round(words[0]!);
    this.#round(words[1]!);
    this.#finish(8);
  }

  #round(word: number): void {
    let a = this.#a ^ Math.imul(rotated(Math.imul(word, 0x239b961b), 15), 0xab0e9789 | 0);
    a = (Math.imul((rotated(a, 19) + this.#b) | 0, 5) + 0x561ccd1b) | 0;
    let b = this.#b ^ Math.imul(rotated(Math.imul(word, 0x38b34ae5), 18), 0xa1e38b93 | 0);
    b = (Math.imul((rotated(b, 13) + a) | 0, 5) + 0x32ac3b17) | 0;
    this.#a = a;
    this.#b = b;
  }

  #finish(length: number): void {
    let a = this.#a ^ length;
    let b = this.#b ^ length;
    a = (a + b) | 0;
    b = (b + a) | 0;
    a = mixed(a);
    b = mixed(b);
    a = (a + b) | 0;
    b = (b + a) | 0;
    this.high = a >>> 0;
    this.low = b >>> 0;
  }
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function mixed(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
