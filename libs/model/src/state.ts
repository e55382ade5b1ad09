import type { Batch } from './batch.ts';
import type { Key } from './key.ts';

/** How a key is read from a row: a field by its name (typed, no call per record), or a pure function. */
export type KeySelector<T = never> =
  | { readonly field: string }
  | { readonly of: (row: T) => Key };

/** Numbers the keys of one step densely, so that state can lie in typed arrays. Slots of released keys are used again. */
export interface KeyTable {
  /** Keys held now. */
  readonly size: number;
  /** Slots are < capacity. */
  readonly capacity: number;
  /** Slot of a key, taken if there is none. Amortised O(1). */
  obtain(key: Key): number;
  /** Slot of a key, or -1. */
  find(key: Key): number;
  keyAt(slot: number): Key;
  release(slot: number): void;
  /** Writes the slot of every row of the batch to `out[i]`, i in [0, batch.length). Throws KEY_MISSING on a null key. */
  resolve(batch: Batch, selector: KeySelector, out: Int32Array): void;
}

/** Numbers the (key slot, namespace) pairs densely; a namespace is, for windows, the start of a pane. */
export interface SlotTable {
  readonly size: number;
  readonly capacity: number;
  /** Slot of the pair, taken if there is none. A slot that was taken is fresh: its owner resets what it keeps there. */
  obtain(keySlot: number, namespace: number): number;
  /** Slot of the pair, or -1. */
  find(keySlot: number, namespace: number): number;
  /** True when the last `obtain` took a new slot. */
  readonly created: boolean;
  /** Namespaces that hold at least one slot, ascending. */
  namespaces(): readonly number[];
  /** Visits the pairs of one namespace, in the order in which they were taken. */
  forEach(namespace: number, visit: (keySlot: number, slot: number) => void): void;
  /** Releases every slot of a namespace. */
  releaseNamespace(namespace: number): void;
  release(keySlot: number, namespace: number): void;
}

/** Makes the state of one task. Backends: heap now; the contract is synchronous, so that a batch is one uninterrupted run. */
export interface StateBackend {
  keys(name: string): KeyTable;
  slots(name: string): SlotTable;
}
