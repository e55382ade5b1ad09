import type { KeyTable, StateReader, StateWriter } from '@weir/model';
import { isRetraction } from '@weir/model';
import { TableRows } from './table-rows.ts';

/**
 * The present rows of a table that is read from its changelog, one under each key slot. Of an instant, the old row and the new row of a
 * key may come in either order, because they may come from two instances of the step before: a new row wins.
 */
export class TableInput {
  readonly #rows: TableRows;
  readonly #added = new Set<number>();

  constructor(step: string, limit: number) {
    this.#rows = new TableRows(step, limit);
  }

  /** Undefined when there is none. */
  at(slot: number): unknown {
    return this.#rows.at(slot);
  }

  apply(slot: number, row: unknown, change: number): void {
    if (!isRetraction(change)) {
      this.#rows.set(slot, row);
      this.#added.add(slot);
    } else if (!this.#added.has(slot)) this.#rows.set(slot, undefined);
  }

  /** Ends an instant. */
  settle(): void {
    this.#added.clear();
  }

  write(writer: StateWriter, name: string, keys: KeyTable): void {
    this.#rows.write(writer, name, keys);
  }

  read(reader: StateReader, name: string, keys: KeyTable): void {
    this.#rows.read(reader, name, keys);
  }
}
