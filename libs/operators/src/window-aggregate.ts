import { durationText } from '@weir/model';
import type { Aggregator, Duration, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader } from '@weir/model';
import type { WindowAssigner } from './windows/assigner.ts';
import { GeneralWindow } from './windows/general-window.ts';
import type { Accumulation, Period, Trigger } from './windows/trigger.ts';
import { triggerReads } from './windows/trigger.ts';
import { PaneWindow } from './windows/pane-window.ts';
import { SessionWindow } from './windows/session-window.ts';

/** The decisions of a windowed step; time, assignment, trigger and accumulation are independent values. */
export interface WindowAggregateOptions<Row = never> {
  readonly key: KeySelector<Row>;
  readonly assigner: WindowAssigner<Row>;
  /** State is kept, and a row still counts, until W >= window end + this. */
  readonly allowedLateness: Duration;
  readonly trigger: Trigger<Row>;
  readonly accumulation: Accumulation;
  readonly aggregators: Readonly<Record<string, Aggregator<Row, unknown, unknown>>>;
}

/** A windowed step as a value; `window` shows what it was made from. */
export interface WindowAggregateSpec extends OperatorSpec {
  readonly kind: 'window-aggregate';
  readonly window: WindowAggregateOptions;
}

/** True for the spec of a windowed step. */
export function isWindowAggregate(spec: OperatorSpec): spec is WindowAggregateSpec {
  return spec.kind === 'window-aggregate';
}

/** Aggregates the rows of each key and window. Outputs: `results`, and `late` with each row that any of its windows refused, once. */
export function windowAggregate<Row>(options: WindowAggregateOptions<Row>): WindowAggregateSpec {
  // The row type has done its work in the signature; the engine treats all rows alike.
  const window = Object.freeze({ ...options, aggregators: Object.freeze({ ...options.aggregators }) }) as unknown as WindowAggregateOptions;
  const detail = [
    'field' in window.key ? `by ${window.key.field}` : 'by function',
    window.assigner.describe,
    `lateness ${durationText(window.allowedLateness)}`,
    window.trigger.describe,
    window.accumulation,
    Object.entries(window.aggregators)
      .map(([name, aggregator]) => `${name}=${aggregator.describe}`)
      .join(' '),
  ].join(', ');
  const reads = readsOf(window);
  return Object.freeze<WindowAggregateSpec>({
    kind: 'window-aggregate',
    inputs: [{ name: 'in', distribution: { kind: 'keyed', key: window.key }, ...(reads === undefined ? {} : { reads }) }],
    outputs: ['results', 'late'],
    stateful: true,
    passes: [{ input: 0, port: 1 }],
    window,
    describe: () => ({ kind: 'window-aggregate', detail }),
    create: (context: OperatorContext, restored?: StateReader) => createWindow(window, context, restored),
  });
}

/** The fast engines where they know the assigner, the trigger and the accumulation; the general one for everything else. */
function createWindow(window: WindowAggregateOptions, context: OperatorContext, restored?: StateReader): Operator {
  const { assigner, trigger, accumulation } = window;
  const isPlain = trigger.kind === 'after-watermark' && trigger.late === undefined && (trigger.early === undefined || isPeriod(trigger.early));
  if (!isPlain || assigner.kind === 'custom' || accumulation === 'accumulating-and-retracting') return new GeneralWindow(window, context, restored);
  const early = (trigger.early as Period | undefined)?.every;
  return assigner.kind === 'session' ? new SessionWindow(window, assigner, early, context, restored) : new PaneWindow(window, assigner, early, context, restored);
}

function isPeriod(trigger: Trigger): trigger is Period {
  return trigger.kind === 'custom' && 'every' in trigger;
}

function readsOf({ key, assigner, trigger, aggregators }: WindowAggregateOptions): readonly string[] | undefined {
  const lists = [assigner.kind === 'custom' ? assigner.reads : [], triggerReads(trigger), ...Object.values(aggregators).map((aggregator) => aggregator.reads)];
  if (!('field' in key) || lists.includes(undefined)) return undefined;
  return [...new Set([key.field, ...lists.flatMap((fields) => fields ?? [])])];
}

