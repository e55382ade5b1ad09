import { setTimeout as sleep } from 'node:timers/promises';
import type { RegisteredSchema, SubjectSource } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { Requests } from './requests.ts';
import type { Refused, RequestOptions } from './requests.ts';
import { bodyOf, numberIn, objectOf, referencesIn, textIn, typeIn, unexpected } from './wire.ts';
import type { Answer, SchemaReference, SubjectVersion, WrittenSchema } from './wire.ts';

export interface SchemaRegistryOptions extends RequestOptions {
  /** How many schemas are kept by id. Default 10,000. */
  readonly maxCached?: number;
}

/** What the registry says of a schema beside a version of a subject. */
export interface Compatibility {
  readonly isCompatible: boolean;
  readonly messages: readonly string[];
}

const NOT_FOUND = 404;
const CONFLICT = 409;
const MAX_REFERENCES = 200;
/** A follower of a registry may not have heard of a new schema yet: an id that it does not know is asked again after these pauses, */
const PAUSES_MILLISECONDS = [100, 200, 400];
/** for so many ids in a minute, so that damaged values, which may name any, do not hold up the others. */
const PATIENT_IDS = 20;
const MINUTE_MILLISECONDS = 60_000;

/** A client of a schema registry with Confluent's REST interface. What an id stands for is asked once. */
export class SchemaRegistry implements SubjectSource {
  readonly #requests: Requests;
  readonly #maxCached: number;
  /** By id, the one that was used longest ago first; requests under way are in it, so that nobody asks twice. */
  readonly #byId = new Map<number, Promise<RegisteredSchema | undefined>>();
  /** When each of the last ids was waited for. */
  #waited: readonly number[] = [];

  /** Throws SCHEMA_REGISTRY_URL. */
  constructor({ maxCached = 10_000, ...options }: SchemaRegistryOptions) {
    this.#requests = new Requests(options);
    this.#maxCached = maxCached;
  }

  /** The schema with an id; undefined when there is none, also a moment later. */
  schemaById(id: number): Promise<RegisteredSchema | undefined> {
    const known = this.#byId.get(id);
    const asked = known ?? this.#askById(id);
    this.#byId.delete(id);
    this.#byId.set(id, asked);
    if (this.#byId.size > this.#maxCached) this.#byId.delete(this.#byId.keys().next().value!);
    return asked;
  }

  /** The names of all subjects. */
  async subjects(): Promise<readonly string[]> {
    const names = await this.#get('/subjects');
    if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) throw unexpected('subjects that are no list of names');
    return names as string[];
  }

  /** A version of a subject; undefined when there is no such subject or version. */
  async version(subject: string, version: number | 'latest'): Promise<SubjectVersion | undefined> {
    const answer = await this.#get(`${subjectPath(subject)}/versions/${version}`);
    return answer === undefined ? undefined : this.#versionIn(objectOf(answer));
  }

  latest(subject: string): Promise<SubjectVersion | undefined> {
    return this.version(subject, 'latest');
  }

  /** The versions of a subject, oldest first; none when there is no such subject. */
  async versions(subject: string): Promise<readonly SubjectVersion[]> {
    const numbers = await this.#get(`${subjectPath(subject)}/versions`);
    if (numbers === undefined) return [];
    if (!Array.isArray(numbers)) throw unexpected('versions that are no list');
    const versions: SubjectVersion[] = [];
    for (const number of numbers as unknown[]) {
      // One may have been deleted meanwhile.
      const version = await this.version(subject, Number(number));
      if (version !== undefined) versions.push(version);
    }
    return versions;
  }

