import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** What a benchmark was told: a number for each option, and names of what to measure. */
export interface BenchOptions<Option extends string> {
  readonly counts: Readonly<Record<Option, number>>;
  readonly names: readonly string[];
}

/**
 * Reads options that are whole numbers above 0, with their defaults; --help prints the usage and ends the process, and so does an
 * option that is wrong, with exit code 1.
 */
export function benchOptions<Option extends string>(usage: string, defaults: Readonly<Record<Option, number>>): BenchOptions<Option> {
  const entries = Object.entries(defaults) as [Option, number][];
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, value] of entries) options[name] = { type: 'string', default: String(value) };
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    if (values['help'] === true) {
      console.log(usage);
      process.exit(0);
    }
    const counts = Object.fromEntries(entries.map(([name]) => [name, wholeNumber(name, String(values[name]))])) as Record<Option, number>;
    return { counts, names: positionals };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(1);
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${name} is ${text}; it must be a whole number above 0.`);
}
