import type { Field, RecordSchema } from '@weir/schema';
import type { Column } from '../column.ts';
import type { ColumnsByField } from '../column-decoder.ts';
import { ConstantText } from '../fetch-bytes.ts';
import { defaultOf } from './avro-default.ts';
import { JsonPlanner, readSymbols } from './avro-json-plan.ts';
import type { JsonReading } from './avro-json-plan.ts';
import { mismatch, readingBranch, writtenField } from './avro-resolution.ts';
import type { AvroField, AvroRecordType, AvroType } from './avro-type.ts';

/** What to do with a written value. The first are passed over, the others go into a column. */
export const SKIP = 0;
export const SKIP_VARINT = 1;
export const SKIP_SIZED = 2;
export const SKIP_BYTES = 3;
/** A varint as it is, into any column of numbers. */
export const INTEGER = 4;
export const TEXT = 5;
export const DOUBLE = 6;
export const NULL = 7;
export const FLOAT = 8;
export const BOOLEAN = 9;
export const MICROS = 10;
export const NANOS = 11;
export const DAYS = 12;
export const SYMBOL = 13;
export const DECIMAL = 14;
export const JSON_VALUE = 15;
/** A string that holds JSON. */
export const JSON_TEXT = 16;
/** The column cannot take it. */
export const REFUSED = 17;

/** One field of a writer's record, or one branch of its union. */
export interface AvroStep {
  readonly code: number;
  readonly type: AvroType;
  readonly column: Column | undefined;
  /** Of a union, by number of the branch; then the code is of no use. */
  readonly branches: readonly AvroStep[] | undefined;
  /** SKIP_BYTES and DECIMAL of a fixed: how many; else -1. */
  readonly size: number;
  readonly symbols: readonly (ConstantText | undefined)[];
  readonly reading: JsonReading | undefined;
}

/** A column that the writer does not write, and what stands in it. */
export interface AvroFill {
  readonly column: Column;
  readonly number: number;
  /** Undefined is null. */
  readonly text: ConstantText | undefined;
}

/** How records of one writer's schema become rows: in the order in which its fields lie. */
export interface AvroPlan {
  readonly steps: readonly AvroStep[];
  readonly fills: readonly AvroFill[];
}

/** A plan, or why there can be none. */
export type Planned = AvroPlan | { readonly problem: string };

/**
 * Compiles the plan that reads a writer's records into columns. Without a reader's schema each field of Weir's schema takes the written
 * field of its name, and whatever of it fits; with one the rules of Avro decide. Throws AVRO_SCHEMA for a default that is none.
 */
export function planOf(writer: AvroType, reader: AvroRecordType | undefined, schema: RecordSchema, columns: ColumnsByField): Planned {
  if (writer.kind !== 'record') return { problem: `a ${writer.kind} is written and a record is read` };
  const planner = new JsonPlanner();
  const takers = new Map<AvroField, Column>();
  const readers = new Map<AvroField, AvroType>();
  const fills: AvroFill[] = [];
  for (const [id, field] of schema.fields.entries()) {
    const column = columns[id];
    if (column === undefined) continue;
    const read = reader?.fields.find(({ name }) => name === field.name);
    const written = read === undefined ? writer.fields.find(({ name }) => name === field.name) : writtenField(writer, read);
    if (written === undefined) {
      const fill = fillOf(field, column, read);
      if (fill === undefined) return { problem: `field ${field.name} is not written and has no default` };
      fills.push(fill);
      continue;
    }
    const wrong = read === undefined ? undefined : unreadable(written.type, read.type);
    if (wrong !== undefined) return { problem: `at ${field.name}, ${wrong}` };
    if (takers.has(written)) return { problem: `two fields take their values from ${written.name}` };
    takers.set(written, column);
    if (read !== undefined) readers.set(written, read.type);
  }
  const steps = writer.fields.map((field) => stepOf(field.type, readers.get(field), takers.get(field), planner));
  const hopeless = steps.findIndex(isHopeless);
  if (hopeless >= 0) return { problem: `at ${writer.fields[hopeless]!.name}, ${writer.fields[hopeless]!.type.kind} does not fit a field of type ${steps[hopeless]!.column!.field.type}` };
  return { steps: joined(steps), fills };
}

/** What a plan refuses although it was written as its schema says: branches of unions that the field does not take, by field. */
export function refusals({ steps }: AvroPlan): readonly string[] {
  return steps.flatMap(({ branches = [], column }) => branches.filter(({ code }) => code === REFUSED).map(({ type }) => `${type.kind} in field ${column!.field.name}`));
}

/** Of a union it is enough that one branch can be read: the others are refused where they come. */
function unreadable(written: AvroType, read: AvroType): string | undefined {
  if (written.kind !== 'union') return mismatch(written, read);
  const found = written.branches.map((branch) => mismatch(branch, read));
  return found.includes(undefined) ? undefined : found[0];
}

function isHopeless({ code, branches }: AvroStep): boolean {
  return branches === undefined ? code === REFUSED : branches.length > 0 && branches.every((branch) => branch.code === REFUSED);
}

