import { BACKSLASH, IS_ESCAPE, IS_HEX, PLAIN, QUOTE, STRING_CLASS } from './byte-class.ts';
import { MAX_DEPTH } from './trouble.ts';

/** What no position is: the text is not JSON. */
export const SYNTAX_ERROR = -1;

/** Whole numbers of so many digits are exact in a double, */
const EXACT_DIGITS = 15;
/** and so are these. */
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

const OBJECT = 1;
const ARRAY = 0;

/**
 * The tokens of RFC 8259 over bytes[.., end). Every method takes the position where its token begins and answers the one behind
 * it, or SYNTAX_ERROR. Reading past `end` reads bytes of the next record, which the callers' bound checks then refuse.
 */
export class JsonLexer {
  bytes: Buffer = Buffer.alloc(0);
  end = 0;
  /** Whether the last string had an escape. */
  escaped = false;
  /** The value of the last number; in an array, where a double is not an object. */
  readonly number = new Float64Array(1);
  /** Whether something nested deeper than MAX_DEPTH since this was last set to false. */
  tooDeep = false;
  /** Kind of each open bracket. */
  #stack = new Uint8Array(64);

  /** Behind white space. */
  space(at: number): number {
    const bytes = this.bytes;
    let byte = bytes[at]!;
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at]!;
    return at;
  }

  /** `at` is behind the opening quote; answers the position of the closing one. */
  stringEnd(at: number): number {
    const bytes = this.bytes;
    const end = this.end;
    const classes = STRING_CLASS;
    this.escaped = false;
    for (;;) {
      // No bound in the loop: it stops at the next record's bytes at the latest, and then the end has been passed.
      while (classes[bytes[at]!] === PLAIN) at++;
      if (at >= end) return SYNTAX_ERROR;
      if (classes[bytes[at]!] === QUOTE) return at;
      if (classes[bytes[at]!] !== BACKSLASH) return SYNTAX_ERROR;
      this.escaped = true;
      at = this.#escapeEnd(at + 1);
      if (at === SYNTAX_ERROR) return SYNTAX_ERROR;
    }
  }

  /** A number; its value is in `number`. Up to 15 digits of a whole number are exact in a double, so they are added up here. */
  numberEnd(at: number): number {
    const bytes = this.bytes;
    const end = this.end;
    const from = at;
    const negative = bytes[at] === 0x2d;
    if (negative) at++;
    const digits = at;
    let value = 0;
    let digit = bytes[at]! - 0x30;
    while (digit >= 0 && digit <= 9 && at < end) {
      value = value * 10 + digit;
      digit = bytes[++at]! - 0x30;
    }
    if (at > end) return SYNTAX_ERROR;
    const length = at - digits;
    if (length === 0 || (length > 1 && bytes[digits] === 0x30)) return SYNTAX_ERROR;
    const next = bytes[at];
    if (at < end && next === 0x2e && length <= EXACT_DIGITS) return this.#decimalEnd(from, at, value, EXACT_DIGITS - length);
    if (at < end && (next === 0x2e || next === 0x65 || next === 0x45)) return this.#fractionEnd(from, at);
    this.number[0] = length > EXACT_DIGITS ? Number(bytes.toString('latin1', from, at)) : negative ? -value : value;
    return at;
  }

  literalEnd(at: number, literal: string): number {
    if (at + literal.length > this.end) return SYNTAX_ERROR;
    for (let i = 1; i < literal.length; i++) if (this.bytes[at + i] !== literal.charCodeAt(i)) return SYNTAX_ERROR;
    return at + literal.length;
  }

  /** Any value that begins at `at` (white space is behind), in `outer` brackets already. Iterative, so that no nesting overflows the stack. */
  valueEnd(at: number, outer: number): number {
    let depth = 0;
    for (;;) {
      // At the beginning of a value.
      if (at >= this.end) return SYNTAX_ERROR;
      const byte = this.bytes[at]!;
      if (byte === 0x7b || byte === 0x5b) {
        const close = this.space(at + 1);
        if (this.bytes[close] === byte + 2 && close < this.end) {
          if (outer + depth + 1 > MAX_DEPTH) this.tooDeep = true;
          at = close + 1;
        } else {
          if (outer + depth + 1 > MAX_DEPTH) this.tooDeep = true;
          this.#push(depth++, byte === 0x7b ? OBJECT : ARRAY);
          at = byte === 0x7b ? this.nameEnd(close) : close;
          if (at === SYNTAX_ERROR) return SYNTAX_ERROR;
          continue;
        }
      } else {
        at = this.scalarEnd(at);
        if (at === SYNTAX_ERROR) return SYNTAX_ERROR;
      }
      // Behind a value: close what closes here, then go on to the next one.
      for (;;) {
        if (depth === 0) return at;
        at = this.space(at);
        if (at >= this.end) return SYNTAX_ERROR;
        const isObject = this.#stack[depth - 1] === OBJECT;
        if (this.bytes[at] === 0x2c) {
          at = this.space(at + 1);
          if (isObject) at = this.nameEnd(at);
          if (at === SYNTAX_ERROR) return SYNTAX_ERROR;
          break;
        }
        if (this.bytes[at] !== (isObject ? 0x7d : 0x5d)) return SYNTAX_ERROR;
        at++;
        depth--;
      }
    }
  }

  /** A value that is no array and no object. */
  scalarEnd(at: number): number {
    switch (this.bytes[at]) {
      case 0x22: {
        const close = this.stringEnd(at + 1);
        return close === SYNTAX_ERROR ? SYNTAX_ERROR : close + 1;
      }
      case 0x74:
        return this.literalEnd(at, 'true');
      case 0x66:
        return this.literalEnd(at, 'false');
      case 0x6e:
        return this.literalEnd(at, 'null');
      default:
        return this.numberEnd(at);
    }
  }

  /** A member's name, its colon, and the white space around: answers where the value begins. */
  nameEnd(at: number): number {
    if (at >= this.end || this.bytes[at] !== 0x22) return SYNTAX_ERROR;
    const close = this.stringEnd(at + 1);
    return close === SYNTAX_ERROR ? SYNTAX_ERROR : this.colonEnd(close + 1);
  }

  colonEnd(at: number): number {
    const colon = this.space(at);
    return colon < this.end && this.bytes[colon] === 0x3a ? this.space(colon + 1) : SYNTAX_ERROR;
  }

  #escapeEnd(at: number): number {
    const byte = this.bytes[at]!;
    if (at >= this.end) return SYNTAX_ERROR;
    if (IS_ESCAPE[byte] === 1) return at + 1;
    if (byte !== 0x75 || at + 5 > this.end) return SYNTAX_ERROR;
    for (let i = 1; i <= 4; i++) if (IS_HEX[this.bytes[at + i]!] === 0) return SYNTAX_ERROR;
    return at + 5;
  }

  /** A fraction behind `value` of at most so many digits more: a whole number by a power of ten, both exact, so that only the quotient is rounded. */
  #decimalEnd(from: number, point: number, value: number, room: number): number {
    const bytes = this.bytes;
    const end = this.end;
    let at = point + 1;
    let digit = bytes[at]! - 0x30;
    while (digit >= 0 && digit <= 9 && at < end) {
      value = value * 10 + digit;
      digit = bytes[++at]! - 0x30;
    }
    const digits = at - point - 1;
    if (digits === 0 || digits > room || (at < end && (bytes[at] === 0x65 || bytes[at] === 0x45))) return this.#fractionEnd(from, point);
    const quotient = value / POWERS_OF_TEN[digits]!;
    this.number[0] = bytes[from] === 0x2d ? -quotient : quotient;
    return at;
  }

  #fractionEnd(from: number, at: number): number {
    const bytes = this.bytes;
    if (bytes[at] === 0x2e) {
      at = this.#digitsEnd(at + 1);
      if (at === SYNTAX_ERROR) return SYNTAX_ERROR;
    }
    if (at < this.end && (bytes[at] === 0x65 || bytes[at] === 0x45)) {
      const sign = bytes[at + 1];
      at = this.#digitsEnd(at + (sign === 0x2b || sign === 0x2d ? 2 : 1));
      if (at === SYNTAX_ERROR) return SYNTAX_ERROR;
    }
    this.number[0] = Number(bytes.toString('latin1', from, at));
    return at;
  }

  /** At least one digit. */
  #digitsEnd(at: number): number {
    const from = at;
    while (at < this.end && this.bytes[at]! >= 0x30 && this.bytes[at]! <= 0x39) at++;
    return at === from ? SYNTAX_ERROR : at;
  }

  #push(depth: number, kind: number): void {
    if (depth >= this.#stack.length) {
      const grown = new Uint8Array(this.#stack.length * 2);
      grown.set(this.#stack);
      this.#stack = grown;
    }
    this.#stack[depth] = kind;
  }
}