  /**
   * Registers a schema under a subject, or finds it there. Throws SCHEMA_INCOMPATIBLE when the registry's rule for the subject forbids
   * it, and SCHEMA_INVALID when it is no schema.
   */
  async register(subject: string, written: WrittenSchema): Promise<RegisteredSchema> {
    const outcome = await this.#requests.call('POST', `${subjectPath(subject)}/versions`, bodyOf(written));
    if ('refused' in outcome) throw refusal(subject, outcome.refused);
    const id = numberIn(objectOf(outcome.answer), 'id');
    return { id, type: written.type ?? 'AVRO', schema: written.schema, references: await this.#referenced(written.references ?? []) };
  }

  /** Whether a schema may follow a version of a subject by the rule that holds for it; a subject without versions takes any. */
  async compatibility(subject: string, written: WrittenSchema, version: number | 'latest' = 'latest'): Promise<Compatibility> {
    const outcome = await this.#requests.call('POST', `/compatibility${subjectPath(subject)}/versions/${version}?verbose=true`, bodyOf(written));
    if ('refused' in outcome) {
      if (outcome.refused.status === NOT_FOUND) return { isCompatible: true, messages: [] };
      throw refusal(subject, outcome.refused);
    }
    const { is_compatible: isCompatible, messages } = objectOf(outcome.answer);
    if (typeof isCompatible !== 'boolean') throw unexpected('no is_compatible');
    return { isCompatible, messages: Array.isArray(messages) ? messages.map(String) : [] };
  }

  /** The rule by which the registry takes new versions of a subject, e.g. BACKWARD. */
  async compatibilityLevel(subject: string): Promise<string> {
    const answer = await this.#get(`/config/${encodeURIComponent(subject)}?defaultToGlobal=true`);
    return textIn(objectOf(answer ?? (await this.#get('/config'))), 'compatibilityLevel');
  }

  /** What is not found, or cannot be found out, is asked again the next time. */
  #askById(id: number): Promise<RegisteredSchema | undefined> {
    return this.#fetchById(id).then(
      (schema) => {
        if (schema === undefined) this.#byId.delete(id);
        return schema;
      },
      (error: unknown) => {
        this.#byId.delete(id);
        throw error;
      },
    );
  }

  async #fetchById(id: number): Promise<RegisteredSchema | undefined> {
    const found = await this.#getPatiently(`/schemas/ids/${id}`);
    if (found === undefined) return undefined;
    const answer = objectOf(found);
    return { id, type: typeIn(answer), schema: textIn(answer, 'schema'), references: await this.#referenced(referencesIn(answer)) };
  }

  async #versionIn(answer: Answer): Promise<SubjectVersion> {
    return {
      id: numberIn(answer, 'id'),
      subject: textIn(answer, 'subject'),
      version: numberIn(answer, 'version'),
      type: typeIn(answer),
      schema: textIn(answer, 'schema'),
      references: await this.#referenced(referencesIn(answer)),
    };
  }

  /** The texts of all schemas that are needed, each once, those first that the others need. */
  async #referenced(references: readonly SchemaReference[]): Promise<readonly string[]> {
    const texts = new Map<string, string>();
    const begun = new Set<string>();
    const visit = async ({ subject, version }: SchemaReference): Promise<void> => {
      const key = `${subject} ${version}`;
      if (begun.has(key)) return;
      begun.add(key);
      if (begun.size > MAX_REFERENCES) throw unexpected(`more than ${MAX_REFERENCES} references`);
      const found = await this.#get(`${subjectPath(subject)}/versions/${version}`);
      if (found === undefined) throw unexpected(`a reference to version ${version} of ${subject}, which is not there`);
      const answer = objectOf(found);
      for (const reference of referencesIn(answer)) await visit(reference);
      texts.set(key, textIn(answer, 'schema'));
    };
    for (const reference of references) await visit(reference);
    return [...texts.values()];
  }

  /** Undefined when it is not there, and does not come soon. */
  async #getPatiently(path: string): Promise<unknown> {
    const found = await this.#get(path);
    if (found !== undefined || !this.#mayWait()) return found;
    for (const pause of PAUSES_MILLISECONDS) {
      await sleep(pause);
      const late = await this.#get(path);
      if (late !== undefined) return late;
    }
    return undefined;
  }

  #mayWait(): boolean {
    const now = performance.now();
    const recent = this.#waited.filter((at) => now - at < MINUTE_MILLISECONDS);
    const may = recent.length < PATIENT_IDS;
    this.#waited = may ? [...recent, now] : recent;
    return may;
  }

  /** Undefined when it is not there. */
  async #get(path: string): Promise<unknown> {
    const outcome = await this.#requests.call('GET', path);
    if ('answer' in outcome) return outcome.answer;
    if (outcome.refused.status === NOT_FOUND) return undefined;
    throw refusal(path, outcome.refused);
  }
}

function subjectPath(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}`;
}

function refusal(what: string, { status, code, message }: Refused): WeirError {
  if (status === CONFLICT) {
    return new WeirError('SCHEMA_INCOMPATIBLE', `The registry does not take the schema for ${what}: ${message}.`, { remedy: 'Change the schema so that the rule of the subject holds, e.g. give new fields a default.' });
  }
  return new WeirError('SCHEMA_INVALID', `The registry refuses ${what} with code ${code}: ${message}.`, { remedy: 'Mend what the message names.' });
}
