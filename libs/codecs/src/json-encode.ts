import type { RecordSchema } from '@weir/schema';

/**
 * Makes the function that writes a row as JSON in UTF-8: the fields of the schema in their order, and no others. What a row
 * does not have is left out; a number that JSON cannot hold becomes null, as in JSON.stringify.
 */
export function jsonEncoder<T>(schema: RecordSchema<T>): (row: T) => Uint8Array {
  const members = schema.fields.map(({ name }) => ({ name, label: `${JSON.stringify(name)}:` }));
  return (row) => {
    let text = '';
    for (const { name, label } of members) {
      const value = JSON.stringify((row as Record<string, unknown>)[name]) as string | undefined;
      if (value !== undefined) text += (text === '' ? label : `,${label}`) + value;
    }
    return Buffer.from(`{${text}}`, 'utf8');
  };
}
