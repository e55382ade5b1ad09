import type { Rejection } from '@weir/connector-api';
import type { Batch, Change, Key, Pane, RequestAnswer, Timestamp, Watermark, Window } from '@weir/model';
import { CHANGES, DELETE, INSERT, MAX_TIMESTAMP, PANE_TIMINGS, RowBatch, WeirError } from '@weir/model';
import { Task } from '@weir/runtime';
import type { BookTotals } from '@weir/runtime';
import type { Infer } from '@weir/schema';
import { describe } from '@weir/topology';
import type { Schemas, Topology } from '@weir/topology';
import { PoisonedBatch } from './poisoned-batch.ts';

export interface TestDriverOptions {
  /** Partitions of each source; default 1. */
  readonly partitions?: number;
  /** A snapshot of a driver of the same pipeline with as many partitions. */
  readonly restored?: Uint8Array;
}

export interface PushOptions {
  /** Default 0. */
  readonly partition?: number;
  /** The log's own time of these rows, which an event may be ahead of by `maxFuture`; default: never too far ahead. */
  readonly logTimestamp?: Timestamp;
}

/** A row at a sink that came out of a window, with the identity of its result. */
export interface DrivenResult<Row> {
  readonly row: Row;
  readonly key: Key;
  readonly window: Window;
  readonly pane: Pane;
  /** True when the row withdraws the result that was fired under this key and window before. */
  readonly withdrawn: boolean;
  /** What the row does to the table of results: with retracting accumulation, an update comes as the row before and the row after. */
  readonly change: Change;
}

/** A request of the pipeline to the outside world, which the test answers. */
export interface PendingRequest {
  readonly step: string;
  readonly id: number;
  readonly request: unknown;
}

/** Runs one pipeline by hand: no broker, no clock, no promise. */
export interface TestDriver<Sources extends Schemas, Sinks extends Schemas> {
  /** Processes rows as one batch. The watermark follows them as the pipeline says. */
  push<Source extends keyof Sources & string>(source: Source, rows: Infer<Sources[Source]> | readonly Infer<Sources[Source]>[], options?: PushOptions): void;
  /** Says that every event of a source with a timestamp < watermark has arrived. */
  advanceWatermark(source: keyof Sources & string, watermark: Watermark): void;
  /** Says what wall-clock time it is. Without it no time passes. */
  tick(now: Timestamp): void;
  /** The requests that wait for an answer, in the order of asking; all of them after a restore. */
  pendingRequests(step?: string): readonly PendingRequest[];
  /** Answers a request: with a JSON value, or with what makes it fail. Throws DRIVER_NO_REQUEST when none of the step waits with this id. */
  answer(step: string, id: number, answer: unknown): void;
  fail(step: string, id: number, error: string): void;
  /** The rows that came to a sink since it was drained last, copied, in order. */
  drain<Sink extends keyof Sinks & string>(sink: Sink): Infer<Sinks[Sink]>[];
  /** The same with the identity of each result. Throws DRIVER_NO_RESULT when a row did not come out of a window. */
  drainResults<Sink extends keyof Sinks & string>(sink: Sink): DrivenResult<Infer<Sinks[Sink]>>[];
  /** The rows that were refused since this was called last, because their time is no time or too far ahead. */
  drainRejections(): Rejection[];
  /** Where every row went that was pushed. */
  books(): BookTotals;
  /** All state; to be given to a new driver. What has not been drained is not in it. */
  snapshot(): Uint8Array;
  /** The pipeline as text. */
  describe(): string;
}

/** Makes a driver for a pipeline. It runs the very task that production runs, and throws CURSOR_KEPT where a row was kept. */
export function testDriver<const Sources extends Schemas, const Sinks extends Schemas>(
  topology: Topology<Sources, Sinks>,
  options: TestDriverOptions = {},
): TestDriver<Sources, Sinks> {
  return new Driver(topology, options);
}

interface Arrived {
  readonly row: unknown;
  readonly result: Omit<DrivenResult<never>, 'row'> | undefined;
}

class Driver<Sources extends Schemas, Sinks extends Schemas> implements TestDriver<Sources, Sinks> {
  readonly #topology: Topology<Sources, Sinks>;
  readonly #partitions: number;
  readonly #task: Task;
  readonly #arrived = new Map<string, Arrived[]>();
  #rejections: Rejection[] = [];
  readonly #pending: PendingRequest[] = [];

