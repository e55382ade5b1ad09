import avsc from 'avsc';
import type { Schema, Type } from 'avsc';

const LEVELS = ['NONE', 'BACKWARD', 'BACKWARD_TRANSITIVE', 'FORWARD', 'FORWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE'] as const;

/** What new versions of a subject must be to the ones before. */
export type Level = (typeof LEVELS)[number];

/** Whether it names one of them. */
export function isLevel(value: unknown): value is Level {
  return LEVELS.includes(value as Level);
}

/** Why a schema may not follow these versions (oldest first) by a rule; none when it may. Decided by avsc. */
export function violations(level: Level, candidate: string, versions: readonly string[]): readonly string[] {
  if (level === 'NONE') return [];
  const compared = level.endsWith('_TRANSITIVE') ? versions : versions.slice(-1);
  const next = typeOf(candidate);
  return compared.flatMap((version) => {
    const old = typeOf(version);
    const found: string[] = [];
    if (!level.startsWith('FORWARD')) found.push(...unreadable(next, old));
    if (!level.startsWith('BACKWARD')) found.push(...unreadable(old, next));
    return found;
  });
}

/** A schema in its shortest form, by which equal ones are found; throws when it is none. */
export function canonical(schema: string): string {
  return JSON.stringify(typeOf(schema).schema({ exportAttrs: true }));
}

function unreadable(reader: Type, writer: Type): readonly string[] {
  try {
    reader.createResolver(writer);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

function typeOf(schema: string): Type {
  return avsc.Type.forSchema(JSON.parse(schema) as Schema, { wrapUnions: 'always' });
}
