import type { Batch, Dictionary, Key, KeySelector, KeyTable } from '@weir/model';
import { NULL_ID, WeirError } from '@weir/model';

const UNKNOWN = -1;

/** Keys in a Map, with a direct id-to-slot table for the dictionary of a string column, so that a row costs one array read. */
export class HeapKeyTable implements KeyTable {
  readonly #slots = new Map<Key, number>();
  #keys: (Key | undefined)[] = [];
  readonly #free: number[] = [];
  /** Whose ids the next two are about. */
  #dictionary: Dictionary | undefined;
  #slotOfId = new Int32Array(0);
  #idOfSlot = new Int32Array(0);
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  get size(): number {
    return this.#slots.size;
  }

  get capacity(): number {
    return this.#keys.length;
  }

  obtain(key: Key): number {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#keys.length;
      this.#keys[slot] = key;
      this.#slots.set(key, slot);
    }
    return slot;
  }

  find(key: Key): number {
    return this.#slots.get(key) ?? UNKNOWN;
  }

  keyAt(slot: number): Key {
    return this.#keys[slot]!;
  }

  release(slot: number): void {
    const key = this.#keys[slot];
    if (key === undefined) return;
    this.#slots.delete(key);
    this.#keys[slot] = undefined;
    this.#free.push(slot);
    const id = this.#idOfSlot[slot] ?? UNKNOWN;
    if (id === UNKNOWN) return;
    this.#slotOfId[id] = UNKNOWN;
    this.#idOfSlot[slot] = UNKNOWN;
  }

  resolve(batch: Batch, selector: KeySelector, out: Int32Array): void {
    if (!('field' in selector)) this.#resolveFunction(batch, selector.of as (row: unknown) => Key, out);
    else if (batch.kindOf(selector.field) === 'string') this.#resolveSymbols(batch, selector.field, out);
    else if (batch.kindOf(selector.field) === 'number') this.#resolveNumbers(batch, selector.field, out);
    else this.#resolveValues(batch, selector.field, out);
  }

  #resolveFunction(batch: Batch, of: (row: unknown) => Key, out: Int32Array): void {
    for (let i = 0; i < batch.length; i++) out[i] = this.#checked(of(batch.at(batch.rows[i]!)), 'the key function');
  }

  #resolveNumbers(batch: Batch, field: string, out: Int32Array): void {
    const numbers = batch.numbers(field);
    const rows = batch.rows;
    for (let i = 0, length = batch.length; i < length; i++) {
      const key = numbers[rows[i]!]!;
      if (key !== key) throw this.#missing(`field '${field}'`, null);
      out[i] = this.obtain(key);
    }
  }

  #resolveValues(batch: Batch, field: string, out: Int32Array): void {
    const values = batch.values(field);
    const from = `field '${field}'`;
    for (let i = 0; i < batch.length; i++) out[i] = this.#checked(values[batch.rows[i]!], from);
  }

  #resolveSymbols(batch: Batch, field: string, out: Int32Array): void {
    const { ids, dictionary } = batch.symbols(field);
    this.#useDictionary(dictionary);
    const rows = batch.rows;
    const slotOfId = this.#slotOfId;
    for (let i = 0, length = batch.length; i < length; i++) {
      const id = ids[rows[i]!]!;
      if (id === NULL_ID) throw this.#missing(`field '${field}'`, null);
      let slot = slotOfId[id]!;
      if (slot === UNKNOWN) slot = this.#learn(id, dictionary.text(id));
      out[i] = slot;
    }
  }

  #useDictionary(dictionary: Dictionary): void {
    if (this.#dictionary !== dictionary) {
      this.#dictionary = dictionary;
      this.#slotOfId.fill(UNKNOWN);
      this.#idOfSlot.fill(UNKNOWN);
    }
    if (this.#slotOfId.length < dictionary.size) this.#slotOfId = grown(this.#slotOfId, dictionary.size);
  }

  #learn(id: number, text: string): number {
    const slot = this.obtain(text);
    if (this.#idOfSlot.length <= slot) this.#idOfSlot = grown(this.#idOfSlot, slot + 1);
    this.#slotOfId[id] = slot;
    this.#idOfSlot[slot] = id;
    return slot;
  }

  #checked(key: unknown, from: string): number {
    if (typeof key !== 'string' && (typeof key !== 'number' || Number.isNaN(key))) throw this.#missing(from, key);
    return this.obtain(key);
  }

  #missing(from: string, key: unknown): WeirError {
    return new WeirError('KEY_MISSING', `${from} gave ${String(key)} as a key.`, {
      step: this.#name,
      remedy: 'Filter such rows out before keyBy, or give them a key of their own.',
    });
  }
}

/** At least `length` long, UNKNOWN where it was not before. */
function grown(ints: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(Math.max(64, length * 2)).fill(UNKNOWN);
  longer.set(ints);
  return longer;
}
