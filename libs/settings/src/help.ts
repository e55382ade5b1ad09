import { leavesOf } from './leaf.ts';
import type { AppSettings } from './read-settings.ts';
import type { TObject } from 'typebox';

const GENERAL: readonly (readonly [string, string])[] = [
  ['--config FILE', 'settings as JSON; what the environment or the command line says goes before it (WEIR_CONFIG)'],
  ['--print-config', 'print the settings that would be used, without secrets, and end'],
  ['--help', 'print this and end'],
];

/** What `--help` prints: made of the schema, so it is never behind it. */
export function helpOf({ usage, about, schema }: AppSettings<TObject>): string {
  const rows: [string, string][] = leavesOf(schema).map(({ option, variable, field }) => {
    const { description = '', default: initial, type, placeholder } = field;
    const shown = initial === undefined || initial === false ? '' : `; default ${Array.isArray(initial) ? initial.join(',') : String(initial)}`;
    return [`--${option}${type === 'boolean' ? '' : ` ${placeholder ?? 'VALUE'}`}`, `${description}${shown} (${variable})`];
  });
  const all = [...rows, ...GENERAL];
  const width = Math.min(34, Math.max(...all.map(([left]) => left.length)));
  const lines = all.map(([left, right]) => (left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`));
  return `${about}\n\nUsage: ${usage} [settings]\n\n${lines.join('\n')}\n\nSettings come from defaults, then the file, then the environment, then the command line; the last one counts. Secrets are given as\nfile:PATH or env:NAME.`;
}
