import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';

/** What the user asked of `npm start`. */
export interface Options {
  readonly data: string;
  readonly port: number;
  /** Order lines per second of wall time that the generator places once the history is in. */
  readonly rate: number;
  /** Shop time per wall time. */
  readonly speed: number;
  readonly once: boolean;
  readonly fresh: boolean;
}

/** Parses the command line; prints help or an error and exits where commander does. */
export function parseOptions(argv: readonly string[], repository: string): Options {
  const program = new Command('npm start --')
    .description(
      'Runs Weir on this machine: an embedded log, ClickHouse and Postgres, half a million real orders, the speed layer, a replay by\n' +
        'the batch layer, a proof that both agree, and then a live shop with a serving API and a console.',
    )
    .option('--once', 'end after the proof: exit 0 when every difference is explained, 1 otherwise', false)
    .option('--data <dir>', 'where everything is kept', resolve(repository, '.weir'))
    .addOption(new Option('--port <port>', 'port of the serving API and the console, on 127.0.0.1').argParser(wholeNumber('port', 0, 65_535)).default(8080))
    .addOption(new Option('--rate <lines>', 'order lines per second that the live shop places').argParser(wholeNumber('rate', 1, 100_000)).default(500))
    .addOption(new Option('--speed <factor>', 'shop time per wall time in the live shop').argParser(wholeNumber('speed', 1, 86_400)).default(60))
    .option('--fresh', 'delete what Weir keeps in the data directory first', false)
    .helpOption('-h, --help', 'show this help')
    .allowExcessArguments(false)
    .showHelpAfterError('Try npm start -- --help');
  program.parse([...argv], { from: 'user' });
  const given = program.opts<Options>();
  return { ...given, data: resolve(process.env['INIT_CWD'] ?? process.cwd(), given.data) };
}

function wholeNumber(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`--${name} takes a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}
