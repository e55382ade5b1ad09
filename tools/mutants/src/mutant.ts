import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A defect that is planted on purpose, to show that the tests would see it. */
export interface Mutant {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Test files or folders that must fail; default the folder of the project the file is in. */
  readonly tests?: readonly string[];
  /** Random cases of each property, where one of them takes long; default 200, and 2,000 when those see nothing. */
  readonly runs?: number;
  /** Tried in every npm test. */
  readonly sample?: boolean;
}

/** Plants a mutant in a copy of the repository; answers how to take it out again. */
export function plant(root: string, mutant: Mutant): () => void {
  const path = join(root, mutant.file);
  const sound = readFileSync(path, 'utf8');
  const parts = sound.split(mutant.find);
  if (parts.length !== 2) {
    throw new Error(`Mutant '${mutant.name}': '${mutant.find}' occurs ${parts.length - 1} times in ${mutant.file}, must be once. Adapt the mutant to the code.`);
  }
  writeFileSync(path, parts.join(mutant.replace));
  return () => writeFileSync(path, sound);
}

/** The folder of the project that a file belongs to: `libs/x`, `libs/connectors/x` or `apps/x`. */
export function projectOf(file: string): string {
  const parts = file.split('/');
  return parts.slice(0, parts[1] === 'connectors' ? 3 : 2).join('/');
}
