import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { WeirError } from '@weir/model';

/** What a custom aggregator is made from; the laws of `Aggregator` are its maker's to keep (`aggregatorLaws` of @weir/testkit tests them). */
export interface AggregatorParts<In, A, Out> {
  /** What describe() and explain() print. */
  readonly name: string;
  /** The fields of a row that are read, when they can be named: the rest of a row is then never decoded. */
  readonly reads?: readonly (keyof In & string)[];
  /** An accumulator of no rows: a new one at each call. */
  create(): A;
  /** The accumulator with one more row; it may be the given one, changed. The row is valid during the call only. */
  add(accumulator: A, row: In): A;
  /** Both together; may change and give back `into`, and must leave `from` as it is. */
  merge(into: A, from: A): A;
  /** Takes out what was merged in before; lets hopping windows slide at the cost of their step. */
  retract?(into: A, from: A): A;
  finish(accumulator: A): Out;
  /** Both or neither; without them the accumulator must be a JSON value. Equal accumulators must give equal bytes. */
  write?(accumulator: A, writer: BinaryWriter): void;
  read?(reader: BinaryReader): A;
}

const NEEDED = ['create', 'add', 'merge', 'finish'] as const;

/** An aggregate of one's own, by the same door as those of the library. Throws AGGREGATE_CUSTOM on parts that cannot work. */
export function aggregator<In, A, Out>(parts: AggregatorParts<In, A, Out>): Aggregator<In, A, Out> {
  const { name, reads, create, add, merge, retract, finish, write, read } = parts;
  if (typeof name !== 'string' || name === '') throw custom('aggregator', 'it has no name', "Give it a 'name'.");
  for (const part of NEEDED) if (typeof parts[part] !== 'function') throw custom(name, `'${part}' is no function`, 'Give it create, add, merge and finish.');
  if ((write === undefined) !== (read === undefined)) throw custom(name, "it has one of 'write' and 'read' only", 'Give it both, or neither when its accumulator is a JSON value.');
  checkCreate(name, create, write === undefined);
  return Object.freeze({
    kind: name,
    describe: `${name}()`,
    ...(reads === undefined ? {} : { reads: Object.freeze([...reads]) }),
    create,
    add,
    merge,
    ...(retract === undefined ? {} : { retract }),
    finish,
    write: write ?? ((accumulator: A, writer: BinaryWriter) => writer.json(checkedJson(name, accumulator))),
    read: read ?? ((reader: BinaryReader) => reader.json() as A),
  });
}

function checkCreate(name: string, create: () => unknown, asJson: boolean): void {
  const one = create();
  if (typeof one === 'object' && one !== null && one === create()) throw custom(name, "'create' gives the same object twice", 'Make a new accumulator at each call: they are changed in place.');
  if (asJson) checkedJson(name, one);
}

/** The accumulator, when JSON gives it back as it is. */
function checkedJson(name: string, accumulator: unknown): unknown {
  if (isJson(accumulator)) return accumulator;
  throw custom(name, 'its accumulator is no JSON value, so a checkpoint would lose it', "Give it 'write' and 'read', or keep plain objects, arrays, texts and finite numbers.");
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.every(isJson);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson);
}

function custom(name: string, what: string, remedy: string): WeirError {
  return new WeirError('AGGREGATE_CUSTOM', `The aggregator '${name}' cannot work: ${what}.`, { remedy });
}
