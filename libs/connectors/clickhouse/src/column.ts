import { WeirError, invariant } from '@weir/model';

/** A column of a table, with its type as ClickHouse spells it: an enumeration by ascending numbers. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** How a column's values are written in RowBinary. */
export interface ColumnFormat {
  readonly kind: 'text' | 'integer' | 'float' | 'bool' | 'enum';
  /** Whether a value is preceded by a byte that says if it is null. */
  readonly nullable: boolean;
  /** Bytes of a number. */
  readonly bytes: 0 | 1 | 2 | 4 | 8;
  /** Inclusive bounds of an integer; those of 8 bytes are those of a double that holds each integer. */
  readonly least: number;
  readonly most: number;
  /** Of an enumeration, its numbers by name. */
  readonly names: ReadonlyMap<string, number> | undefined;
}

const INTEGER = /^(U?)Int(8|16|32|64)$/;
const ENUM = /^Enum8\((.*)\)$/;
const ENUM_NAME = /'([^'\\]*)' = (-?\d+)(?:, |$)/g;
const WRAPPED = /^(Nullable|LowCardinality)\((.*)\)$/;

/** How values of a type are written. The type must be one of those that views have. */
export function columnFormat(type: string): ColumnFormat {
  const wrapped = WRAPPED.exec(type);
  // LowCardinality is how a column is kept, not how it is written.
  if (wrapped?.[1] === 'LowCardinality') return columnFormat(wrapped[2]!);
  if (wrapped?.[1] === 'Nullable') return { ...columnFormat(wrapped[2]!), nullable: true };
  const plain = { nullable: false, bytes: 0, least: 0, most: 0, names: undefined } as const;
  if (type === 'String') return { ...plain, kind: 'text' };
  if (type === 'Float64') return { ...plain, kind: 'float', bytes: 8 };
  if (type === 'Bool') return { ...plain, kind: 'bool', bytes: 1 };
  const integer = INTEGER.exec(type);
  if (integer !== null) return integerFormat(integer[1] === 'U', Number(integer[2]));
  const names = new Map([...(ENUM.exec(type)?.[1] ?? '').matchAll(ENUM_NAME)].map(([, name, number]) => [name!, Number(number)]));
  invariant(names.size > 0, `type ${type} has a format`);
  return { ...plain, kind: 'enum', bytes: 1, names };
}

function integerFormat(unsigned: boolean, bits: number): ColumnFormat {
  const most = bits === 64 ? Number.MAX_SAFE_INTEGER : 2 ** (unsigned ? bits : bits - 1) - 1;
  const least = unsigned ? 0 : -most - (bits === 64 ? 0 : 1);
  return { kind: 'integer', nullable: false, bytes: (bits / 8) as 1 | 2 | 4 | 8, least, most, names: undefined };
}

/** What is thrown for a value that a column cannot hold. */
export function unfit(table: string, { name, type }: Column, value: unknown): WeirError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value === 'object' && value !== null ? 'an object' : String(value);
  return new WeirError('CLICKHOUSE_VALUE', `Column ${name} of table ${table} is ${type} and cannot hold ${shown}.`, {
    remedy: 'Let the pipeline write what its schema says, or give the field another type.',
  });
}
