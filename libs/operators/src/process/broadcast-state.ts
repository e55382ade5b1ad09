import type { BinaryReader, BinaryWriter, Key } from '@weir/model';
import { WeirError } from '@weir/model';

/** Broadcast state as the data side sees it. */
export interface BroadcastView<F extends Key, V> {
  readonly size: number;
  get(field: F): V | undefined;
  has(field: F): boolean;
  /** In the order in which the fields were set first. */
  entries(): Iterable<readonly [F, V]>;
}

/** Broadcast state as the rules' side sees it: the same in every instance, as all of them see all rules in one order. */
export interface BroadcastState<F extends Key, V> extends BroadcastView<F, V> {
  set(field: F, value: V): void;
  delete(field: F): void;
  clear(): void;
}

/** The types and the bound of a broadcast state. */
export interface BroadcastDeclaration<F extends Key, V> {
  readonly limit: number;
  /** Carries the types; never set. */
  readonly holds?: readonly [F, V];
}

export interface BroadcastStateOptions {
  /** Most fields; setting more throws STATE_LIMIT. Default 100,000. */
  readonly limit?: number;
}

/** Declares a map that every instance has the whole of. Values are JSON. */
export function broadcastState<F extends Key, V>(options: BroadcastStateOptions = {}): BroadcastDeclaration<F, V> {
  return { limit: options.limit ?? 100_000 };
}

/** The map itself. */
export class BroadcastMap implements BroadcastState<Key, unknown> {
  readonly #step: string;
  readonly #limit: number;
  readonly #values = new Map<Key, unknown>();
  #writable = false;

  constructor(step: string, limit: number) {
    this.#step = step;
    this.#limit = limit;
  }

  get size(): number {
    return this.#values.size;
  }

  get(field: Key): unknown {
    return this.#values.get(field);
  }

  has(field: Key): boolean {
    return this.#values.has(field);
  }

  entries(): Iterable<readonly [Key, unknown]> {
    return this.#values.entries();
  }

  set(field: Key, value: unknown): void {
    this.#check();
    this.#values.set(field, value);
    if (this.#values.size <= this.#limit) return;
    throw new WeirError('STATE_LIMIT', `The rules have outgrown their ${this.#limit} fields.`, { step: this.#step, remedy: 'Delete rules that no longer hold, or raise the limit.' });
  }

  delete(field: Key): void {
    this.#check();
    this.#values.delete(field);
  }

  clear(): void {
    this.#check();
    this.#values.clear();
  }

  /** Lets a rule change the map. */
  change(by: () => void): void {
    this.#writable = true;
    try {
      by();
    } finally {
      this.#writable = false;
    }
  }

  write(writer: BinaryWriter): void {
    writer.int32(this.#values.size);
    for (const [field, value] of this.#values) {
      writer.key(field);
      writer.json(value);
    }
  }

  read(reader: BinaryReader): void {
    for (let left = reader.int32(); left > 0; left--) this.#values.set(reader.key(), reader.json());
  }

  #check(): void {
    if (this.#writable) return;
    throw new WeirError('BROADCAST_READ_ONLY', 'Broadcast state was changed outside onRule.', { step: this.#step, remedy: 'Change rules in onRule only: what a row of data did would differ between instances.' });
  }
}
