import type { AvroField, AvroRecordType, AvroType } from './avro-type.ts';
import { unqualified } from './avro-type.ts';

/** By what a writer wrote, what else a reader may take it for (Avro specification, "Schema Resolution"). */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/**
 * Why data of one schema cannot be read by another, by the rules of Avro; undefined when all of it can. A union of the writer must be
 * readable in each of its branches.
 */
export function mismatch(writer: AvroType, reader: AvroType): string | undefined {
  return new Comparison().mismatch(writer, reader, '');
}

/** The field of a writer's record that a reader's field takes its values from, by name, then by alias. */
export function writtenField(writer: AvroRecordType, { name, aliases }: AvroField): AvroField | undefined {
  return writer.fields.find((field) => field.name === name) ?? writer.fields.find((field) => aliases.includes(field.name));
}

/** The branch of a reader that takes values of a writer's type that is no union: one of the same full name first, then one of the same kind (as Avro for Java has it). */
export function readingBranch(writer: AvroType, reader: AvroType): AvroType | undefined {
  if (reader.kind !== 'union') return mismatch(writer, reader) === undefined ? reader : undefined;
  const fitting = reader.branches.filter((branch) => mismatch(writer, branch) === undefined);
  return fitting.find((branch) => 'name' in branch && 'name' in writer && branch.name === writer.name) ?? fitting.find(({ kind }) => kind === writer.kind) ?? fitting[0];
}

class Comparison {
  /** Pairs that are found to fit, or are under way: a type that holds itself fits if the rest of it does. */
  readonly #seen = new Map<AvroType, Set<AvroType>>();

  mismatch(writer: AvroType, reader: AvroType, path: string): string | undefined {
    const seen = this.#seen.get(writer) ?? new Set();
    if (seen.has(reader)) return undefined;
    this.#seen.set(writer, seen.add(reader));
    const found = this.#compare(writer, reader, path);
    if (found !== undefined) seen.delete(reader);
    return found;
  }

  #compare(writer: AvroType, reader: AvroType, path: string): string | undefined {
    if (writer.kind === 'union') {
      for (const branch of writer.branches) {
        const found = this.mismatch(branch, reader, path);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    if (reader.kind === 'union') {
      const fits = reader.branches.some((branch) => this.mismatch(writer, branch, path) === undefined);
      return fits ? undefined : `${at(path)}${writer.kind} is written and no branch of the reader's union takes it`;
    }
    const wrong = `${at(path)}${label(writer)} is written and ${label(reader)} is read`;
    if (writer.kind !== reader.kind) return PROMOTIONS[writer.kind]?.includes(reader.kind) === true ? undefined : wrong;
    if ('name' in writer && 'name' in reader && !namesFit(writer, reader)) return wrong;
    return this.#compareInside(writer, reader, path, wrong);
  }

  /** Types of the same kind. */
  #compareInside(writer: AvroType, reader: AvroType, path: string, wrong: string): string | undefined {
    if (writer.kind === 'record' && reader.kind === 'record') return this.#compareFields(writer, reader, path);
    if (writer.kind === 'array' && reader.kind === 'array') return this.mismatch(writer.items, reader.items, `${path}[]`);
    if (writer.kind === 'map' && reader.kind === 'map') return this.mismatch(writer.values, reader.values, `${path}{}`);
    if (writer.kind === 'fixed' && reader.kind === 'fixed') return writer.size === reader.size ? undefined : wrong;
    if (writer.kind === 'enum' && reader.kind === 'enum' && reader.fallback === undefined) {
      const unknown = writer.symbols.find((symbol) => !reader.symbols.includes(symbol));
      return unknown === undefined ? undefined : `${at(path)}the symbol ${unknown} is written and not known to the reader`;
    }
    return undefined;
  }

  #compareFields(writer: AvroRecordType, reader: AvroRecordType, path: string): string | undefined {
    for (const field of reader.fields) {
      const written = writtenField(writer, field);
      const inner = path === '' ? field.name : `${path}.${field.name}`;
      if (written === undefined && field.fallback === undefined) return `field ${inner} is not written and has no default`;
      const found = written === undefined ? undefined : this.mismatch(written.type, field.type, inner);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function namesFit(writer: { readonly name: string }, reader: { readonly name: string; readonly aliases: readonly string[] }): boolean {
  const name = unqualified(writer.name);
  return name === unqualified(reader.name) || reader.aliases.some((alias) => unqualified(alias) === name);
}

function at(path: string): string {
  return path === '' ? '' : `at ${path}, `;
}

function label(type: AvroType): string {
  return 'name' in type ? `${type.kind} ${type.name}` : type.kind;
}
