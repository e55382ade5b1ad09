import type { Change, Timestamp, Watermark } from '@weir/model';
import type { OperatorStateDeclaration } from './operator-state.ts';
import type { StateDeclaration } from './keyed-state.ts';

/** Declared states of a process function, by name. */
export type StateDeclarations = Readonly<Record<string, StateDeclaration>>;

/** What is used inside the function: the handle of each declared state. */
export type StateHandles<States extends StateDeclarations> = { readonly [Name in keyof States]: ReturnType<States[Name]['bind']>['handle'] };

/** Declared operator states of a process function, by name. */
export type OperatorStates = Readonly<Record<string, OperatorStateDeclaration>>;

/** The handle of each declared operator state. */
export type OperatorStateHandles<States extends OperatorStates> = { readonly [Name in keyof States]: ReturnType<States[Name]['bind']>['handle'] };

/** An output by the type of its rows. */
export interface OutputDeclaration<Row> {
  /** Carries the type; never set. */
  readonly rows?: Row;
}

/** Says what rows an output holds: `emits: output<Alert>()`. */
export function output<Row>(): OutputDeclaration<Row> {
  return OUTPUT;
}

const OUTPUT = Object.freeze({});

/** Further outputs of a process function, by name. */
export type OutputDeclarations = Readonly<Record<string, OutputDeclaration<unknown>>>;

/** The rows of an output. */
export type RowsOf<Output> = Output extends OutputDeclaration<infer Row> ? Row : never;

/** How a row is emitted. */
export interface EmitOptions {
  /** Default: the time of the row or timer that is handled. One before the watermark counts as at the watermark: what was passed on is not taken back. */
  readonly timestamp?: Timestamp;
  /** Default `insert`. */
  readonly change?: Change;
}

/** A timer that fires. */
export interface Timer {
  readonly kind: 'event-time' | 'processing-time';
  readonly time: Timestamp;
  /** As it was set; '' without a name. */
  readonly name: string;
}

/** The timers of the key that is handled. There is one for each kind, time and name, however often it is set. */
export interface Timers {
  /** Fires when the watermark is >= time; at once after this call of the function when it is already. */
  at(time: Timestamp, name?: string): void;
  /** Fires on the first later tick with now >= time. */
  atProcessingTime(time: Timestamp, name?: string): void;
  delete(time: Timestamp, name?: string): void;
  deleteProcessingTime(time: Timestamp, name?: string): void;
}

/** What a process function may use while it handles a row or a timer; not valid afterwards. */
export interface ProcessContext<K, States extends StateDeclarations, Out, Outputs extends OutputDeclarations, Instance extends OperatorStates = OperatorStates> {
  readonly key: K;
  /** Of the row or the timer that is handled. */
  readonly timestamp: Timestamp;
  /** Every event before it has been handled, or is late. */
  readonly watermark: Watermark;
  /** Wall-clock time as of the last tick; -Infinity before the first. Replays the same from a track; a perfect replay has no ticks. */
  readonly now: Timestamp;
  /** What the row that is handled does to a table that the stream is the changelog of; `insert` for a timer. */
  readonly change: Change;
  /** Of this key. */
  readonly state: StateHandles<States>;
  /** Of this instance of the operator, whatever the key. */
  readonly operatorState: OperatorStateHandles<Instance>;
  readonly timers: Timers;
  readonly emit: (row: Out, options?: EmitOptions) => void;
  readonly emitTo: <Name extends keyof Outputs & string>(output: Name, row: RowsOf<Outputs[Name]>, options?: EmitOptions) => void;
}

/** What no operator covers, as a value. The functions are pure but for the context: no clock, no chance, no I/O. */
export interface ProcessFunction<Row, K, States extends StateDeclarations, Out, Outputs extends OutputDeclarations, Instance extends OperatorStates = Readonly<Record<never, never>>> {
  /** State of each key. */
  readonly state?: States;
  /** State of each instance of the operator. */
  readonly operatorState?: Instance;
  /** Rows of the main output: `output<Alert>()`. */
  readonly emits: OutputDeclaration<Out>;
  /** Further outputs, each of which must end in a sink or be discarded. */
  readonly outputs?: Outputs;
  /** The row is valid only during the call; copy what is kept. */
  onRow(row: Row, ctx: ProcessContext<K, States, Out, Outputs, Instance>): void;
  onTimer?(timer: Timer, ctx: ProcessContext<K, States, Out, Outputs, Instance>): void;
}

/** In which order rows are handled. */
export type ProcessOrder = 'arrival' | 'event-time';

export interface ProcessOptions<Order extends ProcessOrder = ProcessOrder> {
  /**
   * `arrival` (default): at once and as they come, so layers may differ where the function depends on the order. `event-time`: each waits
   * until the watermark has passed it, then in order of time; late rows go to the output `late`.
   */
  readonly order?: Order;
  /** Expired elements that are cleaned with each batch, watermark and tick, at most; a batch of more rows cleans two for each row. Default 1,000. */
  readonly cleanUp?: number;
  /** Most timers of one key; more throw TIMER_LIMIT. Default 10,000. */
  readonly maxTimers?: number;
  /** Most rows that wait in event-time order; more throw BUFFER_FULL. Default 1,000,000. */
  readonly maxWaiting?: number;
}

