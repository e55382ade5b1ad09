import type { Batch, KeySelector, KeyTable } from '@weir/model';

/** The key slots of the rows of a batch, in a buffer that is used again. */
export class BatchSlots {
  #slots = new Int32Array(1024);

  /** Valid until the next call; slot i is that of row i. Throws KEY_MISSING. */
  resolve(keys: KeyTable, batch: Batch, key: KeySelector): Int32Array {
    if (this.#slots.length < batch.length) this.#slots = new Int32Array(batch.length * 2);
    keys.resolve(batch, key, this.#slots);
    return this.#slots;
  }
}
