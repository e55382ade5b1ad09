import type { Collector, Key, Timestamp } from '@weir/model';
import { DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE } from '@weir/model';
import { RowOutput } from '../rows/row-output.ts';
import { sameRow } from './same-row.ts';

/**
 * The changelog of a table: of each instant, the difference between the table before it and after it. What leaves the table comes
 * first, then what changes (before and after side by side), then what enters; so a key that moves within an instant is never there twice.
 */
export class ChangeOutput {
  readonly #output = new RowOutput();
  readonly #keys: Key[] = [];
  readonly #befores: unknown[] = [];
  readonly #afters: unknown[] = [];

  /** What an instant made of the row under a key; undefined where there is none. Equal rows are no change. */
  add(key: Key, before: unknown, after: unknown): void {
    if (before === undefined ? after === undefined : after !== undefined && sameRow(before, after)) return;
    this.#keys.push(key);
    this.#befores.push(before);
    this.#afters.push(after);
  }

  /** Ends an instant. */
  settle(instant: Timestamp): void {
    const output = this.#output;
    const count = this.#keys.length;
    if (count === 0) return;
    for (let i = 0; i < count; i++) {
      if (this.#afters[i] === undefined) output.add({ key: this.#keys[i]!, value: this.#befores[i] }, instant, DELETE);
    }
    for (let i = 0; i < count; i++) {
      if (this.#afters[i] === undefined || this.#befores[i] === undefined) continue;
      output.add({ key: this.#keys[i]!, value: this.#befores[i] }, instant, UPDATE_BEFORE);
      output.add({ key: this.#keys[i]!, value: this.#afters[i] }, instant, UPDATE_AFTER);
    }
    for (let i = 0; i < count; i++) {
      if (this.#befores[i] === undefined) output.add({ key: this.#keys[i]!, value: this.#afters[i] }, instant, INSERT);
    }
    this.#keys.length = 0;
    this.#befores.length = 0;
    this.#afters.length = 0;
  }

  emit(out: Collector): void {
    this.#output.emit(out);
  }
}
