import type { Aggregator, KeySelector, OperatorContext, OperatorSpec, StateReader } from '@weir/model';
import { CountWindow } from './windows/count-window.ts';
import type { CountWindows } from './windows/count-windows.ts';

export interface CountWindowAggregateOptions<Row = never> {
  readonly key: KeySelector<Row>;
  readonly windows: CountWindows;
  readonly aggregators: Readonly<Record<string, Aggregator<Row, unknown, unknown>>>;
  /** Rows that may wait for the watermark at once; more throw BUFFER_FULL. Default 1,000,000. */
  readonly limit?: number;
}

/**
 * Aggregates the rows of each key by their number in the order of event time, so that the result does not depend on the order of
 * arrival: rows wait for the watermark, and late ones go to `late`. A window fires once, with its last row, whose time is that of the
 * result; its bounds are numbers of rows. One that is not full when the input ends never fires. Outputs: `results`, `late`.
 */
export function countWindowAggregate<Row>(options: CountWindowAggregateOptions<Row>): OperatorSpec {
  // The row type has done its work in the signature; the engine treats all rows alike.
  const window = Object.freeze({ ...options, aggregators: Object.freeze({ ...options.aggregators }) }) as unknown as CountWindowAggregateOptions;
  const { key, windows, aggregators } = window;
  const values = Object.entries(aggregators).map(([name, aggregator]) => `${name}=${aggregator.describe}`);
  const detail = ['field' in key ? `by ${key.field}` : 'by function', windows.describe, values.join(' ')].join(', ');
  return Object.freeze<OperatorSpec>({
    kind: 'count-window-aggregate',
    // Rows are kept whole until the watermark comes, so all fields of them are read.
    inputs: [{ name: 'in', distribution: { kind: 'keyed', key } }],
    outputs: ['results', 'late'],
    stateful: true,
    passes: [{ input: 0, port: 1 }],
    describe: () => ({ kind: 'count-window-aggregate', detail }),
    create: (context: OperatorContext, restored?: StateReader) => new CountWindow(window, context, restored),
  });
}
