import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WeirError } from '@weir/model';
import { referencePipelines } from '@weir/pipelines';
import type { Topology } from '@weir/topology';

const HELP = `The speed layer: runs pipelines live over the log and writes their views.

  --data DIR          data directory with the log and the checkpoints   (WEIR_DATA)
  --clickhouse URL    where the views are written                       (WEIR_CLICKHOUSE_URL)
  --postgres URL      the catalog                                       (WEIR_POSTGRES_URL)
  --pipelines A,B     which pipelines; default all
  --owner NAME        who holds the leases; a new attempt of the same owner takes over at once. Default: a name of its own
  --supervised        end with the parent process`;

/** What the process is told. */
export interface Settings {
  readonly data: string;
  readonly clickhouse: string;
  readonly postgres: string;
  readonly pipelines: readonly Topology[];
  readonly supervised: boolean;
  readonly owner: string | undefined;
  readonly codeVersion: string;
  readonly migrations: string;
}

/** Reads the command line and the environment; undefined after --help. Throws SETTING_UNKNOWN, SETTING_MISSING or SETTING_PIPELINE. */
export function readSettings(): Settings | undefined {
  const values = parsed();
  if (values.help) {
    console.log(HELP);
    return undefined;
  }
  const root = new URL('../../../', import.meta.url);
  return {
    data: required('--data', values.data ?? process.env['WEIR_DATA']),
    clickhouse: required('--clickhouse', values.clickhouse ?? process.env['WEIR_CLICKHOUSE_URL']),
    postgres: required('--postgres', values.postgres ?? process.env['WEIR_POSTGRES_URL']),
    pipelines: chosen(values.pipelines),
    supervised: values.supervised,
    owner: values.owner,
    codeVersion: (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }).version,
    migrations: fileURLToPath(new URL('infra/migrations/postgres', root)),
  };
}

/** The options of the command line. */
function parsed() {
  try {
    return parseArgs({
      options: {
        data: { type: 'string' },
        clickhouse: { type: 'string' },
        postgres: { type: 'string' },
        pipelines: { type: 'string' },
        owner: { type: 'string' },
        supervised: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new WeirError('SETTING_UNKNOWN', error.message.split('. ')[0]!.replace(/\.?$/, '.'), { remedy: '--help names the options.', cause: error });
  }
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new WeirError('SETTING_MISSING', `${name} is not given.`, { remedy: 'Give it on the command line or in the environment; --help names both.' });
}

function chosen(names: string | undefined): readonly Topology[] {
  if (names === undefined) return referencePipelines;
  return names.split(',').map((name) => {
    const topology = referencePipelines.find((candidate) => candidate.name === name);
    if (topology !== undefined) return topology;
    throw new WeirError('SETTING_PIPELINE', `There is no pipeline '${name}'.`, { remedy: `Choose among ${referencePipelines.map((candidate) => candidate.name).join(', ')}.` });
  });
}
