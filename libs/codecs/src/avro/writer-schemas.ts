import type { RegisteredSchema, SchemaSource } from '@weir/connector-api';
import { WeirError, invariant } from '@weir/model';
import type { Trouble } from '../trouble.ts';
import { parseAvroSchema } from './avro-schema-parser.ts';
import type { AvroPlan, Planned } from './avro-plan.ts';
import type { AvroType } from './avro-type.ts';

/** Of Confluent's wire format: a zero, and the id of the schema in four bytes, the most significant first. */
export const FRAME_BYTES = 5;
/** How many ids, known ones and unknown ones, are kept from fetch to fetch; damaged values may name any. */
const MAX_IDS = 10_000;

const NO_FRAME = unreadable('SCHEMA_FRAME', 'The value does not begin with the id of a schema.');

type PlanOrTrouble = AvroPlan | { readonly trouble: Trouble };

/** The plans of the writers' schemas that the values of a topic name, each fetched and compiled once. */
export class WriterSchemas {
  readonly #registry: SchemaSource;
  readonly #plan: (writer: AvroType) => Planned;
  readonly #plans = new Map<number, PlanOrTrouble>();

  constructor(registry: SchemaSource, plan: (writer: AvroType) => Planned) {
    this.#registry = registry;
    this.#plan = plan;
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
  of(bytes: Buffer, start: number, end: number): PlanOrTrouble {
    const id = idAt(bytes, start, end);
    if (id < 0) return NO_FRAME;
    const plan = this.#plans.get(id);
    invariant(plan !== undefined, `schema ${id} was prepared before it was needed`);
    return plan;
  }

  async #fetch(wanted: ReadonlySet<number>): Promise<void> {
    for (const id of wanted) this.#plans.set(id, this.#compiled(id, await this.#registry.schemaById(id)));
  }

  #compiled(id: number, registered: RegisteredSchema | undefined): PlanOrTrouble {
    if (registered === undefined) return unreadable('SCHEMA_UNKNOWN', `The registry has no schema ${id}.`);
    if (registered.type !== 'AVRO') return unreadable('SCHEMA_TYPE', `Schema ${id} is one of ${registered.type}, not of Avro.`);
    try {
      const planned = this.#plan(parseAvroSchema(registered.schema, registered.references));
      return 'problem' in planned ? unreadable('SCHEMA_MISMATCH', `Schema ${id} does not fit: ${planned.problem}.`) : planned;
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      return unreadable('SCHEMA_MISMATCH', `Schema ${id} cannot be used: ${error.message}`);
    }
  }
}

function unreadable(code: string, message: string): { readonly trouble: Trouble } {
  return { trouble: { code, message } };
}

function idAt(bytes: Buffer, start: number, end: number): number {
  return start < 0 || end - start < FRAME_BYTES || bytes[start] !== 0 ? -1 : bytes.readInt32BE(start + 1);
}
