import type { Codec, DecoderOptions } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { ColumnDecoder } from '../column-decoder.ts';
import { csvEncoder } from './csv-encoder.ts';
import { CsvReader } from './csv-reader.ts';

/** How rows of CSV are written. */
export interface CsvOptions {
  /** What stands between two fields: one character of ASCII. Default a comma. */
  readonly separator?: string;
  /** The columns of a row, in their order; those that are no fields are passed over. Default the fields of the schema. */
  readonly columns?: readonly string[];
  /** True when each value begins with a line that names its columns; they may differ from value to value. */
  readonly header?: boolean;
  /** What stands, without quotes, for null in a field that may be null. Default nothing at all. */
  readonly nullText?: string;
}

/** The options of a codec, checked and whole. */
export interface CsvFormat {
  readonly separator: string;
  /** Undefined when each value names its own. */
  readonly columns: readonly string[] | undefined;
  readonly nullText: string;
}

/**
 * One row of comma-separated values for each record, in UTF-8, as RFC 4180 has it; a byte order mark before and a line end behind the row may be there. Numbers are
 * written as in JSON, timestamps in milliseconds, truth values as true and false, nested values as JSON. Throws CSV_OPTION.
 */
export function csv<T>(schema: RecordSchema<T>, options: CsvOptions = {}): Codec<T> {
  const format = formatOf(schema, options);
  let encode: ((row: T) => Uint8Array) | undefined;
  return Object.freeze({
    describe: `csv ${schema.name}`,
    decoder: (wanted: DecoderOptions = {}) => new ColumnDecoder<T>(schema, wanted, (fields, columns, fetch) => new CsvReader(format, fields, columns, fetch)),
    encode: (row: T) => (encode ??= csvEncoder(schema, format))(row),
  });
}

function formatOf(schema: RecordSchema, { separator = ',', columns, header = false, nullText = '' }: CsvOptions): CsvFormat {
  if (separator.length !== 1 || !/[\t\x20-\x7e]/.test(separator) || separator === '"') throw badOption(`the separator ${JSON.stringify(separator)} is no character that can separate`);
  if (header && columns !== undefined) throw badOption('columns are given, and are to be read from each value');
  if (/["\r\n]/.test(nullText) || nullText.includes(separator)) throw badOption(`${JSON.stringify(nullText)} cannot stand without quotes`);
  if (columns !== undefined && new Set(columns).size < columns.length) throw badOption('a column is given twice');
  return { separator, columns: header ? undefined : (columns ?? schema.fields.map(({ name }) => name)), nullText };
}

/** A mistake in the options. */
function badOption(what: string): WeirError {
  return new WeirError('CSV_OPTION', `CSV cannot be read so: ${what}.`, { remedy: 'Use an option as the message says.' });
}
