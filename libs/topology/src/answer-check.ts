import type { Field, RecordSchema } from '@weir/schema';

/** Throws when a JSON value is not what a schema says; fields that it does not name are let be. */
export function answerCheck({ name, fields }: RecordSchema): (answer: unknown) => void {
  return (answer) => {
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new Error(`The answer is no ${name}.`);
    for (const field of fields) {
      const value = (answer as Readonly<Record<string, unknown>>)[field.name] ?? null;
      if (value === null ? field.nullable : fits(value, field)) continue;
      throw new Error(`Field '${field.name}' of the answer is no ${field.type}: ${JSON.stringify(value)}.`);
    }
  };
}

function fits(value: unknown, { type }: Field): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'float':
      return typeof value === 'number';
    case 'int':
    case 'timestamp':
      return Number.isSafeInteger(value);
    case 'json':
      return true;
  }
}