  constructor(topology: Topology<Sources, Sinks>, { partitions = 1, restored }: TestDriverOptions) {
    this.#topology = topology;
    this.#partitions = partitions;
    const sinks = Object.keys(topology.sinks);
    for (const sink of sinks) this.#arrived.set(sink, []);
    this.#task = new Task({
      topology,
      partitions: Object.fromEntries(Object.keys(topology.sources).map((source) => [source, partitions])),
      outputs: Object.fromEntries(sinks.map((sink) => [sink, { write: (batch: Batch) => this.#collect(sink, batch) }])),
      onRejections: (_source, _partition, rejections) => void this.#rejections.push(...rejections),
      ...(restored === undefined ? {} : { restored: [restored] }),
    });
  }

  push<Source extends keyof Sources & string>(
    source: Source,
    rows: Infer<Sources[Source]> | readonly Infer<Sources[Source]>[],
    { partition = 0, logTimestamp = MAX_TIMESTAMP }: PushOptions = {},
  ): void {
    const schema = this.#known('source', source, this.#topology.sources);
    if (!Number.isInteger(partition) || partition < 0 || partition >= this.#partitions) {
      throw new WeirError('DRIVER_PARTITION', `There is no partition ${partition}; the driver has ${this.#partitions}.`, {
        pipeline: this.#topology.name,
        remedy: 'Make the driver with { partitions: … }.',
      });
    }
    const objects: readonly unknown[] = Array.isArray(rows) ? rows : [rows];
    const { length } = objects;
    const position = this.#task.position(source, partition);
    const origin = {
      source,
      partition,
      offsets: Float64Array.from({ length }, (_, index) => position + index),
      logTimestamps: new Float64Array(length).fill(logTimestamp),
    };
    const batch = new PoisonedBatch(
      new RowBatch(objects, { timestamps: new Float64Array(length).fill(Number.NaN), origin }),
      schema.fields.map((field) => field.name),
    );
    this.#task.onRows(source, partition, batch);
    this.#task.seek(source, partition, position + length);
    batch.poison();
  }

  advanceWatermark(source: keyof Sources & string, watermark: Watermark): void {
    this.#known('source', source, this.#topology.sources);
    this.#task.onWatermark(source, watermark);
  }

  tick(now: Timestamp): void {
    this.#task.onTick(now);
  }

  pendingRequests(step?: string): readonly PendingRequest[] {
    for (const asking of this.#task.asking()) {
      const taken = asking.requests.take(Number.POSITIVE_INFINITY);
      this.#pending.push(...taken.map(({ id, request }) => ({ step: asking.step, id, request })));
    }
    return this.#pending.filter((pending) => step === undefined || pending.step === step);
  }

  answer(step: string, id: number, answer: unknown): void {
    this.#answer(step, { id, failed: false, json: JSON.stringify(answer ?? null) });
  }

  fail(step: string, id: number, error: string): void {
    this.#answer(step, { id, failed: true, json: JSON.stringify(error) });
  }

  drain<Sink extends keyof Sinks & string>(sink: Sink): Infer<Sinks[Sink]>[] {
    return this.#take(sink).map(({ row }) => row as Infer<Sinks[Sink]>);
  }

  drainResults<Sink extends keyof Sinks & string>(sink: Sink): DrivenResult<Infer<Sinks[Sink]>>[] {
    return this.#take(sink).map(({ row, result }) => {
      if (result !== undefined) return { row: row as Infer<Sinks[Sink]>, ...result };
      throw new WeirError('DRIVER_NO_RESULT', `A row at sink '${sink}' did not come out of a window.`, {
        pipeline: this.#topology.name,
        remedy: 'Use drain.',
      });
    });
  }

  drainRejections(): Rejection[] {
    const rejections = this.#rejections;
    this.#rejections = [];
    return rejections;
  }

  books(): BookTotals {
    return this.#task.books();
  }

  snapshot(): Uint8Array {
    return this.#task.snapshot();
  }

  describe(): string {
    return describe(this.#topology);
  }

  #answer(step: string, answer: RequestAnswer): void {
    const index = this.pendingRequests().findIndex((pending) => pending.step === step && pending.id === answer.id);
    if (index < 0) {
      throw new WeirError('DRIVER_NO_REQUEST', `No request ${answer.id} of '${step}' waits for an answer.`, { pipeline: this.#topology.name, step, remedy: 'Answer what pendingRequests() says, once.' });
    }
    this.#pending.splice(index, 1);
    this.#task.onAnswers(step, [answer]);
  }

  #take(sink: string): Arrived[] {
    this.#known('sink', sink, this.#topology.sinks);
    const rows = this.#arrived.get(sink)!;
    this.#arrived.set(sink, []);
    return rows;
  }

  #collect(sink: string, batch: Batch): void {
    const arrived = this.#arrived.get(sink)!;
    const { results } = batch;
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const row = batch.at(position);
      arrived.push({
        row: typeof row === 'object' && row !== null ? { ...row } : row,
        result: results === undefined ? undefined : resultAt(results, position, batch.changes?.[position] ?? INSERT),
      });
    }
  }

  #known<Schema>(kind: 'source' | 'sink', name: string, schemas: Readonly<Record<string, Schema>>): Schema {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (schema !== undefined) return schema;
    throw new WeirError('DRIVER_NAME', `The pipeline has no ${kind} '${name}'.`, {
      pipeline: this.#topology.name,
      remedy: `It has ${Object.keys(schemas).join(', ')}.`,
    });
  }
}

function resultAt(results: NonNullable<Batch['results']>, position: number, change: number): Omit<DrivenResult<never>, 'row'> {
  const index = results.indexes[position]!;
  return {
    key: results.keys[position]!,
    window: { start: results.starts[position]!, end: results.ends[position]! },
    pane: { timing: PANE_TIMINGS[results.timings[position]!]!, index, isFirst: index === 0, isLast: results.lasts[position] === 1 },
    withdrawn: change === DELETE,
    change: CHANGES[change]!,
  };
}
