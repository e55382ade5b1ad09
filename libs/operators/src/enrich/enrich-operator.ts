import type { Batch, Collector, Operator, OperatorContext, OperatorRequest, OperatorRequests, RequestAnswer, StateReader, StateWriter, Watermark } from '@weir/model';
import { INSERT, MIN_WATERMARK, WeirError, invariant } from '@weir/model';
import { rowCopy } from '../rows/row-copy.ts';
import { MinHeap } from '../windows/min-heap.ts';
import { placeAt, readPending, writePending } from './pending-row.ts';
import type { PendingRow } from './pending-row.ts';
import { PlacedOutput } from './placed-output.ts';

interface Decisions {
  readonly ordered: boolean;
  readonly onFailure: 'fail' | 'dead-letter' | 'null';
  readonly maxPending: number;
  readonly request: (row: unknown) => unknown;
  readonly join: (row: unknown, answer: unknown) => unknown;
}

const OUT = 0;
const FAILED = 1;

/** Keeps rows until they are answered. */
export class EnrichOperator implements Operator, OperatorRequests {
  readonly #decisions: Decisions;
  readonly #context: OperatorContext;
  readonly #outputs = [new PlacedOutput(), new PlacedOutput()];
  /** In the order of ids, which is the order of arrival. */
  readonly #pending = new Map<number, PendingRow>();
  /** Those that nobody was asked for, from #firstUnasked on. */
  #unasked: PendingRow[] = [];
  #firstUnasked = 0;
  /** Times of the rows that wait; those of rows that left are taken off when they come to the top. */
  readonly #times = new MinHeap<PendingRow>();
  #nextId = 0;
  #mayRelease = false;
  #received: Watermark = MIN_WATERMARK;
  #passed: Watermark = MIN_WATERMARK;

  constructor(decisions: Decisions, context: OperatorContext, restored: StateReader | undefined) {
    this.#decisions = decisions;
    this.#context = context;
    if (restored !== undefined) this.#restore(restored);
  }

  get waiting(): number {
    return this.#pending.size;
  }

  get requests(): OperatorRequests {
    return this;
  }

  onBatch(batch: Batch, out: Collector): void {
    if (this.#mayRelease) this.#releaseRestored(out);
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const request = JSON.stringify(this.#decisions.request(batch.at(position))) ?? 'null';
      const change = batch.changes?.[position] ?? INSERT;
      this.#add({ id: this.#nextId++, timestamp: batch.timestamps[position]!, change, request, row: rowCopy(batch, position), place: placeAt(batch, position), answer: undefined });
    }
    this.#context.observer.counted(batch.length);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (this.#mayRelease) this.#releaseRestored(out);
    this.#received = watermark;
  }

  onAnswers(answers: readonly RequestAnswer[], out: Collector): void {
    for (const answer of answers) {
      const pending = this.#pending.get(answer.id);
      invariant(pending !== undefined && pending.answer === undefined, `request ${answer.id} of '${this.#context.step}' waits for its answer`);
      pending.answer = answer;
      if (!this.#decisions.ordered) this.#release(pending, answer);
    }
    if (this.#decisions.ordered) this.#releaseHead();
    // Answers that came without being asked for, as in a replay, leave nothing to ask.
    if (this.#unasked.length > 2 * this.#pending.size + 1_000) this.#forgetAnswered();
    this.#emit(out);
  }

  take(most: number): readonly OperatorRequest[] {
    const taken: OperatorRequest[] = [];
    while (taken.length < most && this.#firstUnasked < this.#unasked.length) {
      const { id, request, answer } = this.#unasked[this.#firstUnasked++]!;
      if (answer === undefined) taken.push({ id, request: JSON.parse(request) as unknown });
    }
    if (this.#firstUnasked * 2 > this.#unasked.length) this.#forgetAnswered();
    return taken;
  }

  isFull(): boolean {
    return this.#pending.size >= this.#decisions.maxPending;
  }

  outputWatermark(): Watermark {
    while (this.#times.size > 0 && !this.#pending.has(this.#times.values[0]!.id)) this.#times.pop();
    this.#passed = Math.max(this.#passed, Math.min(this.#received, this.#times.least));
    return this.#passed;
  }

  snapshot(writer: StateWriter): void {
    const own = writer.operator('enrich');
    own.float64(this.#nextId);
    own.float64(this.#received);
    own.float64(this.outputWatermark());
    for (const pending of this.#pending.values()) writePending(pending, writer);
  }

  #add(pending: PendingRow): void {
    this.#pending.set(pending.id, pending);
    this.#times.push(pending.timestamp, pending.id, pending);
    if (pending.answer === undefined) this.#unasked.push(pending);
  }

  /** Rows whose predecessors went to another instance when the operator was rescaled. */
  #releaseRestored(out: Collector): void {
    this.#mayRelease = false;
    this.#releaseHead();
    this.#emit(out);
  }

  #emit(out: Collector): void {
    this.#outputs[OUT]!.emit(out, OUT);
    this.#outputs[FAILED]!.emit(out, FAILED);
  }

  #forgetAnswered(): void {
    this.#unasked = this.#unasked.slice(this.#firstUnasked).filter(({ answer }) => answer === undefined);
    this.#firstUnasked = 0;
  }

  #releaseHead(): void {
    for (const pending of this.#pending.values()) {
      if (pending.answer === undefined) return;
      this.#release(pending, pending.answer);
    }
  }

  #release(pending: PendingRow, { failed, json }: RequestAnswer): void {
    const { id, row } = pending;
    this.#pending.delete(id);
    const { onFailure, join } = this.#decisions;
    if (!failed) this.#outputs[OUT]!.add(pending, join(row, JSON.parse(json)));
    else if (onFailure === 'null') this.#outputs[OUT]!.add(pending, join(row, null));
    else if (onFailure === 'dead-letter') this.#outputs[FAILED]!.add(pending, { row, error: JSON.parse(json) as unknown });
    else throw enrichFailed(this.#context.pipeline, this.#context.step, JSON.parse(json));
  }

  #restore(reader: StateReader): void {
    const sections = reader.operators('enrich');
    for (const [index, section] of sections.entries()) {
      const [nextId, received, passed] = [section.float64(), section.float64(), section.float64()];
      this.#nextId = Math.max(this.#nextId, nextId);
      this.#received = index === 0 ? received : Math.min(this.#received, received);
      this.#passed = index === 0 ? passed : Math.min(this.#passed, passed);
    }
    const rows = readPending(reader);
    // Rows of several instances may have the same ids; nobody has been asked for them here yet, so they may have others.
    const clash = new Set(rows.map(({ id }) => id)).size < rows.length;
    this.#mayRelease = rows[0]?.answer !== undefined;
    for (const row of rows) this.#add(clash ? { ...row, id: this.#nextId++ } : row);
  }
}

/** What a job fails with when a request has failed and nothing else was chosen. */
export function enrichFailed(pipeline: string, step: string, error: unknown): WeirError {
  return new WeirError('ENRICH_FAILED', `A request failed in all its attempts: ${String(error)}.`, {
    pipeline,
    step,
    remedy: "Mend what answers, allow more attempts, or choose 'dead-letter' or 'null' for what fails.",
    retryable: true,
  });
}