function stepOf(written: AvroType, read: AvroType | undefined, column: Column | undefined, planner: JsonPlanner): AvroStep {
  if (written.kind === 'union') {
    const branches = column === undefined ? undefined : written.branches.map((branch) => stepOf(branch, read, column, planner));
    return { ...PLAIN, code: SKIP, type: written, column, branches };
  }
  if (column === undefined) return { ...PLAIN, ...skipOf(written), type: written, column };
  const target = read === undefined ? undefined : readingBranch(written, read);
  if (read !== undefined && target === undefined) return { ...PLAIN, code: REFUSED, type: written, column };
  const code = codeOf(written, target, column.field);
  const symbols = code === SYMBOL && written.kind === 'enum' ? readSymbols(written.symbols, target).map((symbol) => (symbol === undefined ? undefined : new ConstantText(symbol))) : PLAIN.symbols;
  return { ...PLAIN, code, type: written, column, symbols, size: written.kind === 'fixed' ? written.size : -1, reading: code === JSON_VALUE ? planner.plan(written, target) : undefined };
}

const PLAIN: Omit<AvroStep, 'type' | 'column' | 'code'> = { branches: undefined, size: -1, symbols: [], reading: undefined };

function skipOf(type: AvroType): { readonly code: number; readonly size: number } {
  switch (type.kind) {
    case 'int':
    case 'long':
      return { code: SKIP_VARINT, size: -1 };
    case 'string':
    case 'bytes':
      return { code: SKIP_SIZED, size: -1 };
    case 'null':
      return { code: SKIP_BYTES, size: 0 };
    case 'float':
      return { code: SKIP_BYTES, size: 4 };
    case 'double':
      return { code: SKIP_BYTES, size: 8 };
    case 'fixed':
      return { code: SKIP_BYTES, size: type.size };
    default:
      return { code: SKIP, size: -1 };
  }
}

/** Neighbours of fixed length are passed over at once. */
function joined(steps: readonly AvroStep[]): readonly AvroStep[] {
  const out: AvroStep[] = [];
  for (const step of steps) {
    const last = out.at(-1);
    if (step.code === SKIP_BYTES && last?.code === SKIP_BYTES) out[out.length - 1] = { ...last, size: last.size + step.size };
    else out.push(step);
  }
  return out;
}

/** What a written type, read as `read` where a reader's schema says so, does for a field. */
function codeOf(written: AvroType, read: AvroType | undefined, field: Field): number {
  if (written.kind === 'null') return field.nullable ? NULL : REFUSED;
  const logical = ('logical' in written ? written.logical : undefined) ?? (read !== undefined && 'logical' in read ? read.logical : undefined);
  const isDecimal = 'logical' in written && written.logical === 'decimal' && (written.kind === 'bytes' || written.kind === 'fixed');
  const isWhole = written.kind === 'int' || written.kind === 'long';
  switch (field.type) {
    case 'json':
      return written.kind === 'string' && logical === 'json' ? JSON_TEXT : JSON_VALUE;
    case 'string':
      if (isDecimal) return DECIMAL;
      return written.kind === 'enum' ? SYMBOL : written.kind === 'string' || written.kind === 'bytes' ? TEXT : REFUSED;
    case 'boolean':
      return written.kind === 'boolean' ? BOOLEAN : REFUSED;
    case 'int':
      return isWhole ? INTEGER : REFUSED;
    case 'float':
      return isWhole ? INTEGER : written.kind === 'float' ? FLOAT : written.kind === 'double' ? DOUBLE : REFUSED;
    case 'timestamp':
      return isWhole ? timeCode(logical) : REFUSED;
  }
}

function timeCode(logical: string | undefined): number {
  switch (logical) {
    case 'timestamp-micros':
    case 'local-timestamp-micros':
      return MICROS;
    case 'timestamp-nanos':
    case 'local-timestamp-nanos':
      return NANOS;
    case 'date':
      return DAYS;
    case 'time-millis':
    case 'time-micros':
      return REFUSED;
    default:
      return INTEGER;
  }
}

/** What stands in a column that is not written: the reader's default, or null; undefined when it has neither. */
function fillOf(field: Field, column: Column, read: AvroField | undefined): AvroFill | undefined {
  if (read?.fallback === undefined) return field.nullable ? { column, number: Number.NaN, text: undefined } : undefined;
  const value = defaultOf(read.type, read.fallback);
  if (value === null) return field.nullable ? { column, number: Number.NaN, text: undefined } : undefined;
  switch (field.type) {
    case 'json':
      return { column, number: 0, text: new ConstantText(JSON.stringify(value)) };
    case 'string':
      return typeof value === 'string' ? { column, number: 0, text: new ConstantText(value) } : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? { column, number: value ? 1 : 0, text: undefined } : undefined;
    case 'timestamp':
      return typeof value === 'number' ? { column, number: millisecondsOf(value, timeCode(logicalIn(read.type))), text: undefined } : undefined;
    default:
      return typeof value === 'number' && (field.type === 'float' || Number.isSafeInteger(value)) ? { column, number: value, text: undefined } : undefined;
  }
}

function logicalIn(type: AvroType): string | undefined {
  const whole = type.kind === 'union' ? type.branches.find(({ kind }) => kind === 'long' || kind === 'int') : type;
  return whole !== undefined && 'logical' in whole ? whole.logical : undefined;
}

const MILLISECONDS_PER_DAY = 86_400_000;
const MICROSECONDS_PER_MILLISECOND = 1_000;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** A number of milliseconds, MICROS, NANOS or DAYS as milliseconds since the epoch, rounded down. */
export function millisecondsOf(value: number, code: number): number {
  if (code === MICROS) return Math.floor(value / MICROSECONDS_PER_MILLISECOND);
  if (code === NANOS) return Math.floor(value / NANOSECONDS_PER_MILLISECOND);
  return code === DAYS ? value * MILLISECONDS_PER_DAY : value;
}
