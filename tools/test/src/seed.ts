import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    readonly seed: number;
  }
}

/** Chooses the seed that all properties of a run begin from, or takes it from WEIR_SEED, and says it. */
export default function seed(project: TestProject): void {
  const given = process.env['WEIR_SEED'];
  const chosen = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  if (!Number.isInteger(chosen)) throw new Error(`WEIR_SEED is ${given}; it must be a whole number.`);
  console.log(`Properties start from seed ${chosen}; WEIR_SEED=${chosen} repeats them.`);
  project.provide('seed', chosen);
}
