import { WeirError } from '@weir/model';
import type { Aggregator, OperatorSpec } from '@weir/model';
import { countWindowAggregate, triggerReads, windowAggregate } from '@weir/operators';
import type { CountWindows, WindowAssigner } from '@weir/operators';
import { checkField } from './fields.ts';
import { checkName } from './names.ts';
import { checkKeyedStep, outputsOf } from './process.ts';
import type { KeyedPlace } from './process.ts';
import type { CountWindowOptions, WindowOptions, WindowOutputs, WindowedStream } from './stream.ts';

type Aggregators<Row, Value> = { readonly [Name in keyof Value]: Aggregator<Row, unknown, Value[Name]> };

/** A keyed stream cut into windows by time. */
export class WindowedStage<Row, K> implements WindowedStream<Row, K> {
  readonly #stream: KeyedPlace<Row>;
  readonly #assigner: WindowAssigner<Row>;
  readonly #options: WindowOptions<Row>;

  constructor(stream: KeyedPlace<Row>, assigner: WindowAssigner<Row>, options: WindowOptions<Row>) {
    this.#stream = stream;
    this.#assigner = assigner;
    this.#options = options;
  }

  aggregate<Value extends object>(name: string, aggregators: Aggregators<Row, Value>): WindowOutputs<Row, K, Value> {
    checkStep(name, this.#stream, aggregators, [
      ...((this.#assigner.kind === 'custom' ? this.#assigner.reads : undefined) ?? []),
      ...(triggerReads(this.#options.trigger) ?? []),
    ]);
    return added(name, this.#stream, windowAggregate({ key: this.#stream.key, assigner: this.#assigner, ...this.#options, aggregators }));
  }
}

/** A keyed stream cut into windows by numbers of rows. */
export class CountWindowedStage<Row, K> implements WindowedStream<Row, K> {
  readonly #stream: KeyedPlace<Row>;
  readonly #windows: CountWindows;
  readonly #options: CountWindowOptions;

  constructor(stream: KeyedPlace<Row>, windows: CountWindows, options: CountWindowOptions) {
    this.#stream = stream;
    this.#windows = windows;
    this.#options = options;
  }

  aggregate<Value extends object>(name: string, aggregators: Aggregators<Row, Value>): WindowOutputs<Row, K, Value> {
    checkStep(name, this.#stream, aggregators, []);
    return added(name, this.#stream, countWindowAggregate({ key: this.#stream.key, windows: this.#windows, ...this.#options, aggregators }));
  }
}

function added<Row, K, Value>(name: string, { graph, edge }: KeyedPlace<Row>, spec: OperatorSpec): WindowOutputs<Row, K, Value> {
  return outputsOf(graph, name, spec, [edge]) as WindowOutputs<Row, K, Value>;
}

function checkStep<Row>(step: string, stream: KeyedPlace<Row>, aggregators: Readonly<Record<string, Aggregator<Row>>>, reads: readonly string[]): void {
  checkKeyedStep(step, stream);
  const { graph, edge } = stream;
  if (Object.keys(aggregators).length === 0) {
    throw new WeirError('TOPOLOGY_AGGREGATE_EMPTY', 'The step computes nothing.', {
      pipeline: graph.pipeline,
      step,
      remedy: 'Name at least one aggregate, e.g. { rows: count() }.',
    });
  }
  for (const [aggregate, { reads: fields }] of Object.entries(aggregators)) {
    checkName('aggregate', aggregate, graph.pipeline);
    for (const field of fields ?? []) checkField(graph, step, edge, field, 'value');
  }
  for (const field of reads) checkField(graph, step, edge, field, 'value');
}
