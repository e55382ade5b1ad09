import type { Change, Timestamp, Watermark } from '@weir/model';
import { CHANGES, INSERT } from '@weir/model';
import type { EmitOptions, Timers } from './process-function.ts';
import type { ProcessRunner } from './process-runner.ts';

/** The one context of a process function; it stands at the row or timer that is handled. */
export class FunctionContext implements Timers {
  readonly state: Readonly<Record<string, unknown>>;
  readonly operatorState: Readonly<Record<string, unknown>>;
  // Fields, so that a function may take them out of the context: `({ emit, state }) => …`.
  readonly emit: (row: unknown, options?: EmitOptions) => void;
  readonly emitTo: (output: string, row: unknown, options?: EmitOptions) => void;
  change: Change = CHANGES[INSERT]!;
  readonly #runner: ProcessRunner;

  constructor(runner: ProcessRunner, state: Readonly<Record<string, unknown>>, operatorState: Readonly<Record<string, unknown>>) {
    this.#runner = runner;
    this.state = state;
    this.operatorState = operatorState;
    this.emit = (row, options) => this.#emit(0, row, options);
    this.emitTo = (output, row, options) => this.#emit(runner.portOf(output), row, options);
  }

  get key(): unknown {
    return this.#runner.key;
  }

  get timestamp(): Timestamp {
    return this.#runner.clock.timestamp;
  }

  get watermark(): Watermark {
    return this.#runner.clock.watermark;
  }

  get now(): Timestamp {
    return this.#runner.clock.now;
  }

  get timers(): Timers {
    return this;
  }

  at(time: Timestamp, name = ''): void {
    this.#runner.setTimer('event-time', time, name);
  }

  atProcessingTime(time: Timestamp, name = ''): void {
    this.#runner.setTimer('processing-time', time, name);
  }

  delete(time: Timestamp, name = ''): void {
    this.#runner.deleteTimer('event-time', time, name);
  }

  deleteProcessingTime(time: Timestamp, name = ''): void {
    this.#runner.deleteTimer('processing-time', time, name);
  }

  #emit(port: number, row: unknown, options: EmitOptions | undefined): void {
    const { timestamp = this.timestamp, change = 'insert' } = options ?? {};
    this.#runner.emit(port, row, timestamp, CHANGES.indexOf(change));
  }
}
