import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChdbBinding, Connection } from './chdb-binding.ts';
import { loadChdb } from './chdb-binding.ts';
import { engineError } from './engine-error.ts';
import { QueryLane } from './query-lane.ts';

/** One query as the HTTP interface takes it. */
export interface EngineQuery {
  readonly sql: string;
  /** True when the statement inserts a file of data: such have a lane of their own. */
  readonly insertsFile: boolean;
  /** Of the result, where the statement names none. */
  readonly format: string;
  readonly database: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
}

export interface EngineAnswer {
  readonly bytes: Uint8Array;
  /** Rows and bytes that were read: from tables, or from the file of an insert. */
  readonly rows: number;
  readonly rowBytes: number;
  readonly elapsedSeconds: number;
}

interface ConnectedLane {
  readonly lane: QueryLane;
  readonly connection: Connection;
}

/** The database that is there from the start. */
export const DATABASE = 'weir';

/** Of the engine. Small: it shares a laptop with all the rest of Weir. */
const ARGUMENTS = ['--background_pool_size=2', '--max_server_memory_usage=600000000', '--mark_cache_size=16777216', '--uncompressed_cache_size=0'];

/** Inserts that may be done at once, as many as there are reference pipelines, which often write together: one waits for the disk while another one computes. */
const INSERT_LANES = 3;

/** Of each connection: what is given as an argument holds for the first one only. */
const SETTINGS: Readonly<Record<string, string>> = {
  max_threads: '2',
  max_insert_threads: '1',
  max_bytes_before_external_sort: '100000000',
  max_bytes_before_external_group_by: '100000000',
  input_format_parallel_parsing: '0',
  compile_expressions: '0',
  compile_aggregate_expressions: '0',
  log_queries: '0',
  // A part of a few rows is read in less time than a thread of a pool takes to begin: half the time of a question for 60 rows.
  local_filesystem_read_method: 'pread',
  // As on a server, an expression is no query.
  implicit_select: '0',
};

/**
 * What a power cut must not take: a part is on the disk before its insert is answered. Fewer files for each part, as for a few rows
 * they are what an insert costs. And merges of what there is to merge: one that leaves out the small parts at the end merges the largest
 * with two or three, again after every few inserts, and writes each row hundreds of times.
 */
const CONFIGURATION = `<clickhouse>
  <merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
    <write_marks_for_substreams_in_compact_parts>0</write_marks_for_substreams_in_compact_parts>
    <ratio_of_defaults_for_sparse_serialization>1</ratio_of_defaults_for_sparse_serialization>
    <auto_statistics_types></auto_statistics_types>
    <merge_selector_enable_heuristic_to_remove_small_parts_at_right>0</merge_selector_enable_heuristic_to_remove_small_parts_at_right>
  </merge_tree>
  <primary_index_cache_size>16777216</primary_index_cache_size>
  <index_mark_cache_size>4194304</index_mark_cache_size>
</clickhouse>
`;
const SETTING = /^[A-Za-z][A-Za-z0-9_]*$/;

/**
 * ClickHouse's engine in this process, on one directory. Inserts of data have lanes of their own, so that a long one keeps neither
 * queries nor all other inserts waiting; within a lane one runs at a time. Bound parameters are no settings: they are gone when their query is.
 */
export class ClickHouseEngine {
  readonly #binding: ChdbBinding;
  readonly #path: string;
  readonly #queries: ConnectedLane;
  readonly #inserts: readonly ConnectedLane[];

  private constructor(binding: ChdbBinding, path: string, queries: Connection, inserts: readonly Connection[]) {
    this.#binding = binding;
    this.#path = path;
    this.#queries = { lane: new QueryLane(), connection: queries };
    this.#inserts = inserts.map((connection) => ({ lane: new QueryLane(), connection }));
  }

  /** Opens or makes the directory. The caller sees to it that no other process has it: the engine does not. */
  static async open(directory: string): Promise<ClickHouseEngine> {
    mkdirSync(directory, { recursive: true });
    const configuration = join(directory, 'config.xml');
    writeFileSync(configuration, CONFIGURATION);
    const binding = loadChdb();
    const path = join(directory, 'data');
    const queries = binding.CreateConnection(path, [...ARGUMENTS, `--config-file=${configuration}`]);
    await binding.QueryAsyncConnection(queries, `CREATE DATABASE IF NOT EXISTS ${DATABASE} ENGINE = Atomic`, 'TSV');
    const inserts = Array.from({ length: INSERT_LANES }, () => binding.CreateConnection(path));
    for (const connection of [queries, ...inserts]) await prepare(binding, connection, DATABASE, SETTINGS);
    return new ClickHouseEngine(binding, path, queries, inserts);
  }

  /** Runs one query in its turn; `isWanted` is asked when the turn has come. Fails with the engine's own words. */
  run(query: EngineQuery, isWanted: () => boolean): Promise<EngineAnswer> {
    const { lane, connection } = query.insertsFile ? leastBusy(this.#inserts) : this.#queries;
    const plain = query.database === DATABASE && Object.keys(query.settings).length === 0;
    return lane.run(() => (plain ? this.#execute(connection, query) : this.#apart(query)), isWanted);
  }

  /** Refuses what waits, lets what runs end, and closes the directory. */
  async close(): Promise<void> {
    const lanes = [...this.#inserts, this.#queries];
    await Promise.all(lanes.map(({ lane }) => lane.close()));
    for (const { connection } of lanes) this.#binding.CloseConnection(connection);
  }

  /** With settings or a database of its own, on a connection of its own: nothing of it is left for the next query. */
  async #apart(query: EngineQuery): Promise<EngineAnswer> {
    const connection = this.#binding.CreateConnection(this.#path);
    try {
      await prepare(this.#binding, connection, query.database, { ...SETTINGS, ...query.settings });
      return await this.#execute(connection, query);
    } finally {
      this.#binding.CloseConnection(connection);
    }
  }

  async #execute(connection: Connection, query: EngineQuery): Promise<EngineAnswer> {
    const { bytes, rowsRead, bytesRead, elapsed } = await this.#binding.QueryAsyncConnection(connection, query.sql, query.format, query.parameters);
    return { bytes, rows: rowsRead, rowBytes: bytesRead, elapsedSeconds: elapsed };
  }
}

function leastBusy(lanes: readonly ConnectedLane[]): ConnectedLane {
  return lanes.reduce((least, each) => (each.lane.load < least.lane.load ? each : least));
}

async function prepare(binding: ChdbBinding, connection: Connection, database: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const unknown = Object.keys(settings).find((name) => !SETTING.test(name));
  if (unknown !== undefined) throw engineError(115, 'UNKNOWN_SETTING', `Unknown setting '${unknown}'`);
  await binding.QueryAsyncConnection(connection, `USE ${identifier(database)}`, 'TSV');
  // One statement: a setting that makes the others read-only takes effect after it.
  const assignments = Object.entries(settings).map(([name, value]) => `${name} = ${text(value)}`);
  await binding.QueryAsyncConnection(connection, `SET ${assignments.join(', ')}`, 'TSV');
}

function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
