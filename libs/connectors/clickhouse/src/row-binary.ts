import { ByteWriter } from './byte-writer.ts';
import { columnFormat, unfit } from './column.ts';
import type { Column, ColumnFormat } from './column.ts';

/**
 * Writes rows of a table in ClickHouse's format RowBinaryWithNamesAndTypes: names and types go before the rows, so that a table
 * which has other types refuses an insert instead of misreading it.
 */
export class RowBinary {
  static readonly FORMAT = 'RowBinaryWithNamesAndTypes';
  /** What goes before the rows of each insert. */
  readonly header: Uint8Array;
  readonly #table: string;
  readonly #columns: readonly Column[];
  readonly #formats: readonly ColumnFormat[];

  constructor(table: string, columns: readonly Column[]) {
    this.#table = table;
    this.#columns = columns;
    this.#formats = columns.map(({ type }) => columnFormat(type));
    this.header = headerOf(columns);
  }

  /** Appends one row, given by its values in the order of the columns. Throws CLICKHOUSE_VALUE, and then nothing was appended. */
  encode(values: readonly unknown[], out: ByteWriter): void {
    const start = out.length;
    for (let i = 0; i < this.#formats.length; i++) {
      const format = this.#formats[i]!;
      const value = values[i];
      if (format.nullable) {
        const isNull = value === null || value === undefined;
        out.byte(isNull ? 1 : 0);
        if (isNull) continue;
      }
      if (write(format, value, out)) continue;
      out.truncate(start);
      throw unfit(this.#table, this.#columns[i]!, value);
    }
  }
}

/** False, with nothing written, when the format has no such value. */
function write({ kind, bytes, least, most, names }: ColumnFormat, value: unknown, out: ByteWriter): boolean {
  switch (kind) {
    case 'text':
      if (typeof value !== 'string') return false;
      out.text(value);
      return true;
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) return false;
      out.integer(value, bytes);
      return true;
    case 'float':
      if (typeof value !== 'number') return false;
      out.float64(value);
      return true;
    case 'bool':
      if (typeof value !== 'boolean') return false;
      out.byte(value ? 1 : 0);
      return true;
    case 'enum': {
      const number = typeof value === 'string' ? names!.get(value) : undefined;
      if (number === undefined) return false;
      out.integer(number, 1);
      return true;
    }
  }
}

function headerOf(columns: readonly Column[]): Uint8Array {
  const out = new ByteWriter();
  out.length32(columns.length);
  for (const { name } of columns) out.text(name);
  for (const { type } of columns) out.text(type);
  return Uint8Array.from(out.slice(0, out.length));
}
