import { WeirError } from '@weir/model';
import type { Field, RecordSchema } from '@weir/schema';
import type { CsvFormat } from './csv.ts';

/** Makes the function that writes a row; it throws CSV_VALUE for one that CSV cannot hold. */
export function csvEncoder<T>(schema: RecordSchema<T>, { separator, columns, nullText }: CsvFormat): (row: T) => Uint8Array {
  const special = new RegExp(`["\\r\\n${separator === '\\' || separator === ']' || separator === '^' || separator === '-' ? `\\${separator}` : separator}]`);
  const quoted = (text: string): string => (special.test(text) || text.startsWith('\ufeff') ? `"${text.replaceAll('"', '""')}"` : text);
  const names = columns ?? schema.fields.map(({ name }) => name);
  const fields = names.map((name) => schema.fields.find((field) => field.name === name));
  const header = columns === undefined ? `${names.map(quoted).join(separator)}\n` : '';
  const textOf = (field: Field | undefined, value: unknown): string => {
    if (field === undefined) return '';
    if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
      if (field.nullable && typeof value !== 'number') return nullText;
      throw new WeirError('CSV_VALUE', `Field '${field.name}' has no value to write.`, { remedy: 'Give it one, or make it nullable.' });
    }
    const text = field.type === 'string' ? (value as string) : JSON.stringify(value);
    // A text that would be read as null is told apart by its quotes.
    return field.nullable && text === nullText ? `"${text}"` : quoted(text);
  };
  return (row) => {
    const line = fields.map((field) => textOf(field, field === undefined ? undefined : (row as Record<string, unknown>)[field.name])).join(separator);
    return Buffer.from(header + line, 'utf8');
  };
}
