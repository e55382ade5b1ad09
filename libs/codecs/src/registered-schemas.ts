import type { RegisteredSchema, SchemaSource } from '@weir/connector-api';
import { WeirError, invariant } from '@weir/model';
import type { Trouble } from './trouble.ts';

/** Of Confluent's wire format: a zero, and the id of the schema in four bytes, the most significant first. */
export const FRAME_BYTES = 5;
/** How many ids, known ones and unknown ones, are kept from fetch to fetch; damaged values may name any. */
const MAX_IDS = 10_000;

const NO_FRAME = unreadable({ code: 'SCHEMA_FRAME', message: 'The value does not begin with the id of a schema.' });

/** Why values of a schema cannot be read. */
export interface Unreadable {
  readonly trouble: Trouble;
}

/** What a format makes of a schema once; what does not fit is a `problem`, and what is none at all a WeirError. */
export interface SchemaCompiler<P> {
  /** As the registry calls the format. */
  readonly type: string;
  compile(registered: RegisteredSchema): P | { readonly problem: string };
}

/** The plans of the writers' schemas that the values of a topic name, each fetched and compiled once. */
export class RegisteredSchemas<P extends object> {
  readonly #registry: SchemaSource;
  readonly #compiler: SchemaCompiler<P>;
  readonly #plans = new Map<number, P | Unreadable>();

  constructor(registry: SchemaSource, compiler: SchemaCompiler<P>) {
    this.#registry = registry;
    this.#compiler = compiler;
  }

  /** Fetches the schemas of these values that are not known yet; undefined when all are. */
  prepare(bytes: Buffer, starts: Int32Array, ends: Int32Array, count: number): Promise<void> | undefined {
    if (this.#plans.size > MAX_IDS) this.#plans.clear();
    let last = -1;
    let wanted: Set<number> | undefined;
    for (let i = 0; i < count; i++) {
      const id = idAt(bytes, starts[i]!, ends[i]!);
      if (id === last || id < 0) continue;
      last = id;
      if (!this.#plans.has(id)) wanted = (wanted ?? new Set()).add(id);
    }
    return wanted === undefined ? undefined : this.#fetch(wanted);
  }

  /** How to read the value at [start, end), or why it cannot be read. */
  of(bytes: Buffer, start: number, end: number): P | Unreadable {
    const id = idAt(bytes, start, end);
    if (id < 0) return NO_FRAME;
    const plan = this.#plans.get(id);
    invariant(plan !== undefined, `schema ${id} was prepared before it was needed`);
    return plan;
  }

  async #fetch(wanted: ReadonlySet<number>): Promise<void> {
    for (const id of wanted) this.#plans.set(id, this.#compiled(id, await this.#registry.schemaById(id)));
  }

  #compiled(id: number, registered: RegisteredSchema | undefined): P | Unreadable {
    if (registered === undefined) return unreadable({ code: 'SCHEMA_UNKNOWN', message: `The registry has no schema ${id}.` });
    const { type } = this.#compiler;
    if (registered.type !== type) return unreadable({ code: 'SCHEMA_TYPE', message: `Schema ${id} is one of ${registered.type}, not of ${type}.` });
    try {
      const planned = this.#compiler.compile(registered);
      return 'problem' in planned ? unreadable({ code: 'SCHEMA_MISMATCH', message: `Schema ${id} does not fit: ${planned.problem}.` }) : planned;
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      return unreadable({ code: 'SCHEMA_MISMATCH', message: `Schema ${id} cannot be used: ${error.message}` });
    }
  }
}

/** That values of a schema cannot be read. */
function unreadable(trouble: Trouble): Unreadable {
  return { trouble };
}

function idAt(bytes: Buffer, start: number, end: number): number {
  return start < 0 || end - start < FRAME_BYTES || bytes[start] !== 0 ? -1 : bytes.readInt32BE(start + 1);
}
