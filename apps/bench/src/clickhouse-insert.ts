import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ClickHouse, ViewSink } from '@weir/connector-clickhouse';
import { RowBatch, hours } from '@weir/model';
import type { Batch } from '@weir/model';
import { createTable, revenueByCountryView as view, tableColumns, tableNames, tableValues } from '@weir/views';

const USAGE = `npm run bench:clickhouse -- [options]

Writes the same results to tables of a view, turn by turn through the sink (binary rows) and as JSON objects through the stock
client, and prints the CPU time of the writing process for a row, and the time that passed.

  --rows N     results in each turn, default 200000
  --turns N    turns of each, default 5; the median counts
  --url URL    a ClickHouse server; default: the embedded engine, started for this
  --help       this text`;

const ROWS_IN_BATCH = 5_000;
const ROWS_IN_INSERT = 50_000;
const PROGRAM = resolve(import.meta.dirname, '../../standalone/src/embedded/clickhouse-server.ts');
const LABEL = { taskEpoch: 1, watermark: 1_700_000_000_000, runId: '', codeVersion: '0.1.0' };

interface Turn {
  readonly cpuNanoseconds: number;
  readonly wallNanoseconds: number;
}

/** Results such as a pipeline emits: their fields in plain rows, what identifies them in columns. */
function batches(count: number): readonly Batch[] {
  return Array.from({ length: Math.ceil(count / ROWS_IN_BATCH) }, (_, nth) => {
    const length = Math.min(ROWS_IN_BATCH, count - nth * ROWS_IN_BATCH);
    const ordinals = Array.from({ length }, (__, i) => nth * ROWS_IN_BATCH + i);
    const starts = Float64Array.from(ordinals, (i) => 1_600_000_000_000 + Math.floor(i / 38) * hours(1));
    return new RowBatch(
      ordinals.map((i) => ({ country: `Country ${i % 38}`, hour: starts[i - nth * ROWS_IN_BATCH]!, cents: i * 997, units: i % 1_000, orders: i % 50 })),
      {
        timestamps: starts,
        results: {
          step: 'revenue',
          keys: ordinals.map((i) => `Country ${i % 38}`),
          starts,
          ends: starts.map((start) => start + hours(1)),
          timings: new Uint8Array(length).fill(1),
          indexes: new Int32Array(length),
          lasts: new Uint8Array(length).fill(1),
        },
      },
    );
  });
}

async function binary(clickhouse: ClickHouse, results: readonly Batch[]): Promise<void> {
  const columns = tableColumns(view);
  const sink = new ViewSink({ clickhouse, table: tableNames(view).speed, columns, row: (batch, position, _, __, values) => tableValues(view, batch, position, LABEL, values) });
  await sink.open({ pipeline: view.pipeline, sink: view.sink, taskEpoch: 1 });
  for (const batch of results) {
    sink.write(batch, LABEL.watermark);
    if (sink.pending >= ROWS_IN_INSERT) await sink.flush();
  }
  await sink.flush();
}

async function json(clickhouse: ClickHouse, results: readonly Batch[]): Promise<void> {
  const names = tableColumns(view).map(({ name }) => name);
  // As many results of one window are written while they wait, the newest alone counts; the sink looks for them, too.
  const waiting = new Map<string, Record<string, unknown>>();
  const flush = async (): Promise<void> => {
    await clickhouse.insert(tableNames(view).batch, [...waiting.values()]);
    waiting.clear();
  };
  for (const batch of results) {
    const { keys, starts, ends } = batch.results!;
    for (let i = 0; i < batch.length; i++) {
      const values: unknown[] = [];
      tableValues(view, batch, i, LABEL, values);
      const row: Record<string, unknown> = {};
      for (let at = 0; at < names.length; at++) row[names[at]!] = values[at];
      waiting.set(`${starts[i]} ${ends[i]} ${keys[i]}`, row);
    }
    if (waiting.size >= ROWS_IN_INSERT) await flush();
  }
  await flush();
}

async function turn(write: () => Promise<void>, rows: number): Promise<Turn> {
  const started = process.hrtime.bigint();
  const before = process.cpuUsage();
  await write();
  const { user, system } = process.cpuUsage(before);
  return { cpuNanoseconds: ((user + system) * 1_000) / rows, wallNanoseconds: Number(process.hrtime.bigint() - started) / rows };
}

function median(turns: readonly Turn[], of: (turn: Turn) => number): number {
  return turns.map(of).sort((a, b) => a - b)[turns.length >> 1]!;
}

async function startEngine(directory: string): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const engine = fork(PROGRAM, ['--path', directory, '--supervised'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  const port = await new Promise<number>((ready, failed) => {
    engine.once('message', (message) => ready((message as { readonly port: number }).port));
    engine.once('exit', (code) => failed(new Error(`the engine ended with ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}`, process: engine };
}

async function compare(url: string, rows: number, turns: number): Promise<void> {
  const clickhouse = new ClickHouse({ url });
  const results = batches(rows);
  const measured = { json: [] as Turn[], binary: [] as Turn[] };
  for (let nth = -1; nth < turns; nth++) {
    for (const layer of ['speed', 'batch'] as const) {
      await clickhouse.command(`DROP TABLE IF EXISTS ${tableNames(view)[layer]}`);
      await clickhouse.command(createTable(view, layer));
    }
    const own = await turn(() => binary(clickhouse, results), rows);
    const stock = await turn(() => json(clickhouse, results), rows);
    if (nth < 0) continue; // warms up
    measured.binary.push(own);
    measured.json.push(stock);
  }
  console.log(`${'format'.padEnd(12)} ${'CPU ns/row'.padStart(11)} ${'rows/CPU-s'.padStart(12)} ${'wall ns/row'.padStart(12)}`);
  for (const [name, all] of Object.entries(measured)) {
    const cpu = median(all, ({ cpuNanoseconds }) => cpuNanoseconds);
    console.log(`${name.padEnd(12)} ${cpu.toFixed(0).padStart(11)} ${Math.round(1e9 / cpu).toLocaleString('en').padStart(12)} ${median(all, ({ wallNanoseconds }) => wallNanoseconds).toFixed(0).padStart(12)}`);
  }
  const ratio = (of: (one: Turn) => number): string => (median(measured.json, of) / median(measured.binary, of)).toFixed(2);
  console.log(`binary is ${ratio(({ cpuNanoseconds }) => cpuNanoseconds)} times as fast by CPU of the writer, ${ratio(({ wallNanoseconds }) => wallNanoseconds)} times by the clock`);
  await clickhouse.close();
}

const { values } = parseArgs({ options: { rows: { type: 'string', default: '200000' }, turns: { type: 'string', default: '5' }, url: { type: 'string' }, help: { type: 'boolean' } } });
const directory = mkdtempSync(join(tmpdir(), 'weir-bench-'));
if (values.help === true) console.log(USAGE);
else {
  const engine = values.url === undefined ? await startEngine(directory) : undefined;
  await compare(values.url ?? engine!.url, Number(values.rows), Number(values.turns)).finally(async () => {
    if (engine === undefined) return;
    const ended = new Promise((done) => engine.process.once('exit', done));
    engine.process.kill('SIGTERM');
    await ended;
  });
}
rmSync(directory, { recursive: true });
