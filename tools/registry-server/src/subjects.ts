import { canonical, violations } from './avro-rule.ts';
import type { Level } from './avro-rule.ts';

/** A request that the registry refuses, with its finer code. */
export class RefusedRequest extends Error {
  readonly status: number;
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
    this.status = code > 999 ? Math.floor(code / 100) : code;
  }
}

/** A schema of another subject that a schema names types of. */
export interface Reference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema under its id. */
export interface StoredSchema {
  readonly id: number;
  readonly schema: string;
  readonly type: string;
  readonly references: readonly Reference[];
}

const FIRST_ID = 1;

/** The schemas of a registry: ids are shared by subjects, versions are counted in each. */
export class Subjects {
  level: Level = 'BACKWARD';
  readonly levels = new Map<string, Level>();
  readonly #schemas: StoredSchema[] = [];
  readonly #versions = new Map<string, StoredSchema[]>();

  get names(): readonly string[] {
    return [...this.#versions.keys()];
  }

  byId(id: number): StoredSchema {
    const found = this.#schemas[id - FIRST_ID];
    if (found === undefined) throw new RefusedRequest(40403, 'Schema not found');
    return found;
  }

  versionsOf(subject: string): readonly StoredSchema[] {
    const versions = this.#versions.get(subject);
    if (versions === undefined) throw new RefusedRequest(40401, `Subject '${subject}' not found.`);
    return versions;
  }

  /** By its number, or `latest`. */
  version(subject: string, wanted: string): { readonly version: number; readonly stored: StoredSchema } {
    const versions = this.versionsOf(subject);
    const version = wanted === 'latest' ? versions.length : Number(wanted);
    if (!Number.isSafeInteger(version) || version < 1) throw new RefusedRequest(42202, `The specified version '${wanted}' is not a valid version id.`);
    const stored = versions[version - 1];
    if (stored === undefined) throw new RefusedRequest(40402, `Version ${wanted} not found.`);
    return { version, stored };
  }

  register(subject: string, schema: string, type: string, references: readonly Reference[]): StoredSchema {
    const versions = this.#versions.get(subject) ?? [];
    const known = versions.find((each) => this.#isSame(each, schema, type, references));
    if (known !== undefined) return known;
    const messages = this.violations(subject, schema, type, versions, references);
    if (messages.length > 0) throw new RefusedRequest(409, `Schema being registered is incompatible with an earlier schema for subject "${subject}": ${messages.join('; ')}`);
    const stored = this.#schemas.find((each) => this.#isSame(each, schema, type, references)) ?? { id: this.#schemas.length + FIRST_ID, schema, type, references };
    if (!this.#schemas.includes(stored)) this.#schemas.push(stored);
    this.#versions.set(subject, [...versions, stored]);
    return stored;
  }

  /** Why a schema may not follow these versions of a subject. */
  violations(subject: string, schema: string, type: string, versions: readonly StoredSchema[], references: readonly Reference[]): readonly string[] {
    if (versions.some((each) => each.type !== type)) return ['the type of schema differs'];
    // Schemas with references are taken as they are: avsc knows no other subjects.
    if (type !== 'AVRO' || references.length > 0 || versions.some((each) => each.references.length > 0)) return [];
    try {
      return violations(this.levels.get(subject) ?? this.level, schema, versions.map((each) => each.schema));
    } catch (error) {
      throw new RefusedRequest(42201, `Invalid schema: ${String(error)}`);
    }
  }

  #isSame(stored: StoredSchema, schema: string, type: string, references: readonly Reference[]): boolean {
    if (stored.type !== type) return false;
    if (stored.schema === schema) return true;
    if (type !== 'AVRO' || stored.references.length > 0 || references.length > 0) return false;
    try {
      return canonical(stored.schema) === canonical(schema);
    } catch (error) {
      throw new RefusedRequest(42201, `Invalid schema: ${String(error)}`);
    }
  }
}
