import { parseArgs } from 'node:util';
import { WeirError } from '@weir/model';
import { DISORDERS } from './arrivals.ts';
import type { Disorder } from './arrivals.ts';
import { STREAMS } from './registry.ts';

/** What `generate` was asked for. */
export interface GenerateOptions {
  readonly stream: string;
  readonly seed: number;
  readonly events: number;
  readonly disorder: Disorder;
  /** A file of JSON lines, or the directory of an embedded log. */
  readonly target: { readonly file: string } | { readonly log: string };
}

const LARGEST = 10_000_000;

export const GENERATE_HELP = `Makes a stream of events from a seed, with known things planted in it.

  generator generate STREAM --out FILE     JSON lines in the order of arrival; what is planted goes to FILE.truth.json
  generator generate STREAM --log DIR      records in the topics of the stream, of an embedded log that does not have them yet

  STREAM           ${Object.keys(STREAMS).join(', ')}
  --seed NUMBER    the same seed gives the same events (0 to 2147483647, default 1)
  --events NUMBER  about how many (1 to ${LARGEST}, default 20000)
  --disorder HOW   ${Object.keys(DISORDERS).join(', ')} (default mild)`;

/** Reads the command line behind `generate`; null when help is asked for. Throws GENERATOR_OPTION. */
export function parseGenerateOptions(argv: readonly string[]): GenerateOptions | null {
  const { values, positionals } = parsed(argv);
  if (values.help) return null;
  const [stream, ...rest] = positionals;
  if (stream === undefined || !Object.hasOwn(STREAMS, stream) || rest.length > 0) throw refused(`Name one stream of ${Object.keys(STREAMS).join(', ')}.`);
  if ((values.out === undefined) === (values.log === undefined)) throw refused('Say either --out FILE or --log DIR.');
  const disorder = (DISORDERS as Readonly<Record<string, Disorder>>)[values.disorder];
  if (disorder === undefined || !Object.hasOwn(DISORDERS, values.disorder)) throw refused(`--disorder is one of ${Object.keys(DISORDERS).join(', ')}.`);
  return {
    stream,
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31 - 1),
    events: wholeNumber('events', values.events, 1, LARGEST),
    disorder,
    target: values.out === undefined ? { log: values.log! } : { file: values.out },
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        seed: { type: 'string', default: '1' },
        events: { type: 'string', default: '20000' },
        disorder: { type: 'string', default: 'mild' },
        out: { type: 'string' },
        log: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause));
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw refused(`--${name} takes a whole number from ${least} to ${most}, not '${text}'.`);
}

function refused(what: string): WeirError {
  return new WeirError('GENERATOR_OPTION', what, { remedy: 'See generator generate --help.' });
}
