import type { Batch, Collector, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { BatchSlots } from './batch-slots.ts';
import { checkedOutputs } from './checked-outputs.ts';
import { describeStates } from './describe-states.ts';
import { OrderedRows } from './ordered-rows.ts';
import type { OperatorStates, OutputDeclarations, ProcessFunction, ProcessOptions, StateDeclarations } from './process-function.ts';
import { ProcessRunner } from './process-runner.ts';
import type { RunnerOptions, UntypedFunction } from './process-runner.ts';

/** The key and the function of a process step. */
export interface ProcessStep<Row, K, States extends StateDeclarations, Out, Outputs extends OutputDeclarations, Instance extends OperatorStates> extends ProcessOptions {
  readonly key: KeySelector<Row>;
  readonly function: ProcessFunction<Row, K, States, Out, Outputs, Instance>;
}

/**
 * A keyed step that does what no operator covers. Outputs: `out`, the declared ones, and in event-time order `late`. Throws
 * PROCESS_OUTPUT on an output that is called like one that is there already.
 */
export function process<Row, K, States extends StateDeclarations, Out, Outputs extends OutputDeclarations, Instance extends OperatorStates>(
  step: ProcessStep<Row, K, States, Out, Outputs, Instance>,
): OperatorSpec {
  const { order = 'arrival', cleanUp = 1_000, maxTimers = 10_000, maxWaiting = 1_000_000 } = step;
  const untyped = untypedFunction(step.function);
  const outputs = checkedOutputs(untyped.outputs, order === 'event-time' ? ['late'] : []);
  const key = step.key as unknown as KeySelector;
  const detail = ['field' in key ? `by ${key.field}` : 'by function', ...describeStates(untyped), `${order} order`].join(', ');
  return Object.freeze<OperatorSpec>({
    kind: 'process',
    inputs: [{ name: 'in', distribution: { kind: 'keyed', key } }],
    outputs,
    stateful: true,
    passes: order === 'event-time' ? [{ input: 0, port: outputs.indexOf('late') }] : [],
    describe: () => ({ kind: 'process', detail }),
    create: (context: OperatorContext, restored?: StateReader) => {
      const options = { cleanUp, maxTimers };
      return order === 'arrival' ? new ArrivalProcess(context, key, untyped, options, restored) : new OrderedProcess(context, key, untyped, { ...options, maxWaiting }, restored);
    },
  });
}

/** The function without its types, which have done their work in the signature. */
export function untypedFunction<Row, K, States extends StateDeclarations, Out, Outputs extends OutputDeclarations, Instance extends OperatorStates>(
  definition: ProcessFunction<Row, K, States, Out, Outputs, Instance>,
): UntypedFunction {
  const { state = {}, operatorState = {}, outputs = {} } = definition;
  const functions = definition as unknown as Pick<UntypedFunction, 'onRow' | 'onTimer'>;
  return {
    state,
    operatorState,
    outputs: ['out', ...Object.keys(outputs)],
    onRow: (row, ctx) => functions.onRow(row, ctx),
    onTimer: functions.onTimer === undefined ? undefined : (timer, ctx) => functions.onTimer!(timer, ctx),
  };
}

/** Handles rows at once. */
class ArrivalProcess implements Operator {
  readonly #runner: ProcessRunner;
  readonly #key: KeySelector;
  readonly #observer: OperatorContext['observer'];
  readonly #slots = new BatchSlots();

  constructor(context: OperatorContext, key: KeySelector, definition: UntypedFunction, options: RunnerOptions, restored: StateReader | undefined) {
    this.#key = key;
    this.#observer = context.observer;
    this.#runner = new ProcessRunner(context, definition, options, restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    const { length, rows, timestamps, changes } = batch;
    const { entries } = this.#runner;
    const slots = this.#slots.resolve(entries.keys, batch, this.#key);
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      this.#runner.row(entries.at(slots[i]!), batch.at(position), timestamps[position]!, changes?.[position] ?? 0);
    }
    this.#observer.counted(length);
    this.#runner.finish(out, length);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#runner.advance(watermark);
    this.#runner.finish(out, 0);
  }

  onTick(now: Timestamp, out: Collector): void {
    this.#runner.tick(now);
    this.#runner.finish(out, 0);
  }

  snapshot(writer: StateWriter): void {
    this.#runner.snapshot(writer);
  }
}

/** Keeps rows until the watermark has passed them, and handles them and the timers in the order of their times: timers before rows. */
class OrderedProcess implements Operator {
  readonly #runner: ProcessRunner;
  readonly #rows: OrderedRows;

  constructor(context: OperatorContext, key: KeySelector, definition: UntypedFunction, options: RunnerOptions & { readonly maxWaiting: number }, restored: StateReader | undefined) {
    this.#runner = new ProcessRunner(context, definition, options, restored);
    this.#rows = new OrderedRows(context, key, this.#runner, definition.outputs.length, options.maxWaiting, restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    this.#rows.onBatch(batch, out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#rows.onWatermark(watermark, out, () => undefined);
  }

  onTick(now: Timestamp, out: Collector): void {
    this.#runner.tick(now);
    this.#runner.finish(out, 0);
  }

  snapshot(writer: StateWriter): void {
    this.#runner.snapshot(writer);
    this.#rows.write(writer);
  }
}
