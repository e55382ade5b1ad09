import { parseArgs } from 'node:util';
import { WeirError } from '@weir/model';
import { DEFAULT_SEED } from './load.ts';

/** What was asked of the generator. */
export interface Options {
  readonly command: 'load' | 'live';
  /** Directory of the embedded log. */
  readonly log: string;
  readonly rate: number;
  readonly speed: number;
  readonly seed: number;
  readonly supervised: boolean;
}

export const HELP = `Puts orders into the log.

  generator load --log DIR            loads UCI Online Retail, once; goes on where it was broken off
  generator live --log DIR            places orders drawn from the real ones until it is stopped
  generator generate STREAM …         makes a stream with known things planted in it; see generator generate --help

  --rate LINES    lines per second of wall time (live; 1 to 100000, default 500)
  --speed FACTOR  shop time per wall time (live; 1 to 86400, default 60)
  --seed NUMBER   of disorder and drawing (default ${DEFAULT_SEED})
  --supervised    report to the parent process and end with it`;

/** Reads the command line; null when help is asked for. Throws GENERATOR_OPTION. */
export function parseOptions(argv: readonly string[]): Options | null {
  const { values, positionals } = parsed(argv);
  const [command, ...rest] = positionals;
  if (values.help) return null;
  if ((command !== 'load' && command !== 'live') || rest.length > 0) throw refused('Say either load or live.');
  if (values.log === undefined) throw refused('Say with --log which directory holds the log.');
  return {
    command,
    log: values.log,
    rate: wholeNumber('rate', values.rate, 1, 100_000),
    speed: wholeNumber('speed', values.speed, 1, 86_400),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31 - 1),
    supervised: values.supervised,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        log: { type: 'string' },
        rate: { type: 'string', default: '500' },
        speed: { type: 'string', default: '60' },
        seed: { type: 'string', default: String(DEFAULT_SEED) },
        supervised: { type: 'boolean', default: false },
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
  return new WeirError('GENERATOR_OPTION', what, { remedy: 'See generator --help.' });
}
