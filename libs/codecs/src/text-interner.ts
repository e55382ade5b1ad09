import type { Dictionary } from '@weir/model';
import { NULL_ID } from '@weir/model';

/** How the bytes of a text are to be read: as UTF-8, or as what stands between the quotes of a JSON string. */
const PLAIN = 0;
const ESCAPED = 1;

const MULTIPLIER = 0x2c1b3c6d;
const REPLACEMENT = '\ufffd';
/** Bytes are read four at a time, so this many behind a text must be there to be read. */
const WORD = 4;

/**
 * Texts lie in the arena, each behind its hash, its id and its length (complemented when ESCAPED), so that a look-up touches one
 * line of the table and one of the arena. A place of the table holds where that is, in aligned units, and some bits of the hash.
 */
const HEADER_WORDS = 3;
const ALIGNMENT_SHIFT = 3;
const TAG_BITS = 4;
const TAG_MASK = (1 << TAG_BITS) - 1;
const TAG_SHIFT = 32 - TAG_BITS;

/** A dictionary is full past this many texts, counted by their spellings, */
const MAX_ENTRIES = 1 << 17;
/** or past this many bytes. */
const MAX_ARENA_BYTES = 1 << 25;

/**
 * Gives each distinct text of a column one id, without building a string for bytes that it has seen: they are hashed and compared
 * with those it keeps. Never forgets; its owner starts a new one when it is full.
 */
export class TextInterner implements Dictionary {
  readonly #texts: string[] = [];
  #table = new Int32Array(256);
  #entries = 0;
  #arena = new Int32Array(1_024);
  /** In bytes. The beginning is left free, because 0 stands for an empty place. */
  #arenaEnd = 1 << ALIGNMENT_SHIFT;
  /** Texts that UTF-8 cannot hold: with a lone surrogate. */
  readonly #odd = new Map<string, number>();

  get size(): number {
    return this.#texts.length;
  }

  get isFull(): boolean {
    return this.#entries > MAX_ENTRIES || this.#arenaEnd > MAX_ARENA_BYTES;
  }

  text(id: number): string {
    return this.#texts[id]!;
  }

  /**
   * Ids of the texts at bytes[starts[i], ends[i]) for i < length; an end is complemented when there are escapes in the text, a
   * negative start is null. Four bytes behind each text must be there to be read.
   */
  internColumn(bytes: Buffer, starts: Int32Array, ends: Int32Array, length: number, ids: Int32Array): void {
    const view = viewOf(bytes);
    for (let i = 0; i < length; i++) {
      const start = starts[i]!;
      const end = ends[i]!;
      if (start < 0) ids[i] = NULL_ID;
      else ids[i] = end >= 0 ? this.#intern(bytes, view, start, end, PLAIN) : this.#intern(bytes, view, start, ~end, ESCAPED);
    }
  }

  #intern(bytes: Buffer, view: DataView, from: number, to: number, form: number): number {
    const length = form === PLAIN ? to - from : ~(to - from);
    let hash = length;
    let read = from;
    for (; read + WORD <= to; read += WORD) {
      hash = Math.imul(hash ^ view.getInt32(read, true), MULTIPLIER);
      hash ^= hash >>> 15;
    }
    if (read < to) {
      // The shift leaves out the bytes behind the text.
      hash = Math.imul(hash ^ (view.getInt32(read, true) << (8 * (read + WORD - to))), MULTIPLIER);
      hash ^= hash >>> 15;
    }
    const table = this.#table;
    const arena = this.#arena;
    const mask = table.length - 1;
    for (let place = hash & mask; table[place] !== 0; place = (place + 1) & mask) {
      const entry = table[place]!;
      if ((entry & TAG_MASK) !== hash >>> TAG_SHIFT) continue;
      const at = wordOf(entry);
      if (arena[at] === hash && arena[at + 2] === length && holds(arena, at + HEADER_WORDS, view, from, to)) return arena[at + 1]!;
    }
    return this.#add(bytes, from, to, form, hash);
  }

  /** Enters bytes that are new; the text they are may be known, by other bytes. */
  #add(bytes: Buffer, from: number, to: number, form: number, hash: number): number {
    const text = form === PLAIN ? bytes.toString('utf8', from, to) : (JSON.parse(`"${bytes.toString('utf8', from, to)}"`) as string);
    const isItself = form === PLAIN && !(text.includes(REPLACEMENT) && Buffer.compare(Buffer.from(text), bytes.subarray(from, to)) !== 0);
    const id = isItself ? this.#texts.push(text) - 1 : this.#internText(text);
    const length = to - from;
    this.#reserve(length);
    const at = this.#arenaEnd / WORD;
    this.#arena[at] = hash;
    this.#arena[at + 1] = id;
    this.#arena[at + 2] = form === PLAIN ? length : ~length;
    bytes.copy(bytesOf(this.#arena), (at + HEADER_WORDS) * WORD, from, to);
    enter(this.#table, this.#arenaEnd, hash);
    this.#arenaEnd = this.#endWith(length);
    return id;
  }

  #internText(text: string): number {
    if (text.isWellFormed()) {
      const length = Buffer.byteLength(text);
      const bytes = Buffer.alloc(length + WORD);
      bytes.write(text);
      return this.#intern(bytes, viewOf(bytes), 0, length, PLAIN);
    }
    let id = this.#odd.get(text);
    if (id === undefined) {
      id = this.#texts.push(text) - 1;
      this.#odd.set(text, id);
    }
    return id;
  }

  /** Where the arena ends with one more text of so many bytes. */
  #endWith(length: number): number {
    const last = this.#arenaEnd + HEADER_WORDS * WORD + length - 1;
    return (last | ((1 << ALIGNMENT_SHIFT) - 1)) + 1;
  }

  /** Makes room for one more text of so many bytes. */
  #reserve(length: number): void {
    const end = this.#endWith(length);
    if (end > this.#arena.length * WORD) {
      const arena = new Int32Array(Math.max(this.#arena.length * 2, end / WORD));
      arena.set(this.#arena);
      this.#arena = arena;
    }
    if (++this.#entries * 2 <= this.#table.length) return;
    const table = new Int32Array(this.#table.length * 4);
    for (const entry of this.#table) if (entry !== 0) enter(table, wordOf(entry) * WORD, this.#arena[wordOf(entry)]!);
    this.#table = table;
  }
}

/** Enters the text whose header is at this byte of the arena. */
function enter(table: Int32Array, at: number, hash: number): void {
  const mask = table.length - 1;
  let place = hash & mask;
  while (table[place] !== 0) place = (place + 1) & mask;
  table[place] = ((at >>> ALIGNMENT_SHIFT) << TAG_BITS) | (hash >>> TAG_SHIFT);
}

/** The word of the arena at which the header of a text is. */
function wordOf(entry: number): number {
  return (entry >>> TAG_BITS) << (ALIGNMENT_SHIFT - 2);
}

/** Whether the text at this word of the arena is the one at [from, to). */
function holds(arena: Int32Array, word: number, view: DataView, from: number, to: number): boolean {
  let at = word;
  let other = from;
  for (; other + WORD <= to; other += WORD) if (arena[at++] !== view.getInt32(other, true)) return false;
  return other === to || (arena[at]! ^ view.getInt32(other, true)) << (8 * (other + WORD - to)) === 0;
}

function bytesOf(words: Int32Array): Buffer {
  return Buffer.from(words.buffer as ArrayBuffer, words.byteOffset, words.byteLength);
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
