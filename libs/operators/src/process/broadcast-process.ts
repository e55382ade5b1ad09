import type { Batch, Change, Collector, Key, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { CHANGES, INSERT } from '@weir/model';
import { BroadcastMap } from './broadcast-state.ts';
import type { BroadcastDeclaration, BroadcastState, BroadcastView } from './broadcast-state.ts';
import { checkedOutputs } from './checked-outputs.ts';
import { describeStates } from './describe-states.ts';
import { OrderedRows } from './ordered-rows.ts';
import { untypedFunction } from './process.ts';
import type { OperatorStates, OutputDeclarations, ProcessContext, ProcessFunction, ProcessOptions, StateDeclarations, Timer } from './process-function.ts';
import { ProcessRunner } from './process-runner.ts';
import type { UntypedFunction } from './process-runner.ts';
import { WaitingRules } from './waiting-rules.ts';
import type { WaitingRule } from './waiting-rules.ts';

/** What a row or timer of the data side may use besides its own state: the rules, to be read. */
export interface WithRules<F extends Key, V> {
  readonly rules: BroadcastView<F, V>;
}

/** What a rule may use: the rules, to be changed. It emits nothing, as every instance takes every rule. */
export interface RuleContext<F extends Key, V> {
  readonly timestamp: Timestamp;
  readonly change: Change;
  readonly rules: BroadcastState<F, V>;
}

/** A process function with a second, broadcast input of rules. */
export interface BroadcastProcessFunction<Row, Rule, K, F extends Key, V, States extends StateDeclarations, Out, Outputs extends OutputDeclarations>
  extends Pick<ProcessFunction<Row, K, States, Out, Outputs>, 'state' | 'emits' | 'outputs'> {
  readonly rules: BroadcastDeclaration<F, V>;
  /** Pure: it runs in every instance, and must do the same in each. The rule is valid only during the call. */
  onRule(rule: Rule, ctx: RuleContext<F, V>): void;
  onRow(row: Row, ctx: ProcessContext<K, States, Out, Outputs> & WithRules<F, V>): void;
  onTimer?(timer: Timer, ctx: ProcessContext<K, States, Out, Outputs> & WithRules<F, V>): void;
}

export interface BroadcastProcessOptions extends Omit<ProcessOptions, 'order'> {
  /** Most rules that wait for the watermark; more throw BUFFER_FULL. Default 100,000. */
  readonly maxWaitingRules?: number;
}

/** The key and the function of a process step with rules. */
export interface BroadcastProcessStep<Row, Rule, K, F extends Key, V, States extends StateDeclarations, Out, Outputs extends OutputDeclarations> extends BroadcastProcessOptions {
  readonly key: KeySelector<Row>;
  readonly function: BroadcastProcessFunction<Row, Rule, K, F, V, States, Out, Outputs>;
}

interface Decisions {
  readonly key: KeySelector;
  readonly definition: UntypedFunction;
  readonly onRule: (rule: unknown, ctx: unknown) => void;
  readonly ruleLimit: number;
  readonly cleanUp: number;
  readonly maxTimers: number;
  readonly maxWaiting: number;
  readonly maxWaitingRules: number;
}

/**
 * Data by key, joined with rules that every instance has all of. Rows and rules wait for the watermark and are taken in the order of
 * event time, at one instant timers, then rules, then rows, so the outcome does not depend on what came first. A rule that comes
 * late holds from the watermark on: what was decided is not decided again. Outputs: `out`, the declared ones, `late` (rows of the data).
 */
export function processWithBroadcast<Row, Rule, K, F extends Key, V, States extends StateDeclarations, Out, Outputs extends OutputDeclarations>(
  step: BroadcastProcessStep<Row, Rule, K, F, V, States, Out, Outputs>,
): OperatorSpec {
  const { cleanUp = 1_000, maxTimers = 10_000, maxWaiting = 1_000_000, maxWaitingRules = 100_000 } = step;
  const { onRule } = step.function as unknown as Pick<Decisions, 'onRule'>;
  const own = step.function as unknown as ProcessFunction<Row, K, States, Out, Outputs, OperatorStates>;
  const definition = untypedFunction({ ...own, operatorState: {} });
  const outputs = checkedOutputs(definition.outputs, ['late']);
  const key = step.key as unknown as KeySelector;
  const decisions: Decisions = { key, definition, onRule, ruleLimit: step.function.rules.limit, cleanUp, maxTimers, maxWaiting, maxWaitingRules };
  const detail = ['field' in key ? `by ${key.field}` : 'by function', ...describeStates(definition), 'rules broadcast'].join(', ');
  return Object.freeze<OperatorSpec>({
    kind: 'broadcast-process',
    inputs: [
      { name: 'in', distribution: { kind: 'keyed', key } },
      { name: 'rules', distribution: { kind: 'broadcast' } },
    ],
    outputs,
    stateful: true,
    passes: [{ input: 0, port: outputs.indexOf('late') }],
    describe: () => ({ kind: 'broadcast-process', detail }),
    create: (context: OperatorContext, restored?: StateReader) => new BroadcastProcess(context, decisions, restored),
  });
}

const RULES_INPUT = 1;

class BroadcastProcess implements Operator {
  readonly #onRule: Decisions['onRule'];
  readonly #observer: OperatorContext['observer'];
  readonly #runner: ProcessRunner;
  readonly #rows: OrderedRows;
  readonly #rules: BroadcastMap;
  readonly #waitingRules: WaitingRules;

  constructor(context: OperatorContext, decisions: Decisions, restored: StateReader | undefined) {
    const { key, definition, onRule, ruleLimit, maxWaiting, maxWaitingRules } = decisions;
    this.#onRule = onRule;
    this.#observer = context.observer;
    this.#rules = new BroadcastMap(context.step, ruleLimit);
    this.#waitingRules = new WaitingRules(context.step, maxWaitingRules);
    this.#runner = new ProcessRunner(context, definition, decisions, restored);
    this.#runner.extend({ rules: this.#rules });
    this.#rows = new OrderedRows(context, key, this.#runner, definition.outputs.length, maxWaiting, restored);
    const rules = restored?.operator('rules');
    if (rules === undefined) return;
    this.#rules.read(rules);
    this.#waitingRules.read(rules);
  }

  onBatch(batch: Batch, out: Collector, input: number): void {
    if (input === RULES_INPUT) this.#takeRules(batch);
    else this.#rows.onBatch(batch, out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#rows.onWatermark(watermark, out, (timestamp) => this.#applyRules(timestamp, timestamp !== watermark));
  }

  onTick(now: Timestamp, out: Collector): void {
    this.#runner.tick(now);
    this.#runner.finish(out, 0);
  }

  snapshot(writer: StateWriter): void {
    this.#runner.snapshot(writer);
    this.#rows.write(writer);
    const rules = writer.operator('rules');
    this.#rules.write(rules);
    this.#waitingRules.write(rules);
  }

  #takeRules(batch: Batch): void {
    const { watermark } = this.#runner.clock;
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const timestamp = batch.timestamps[position]!;
      if (timestamp < watermark) this.#apply({ timestamp, row: batch.at(position), change: batch.changes?.[position] ?? INSERT });
      else this.#waitingRules.add(batch, position);
    }
    this.#observer.counted(batch.length);
  }

  /** Rules up to a time, each behind the timers of its instant and of those before. */
  #applyRules(until: Timestamp, inclusive: boolean): void {
    for (let rule = this.#waitingRules.first; rule !== undefined; rule = this.#waitingRules.first) {
      if (rule.timestamp > until || (rule.timestamp === until && !inclusive)) return;
      this.#waitingRules.shift();
      this.#runner.fire(rule.timestamp);
      this.#runner.stand(rule.timestamp);
      this.#apply(rule);
    }
  }

  #apply({ row, timestamp, change }: WaitingRule): void {
    this.#rules.change(() => this.#onRule(row, { timestamp, change: CHANGES[change]!, rules: this.#rules }));
  }
}
