import type { Dictionary } from '@weir/model';

const HASH_SEED = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;
const REPLACEMENT = '\ufffd';

/**
 * Gives each distinct text of a column one id, without building a string for a text that it knows: bytes are hashed (FNV-1a) and
 * compared with those it keeps. Never forgets; its owner starts a new one when it is full.
 */
export class TextInterner implements Dictionary {
  readonly #texts: string[] = [];
  /** Hash table of ids + 1; 0 is empty. */
  #table = new Int32Array(256);
  #hashes = new Int32Array(128);
  /** Where the bytes of an id lie in the arena: [ends[id - 1], ends[id]). */
  #ends = new Int32Array(128);
  #arena = Buffer.allocUnsafe(4096);
  /** Texts that UTF-8 cannot hold: with a lone surrogate. */
  readonly #odd = new Map<string, number>();

  get size(): number {
    return this.#texts.length;
  }

  text(id: number): string {
    return this.#texts[id]!;
  }

  /** Id of the text that bytes[from, to) are in UTF-8; bytes that are not become U+FFFD, as everywhere in Node. */
  internBytes(bytes: Buffer, from: number, to: number): number {
    let hash = HASH_SEED;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, HASH_PRIME);
    const table = this.#table;
    const mask = table.length - 1;
    let place = (hash ^ (hash >>> 15)) & mask;
    for (let entry = table[place]!; entry !== 0; entry = table[place]!) {
      const id = entry - 1;
      if (this.#hashes[id] === hash && this.#holds(id, bytes, from, to)) return id;
      place = (place + 1) & mask;
    }
    const text = bytes.toString('utf8', from, to);
    // Damaged bytes read as U+FFFD like others do, so such a text is looked up by what it reads as.
    if (text.includes(REPLACEMENT) && Buffer.byteLength(text) !== to - from) return this.internText(text);
    return this.#add(text, hash, place, bytes, from, to);
  }

  internText(text: string): number {
    if (text.isWellFormed()) {
      const bytes = Buffer.from(text, 'utf8');
      return this.internBytes(bytes, 0, bytes.length);
    }
    let id = this.#odd.get(text);
    if (id === undefined) {
      id = this.#texts.length;
      this.#reserve(id, 0);
      this.#ends[id] = id === 0 ? 0 : this.#ends[id - 1]!;
      this.#texts.push(text);
      this.#odd.set(text, id);
    }
    return id;
  }

  #holds(id: number, bytes: Buffer, from: number, to: number): boolean {
    let at = id === 0 ? 0 : this.#ends[id - 1]!;
    if (this.#ends[id]! - at !== to - from) return false;
    const arena = this.#arena;
    for (let other = from; other < to; other++) if (arena[at++] !== bytes[other]) return false;
    return true;
  }

  #add(text: string, hash: number, place: number, bytes: Buffer, from: number, to: number): number {
    const id = this.#texts.length;
    this.#reserve(id, to - from);
    const start = id === 0 ? 0 : this.#ends[id - 1]!;
    bytes.copy(this.#arena, start, from, to);
    this.#ends[id] = start + to - from;
    this.#hashes[id] = hash;
    this.#texts.push(text);
    this.#table[place] = id + 1;
    if (this.#texts.length * 2 > this.#table.length) this.#rehash();
    return id;
  }

  #reserve(id: number, bytes: number): void {
    if (id >= this.#ends.length) {
      this.#ends = doubled(this.#ends);
      this.#hashes = doubled(this.#hashes);
    }
    const used = id === 0 ? 0 : this.#ends[id - 1]!;
    if (used + bytes <= this.#arena.length) return;
    const arena = Buffer.allocUnsafe(Math.max(this.#arena.length * 2, used + bytes));
    this.#arena.copy(arena, 0, 0, used);
    this.#arena = arena;
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 4);
    const mask = table.length - 1;
    const odd = new Set(this.#odd.values());
    for (let id = 0; id < this.#texts.length; id++) {
      if (odd.has(id)) continue;
      const hash = this.#hashes[id]!;
      let place = (hash ^ (hash >>> 15)) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = id + 1;
    }
    this.#table = table;
  }
}

function doubled(ints: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(ints.length * 2);
  grown.set(ints);
  return grown;
}
