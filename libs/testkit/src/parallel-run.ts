import type { Batch, Change, Key, KeySelector, Operator, OperatorObserver, OperatorSpec, PaneTiming, Timestamp, Watermark } from '@weir/model';
import { CHANGES, INSERT, KEY_GROUPS, MIN_WATERMARK, PANE_TIMINGS, RowBatch, invariant, keyGroupOf } from '@weir/model';
import { SnapshotReader, SnapshotWriter, createHeapState } from '@weir/state';

/** A row that came out, copied. */
export interface Emitted {
  /** Name of the output. */
  readonly port: string;
  readonly row: unknown;
  readonly timestamp: Timestamp;
  readonly change: Change;
  /** The identity of a window result. */
  readonly result?: { readonly key: Key; readonly start: Timestamp; readonly end: Timestamp; readonly timing: PaneTiming; readonly index: number; readonly isLast: boolean };
}

interface Instance {
  readonly operator: Operator;
  readonly number: number;
}

/** Runs one operator as several instances, each owning a range of key groups, as a job of several workers would. */
export class ParallelRun {
  readonly #spec: OperatorSpec;
  readonly #instances: readonly Instance[];
  readonly emitted: Emitted[] = [];
  /** Rows that were told of, and rows that were handed over; a broadcast row counts once for each instance. */
  readonly books = { told: 0, entered: 0 };
  #received: Watermark = MIN_WATERMARK;
  readonly #passed: Watermark[];
  /** The least timestamp of a row of the main output below a watermark that had been passed on; NaN when there is none. */
  behindWatermark = Number.NaN;

  constructor(spec: OperatorSpec, parallelism: number, restored?: { readonly snapshots: readonly Uint8Array[]; readonly watermark: Watermark }) {
    this.#spec = spec;
    const tell = (count: number): void => void (this.books.told += count);
    const observer: OperatorObserver = { counted: tell, late: tell, filtered: tell, rejected: () => undefined, wantsRejections: false };
    this.#instances = Array.from({ length: parallelism }, (_, number) => {
      const owns = (keyGroup: number): boolean => ownerOf(keyGroup, parallelism) === number;
      const reader = restored === undefined ? undefined : new SnapshotReader(restored.snapshots, owns);
      return { number, operator: spec.create({ pipeline: 'test', step: 'step', state: createHeapState(), observer }, reader?.step('step')) };
    });
    if (restored !== undefined) this.#received = restored.watermark;
    this.#passed = this.#instances.map(({ operator }) => operator.outputWatermark?.() ?? this.#received);
  }

  get received(): Watermark {
    return this.#received;
  }

  rows(input: number, batch: Batch): void {
    const { distribution } = this.#spec.inputs[input]!;
    for (const instance of this.#instances) {
      const mine = distribution.kind === 'keyed' ? this.#owned(batch, distribution.key, instance.number) : batch;
      if (distribution.kind === 'forward' && (batch.origin?.partition ?? 0) % this.#instances.length !== instance.number) continue;
      if (mine.length === 0) continue;
      this.books.entered += mine.length;
      instance.operator.onBatch(mine, this.#collector(instance), input);
    }
  }

  watermark(watermark: Watermark): void {
    this.#received = watermark;
    for (const instance of this.#instances) {
      instance.operator.onWatermark?.(watermark, this.#collector(instance));
      const passed = instance.operator.outputWatermark?.() ?? watermark;
      invariant(passed <= watermark, 'an operator does not pass on more than it received');
      invariant(passed >= this.#passed[instance.number]!, 'the watermark that is passed on never goes back');
      this.#passed[instance.number] = passed;
    }
  }

  tick(now: Timestamp): void {
    for (const instance of this.#instances) instance.operator.onTick?.(now, this.#collector(instance));
  }

  /** One snapshot for each instance. */
  snapshots(): readonly Uint8Array[] {
    return this.#instances.map(({ operator }) => {
      const writer = new SnapshotWriter();
      operator.snapshot?.(writer.step('step'));
      return writer.encode();
    });
  }

  #owned(batch: Batch, key: KeySelector, instance: number): Batch {
    if (this.#instances.length === 1) return batch;
    const values = 'field' in key ? batch.values(key.field) : undefined;
    const rows = batch.rows.slice(0, batch.length).filter((position) => {
      const value = values === undefined ? (key as { of: (row: unknown) => Key }).of(batch.at(position)) : (values[position] as Key);
      return ownerOf(keyGroupOf(value), this.#instances.length) === instance;
    });
    return batch.select(rows, rows.length);
  }

  #collector({ number }: Instance): { emit(batch: Batch, port?: number): void } {
    return {
      emit: (batch, port = 0) => {
        invariant(batch.length > 0, 'no operator emits an empty batch');
        for (let i = 0; i < batch.length; i++) {
          const emitted = emittedAt(batch, batch.rows[i]!, this.#spec.outputs[port]!);
          this.emitted.push(emitted);
          if (port === 0 && emitted.timestamp < this.#passed[number]!) this.behindWatermark = emitted.timestamp;
        }
      },
    };
  }
}

function ownerOf(keyGroup: number, parallelism: number): number {
  return Math.floor((keyGroup * parallelism) / KEY_GROUPS);
}

function emittedAt(batch: Batch, position: number, port: string): Emitted {
  const row = batch.at(position);
  const { results } = batch;
  const emitted = {
    port,
    row: structuredClone(typeof row === 'object' && row !== null ? { ...row } : row),
    timestamp: batch.timestamps[position]!,
    change: CHANGES[batch.changes?.[position] ?? INSERT]!,
  };
  if (results === undefined) return emitted;
  return {
    ...emitted,
    result: {
      key: results.keys[position]!,
      start: results.starts[position]!,
      end: results.ends[position]!,
      timing: PANE_TIMINGS[results.timings[position]!]!,
      index: results.indexes[position]!,
      isLast: results.lasts[position] === 1,
    },
  };
}

/** Rows of a scenario as a batch with its place in the log. */
export function scenarioBatch(input: string, partition: number, rows: readonly { readonly at: Timestamp }[], from: number): Batch {
  const timestamps = Float64Array.from(rows, ({ at }) => at);
  const offsets = Float64Array.from(rows, (_, index) => from + index);
  return new RowBatch(rows, { timestamps, origin: { source: input, partition, offsets, logTimestamps: timestamps } });
}
