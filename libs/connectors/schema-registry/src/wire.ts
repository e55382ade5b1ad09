import type { RegisteredSchema } from '@weir/connector-api';
import { WeirError } from '@weir/model';

/** A schema of another subject that a schema names types of. */
export interface SchemaReference {
  /** What the schema calls it: for Avro the full name of a type. */
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema that is to be registered or compared. */
export interface WrittenSchema {
  readonly schema: string;
  /** AVRO, PROTOBUF or JSON; default AVRO. */
  readonly type?: string;
  readonly references?: readonly SchemaReference[];
}

/** A version of a subject. */
export interface SubjectVersion extends RegisteredSchema {
  readonly subject: string;
  readonly version: number;
}

/** What the registry answers with; nothing of it is believed before it is looked at. */
export type Answer = Readonly<Record<string, unknown>>;

/** The body in which a schema is sent. */
export function bodyOf({ schema, type = 'AVRO', references = [] }: WrittenSchema): string {
  return JSON.stringify({ schema, schemaType: type, references });
}

/** A text that an answer must have. */
export function textIn(answer: Answer, member: string): string {
  const value = answer[member];
  if (typeof value !== 'string') throw unexpected(`no ${member}`);
  return value;
}

/** A whole number that an answer must have. */
export function numberIn(answer: Answer, member: string): number {
  const value = answer[member];
  if (!Number.isSafeInteger(value)) throw unexpected(`no ${member}`);
  return value as number;
}

/** The type of an answered schema; Avro is not spelled out. */
export function typeIn(answer: Answer): string {
  return typeof answer['schemaType'] === 'string' ? answer['schemaType'] : 'AVRO';
}

/** The references of an answered schema; none when it does not speak of any. */
export function referencesIn(answer: Answer): readonly SchemaReference[] {
  const { references } = answer;
  if (references === undefined || references === null) return [];
  if (!Array.isArray(references)) throw unexpected('references that are no list');
  return references.map((each: unknown) => {
    const reference = objectOf(each);
    return { name: textIn(reference, 'name'), subject: textIn(reference, 'subject'), version: numberIn(reference, 'version') };
  });
}

/** What was answered, as an object. */
export function objectOf(value: unknown): Answer {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected('no object');
  return value as Answer;
}

/** The answer is none that the registry's interface knows. */
export function unexpected(what: string): WeirError {
  return new WeirError('SCHEMA_REGISTRY_ANSWER', `The schema registry answered with ${what}.`, { remedy: 'Check that the URL is that of a schema registry.' });
}
