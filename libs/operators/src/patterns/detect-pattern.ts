import type { Batch, Collector, Key, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { INSERT, MAX_WATERMARK, MIN_WATERMARK, WeirError, keyGroupOf } from '@weir/model';
import { EventTimeBuffer } from '../rows/event-time-buffer.ts';
import type { Waiting } from '../rows/event-time-buffer.ts';
import { RowOutput } from '../rows/row-output.ts';
import { compilePattern } from './compile-pattern.ts';
import { KeyTimes } from './key-times.ts';
import { KeyMatches } from './key-matches.ts';
import type { Unfinished } from './match-shape.ts';
import { matchOf } from './match-view.ts';
import type { Finding } from './partial-match.ts';
import type { PatternGraph } from './pattern-graph.ts';
import { patternText, sequenceText } from './pattern-text.ts';
import { readMatches, writeMatches } from './pattern-state.ts';
import type { Pattern } from './pattern.ts';
import { RowTests } from './row-tests.ts';

/** The output of matches. */
export const MATCHES = 0;
/** The output of partial matches that ran out of time. */
export const TIMED_OUT = 1;
/** The output of rows that came behind the watermark. */
export const LATE_ROWS = 2;

/** A partial match that ran out of time, of which nothing came. */
export interface TimedOut<K, Match> {
  readonly key: K;
  /** The first instant at which no row could be taken any more; the output row's own time is one millisecond before. */
  readonly deadline: Timestamp;
  readonly match: Match;
}

/** What a detection may be told besides its pattern. */
export interface DetectLimits<Row> {
  /** The order of rows with equal times; rows that it finds equal are taken by source, partition and offset. Pure. */
  readonly orderTies?: (a: Row, b: Row) => number;
  /** Partial matches of one key; more throw PATTERN_TOO_MANY_PARTIALS. Default 10,000. */
  readonly maxPartials?: number;
  /** Rows of one partial match; more throw PATTERN_TOO_LONG. Default 10,000. */
  readonly maxRows?: number;
  /** Rows that may wait for the watermark; more throw BUFFER_FULL. Default 1,000,000. */
  readonly maxWaiting?: number;
}

export interface DetectPatternOptions<Row, Match, Out, K extends Key = Key> extends DetectLimits<Row> {
  readonly key: KeySelector<Row>;
  readonly pattern: Pattern<Row, Match>;
  /** Makes the output row of a match; pure. */
  readonly select: (match: Match, key: K) => Out;
}

/** The options as the engine sees them. */
interface Detection extends DetectLimits<unknown> {
  readonly key: KeySelector;
  readonly select: (match: unknown, key: Key) => unknown;
  readonly graph: PatternGraph;
  /** The steps as text; partial matches of other steps mean nothing. */
  readonly steps: string;
  readonly maxPartials: number;
  readonly maxRows: number;
}

const DEFAULT_LIMIT = 10_000;

/**
 * Finds the matches of a pattern among the rows of each key, which are taken in the order of event time once the watermark has passed them.
 * Outputs: `matches` (time: that of the last row, or of the deadline - 1 for a negation at the end), `timedOut` with TimedOut rows, and
 * `late` with rows whose timestamp < W on arrival. Throws PATTERN_EMPTY, PATTERN_UNBOUNDED, PATTERN_NEGATION_LAST, PATTERN_TOO_LARGE and
 * PATTERN_LIMIT; at run time PATTERN_TOO_MANY_PARTIALS, PATTERN_TOO_LONG, and PATTERN_CHANGELOG for rows that take others back.
 */
export function detectPattern<Row, Match, Out, K extends Key = Key>(options: DetectPatternOptions<Row, Match, Out, K>): OperatorSpec {
  const { pattern, key, maxPartials = DEFAULT_LIMIT, maxRows = DEFAULT_LIMIT } = options;
  for (const limit of [maxPartials, maxRows]) {
    if (Number.isSafeInteger(limit) && limit > 0) continue;
    throw new WeirError('PATTERN_LIMIT', `A limit of a detection is ${limit}.`, { remedy: 'Use a whole number of at least 1.' });
  }
  // The row types have done their work in the signature; the engine treats all rows alike.
  const detection = { ...options, maxPartials, maxRows, graph: compilePattern(pattern.definition), steps: sequenceText(pattern.definition.elements) } as unknown as Detection;
  const detail = `${'field' in key ? `by ${key.field}` : 'by function'}, ${patternText(pattern.definition)}`;
  return Object.freeze({
    kind: 'detect-pattern',
    inputs: Object.freeze([Object.freeze({ name: 'in', distribution: Object.freeze({ kind: 'keyed', key: detection.key }) })]),
    outputs: ['matches', 'timedOut', 'late'],
    stateful: true,
    passes: [{ input: 0, port: LATE_ROWS }],
    describe: () => ({ kind: 'detect-pattern', detail }),
    create: (context: OperatorContext, restored?: StateReader) => new DetectPattern(detection, context, restored),
  } satisfies OperatorSpec);
}

class DetectPattern implements Operator {
  readonly #detection: Detection;
  readonly #context: OperatorContext;
  readonly #times: KeyTimes;
  readonly #buffer: EventTimeBuffer;
  readonly #tests: RowTests;
  /** By key slot. */
  readonly #matches: (KeyMatches | undefined)[] = [];
  readonly #outputs = [new RowOutput(), new RowOutput()] as const;
  /** Keys with held findings. */
  readonly #holding = new Set<KeyMatches>();
  /** Rows of one timestamp, where ties are ordered by the user. */
  #tied: Waiting[] = [];
  #watermark: Watermark = MIN_WATERMARK;
  #keySlots = new Int32Array(1024);
  #late = new Int32Array(1024);

  constructor(detection: Detection, context: OperatorContext, restored?: StateReader) {
    this.#detection = detection;
    this.#context = context;
    const keys = context.state.keys(context.step);
    this.#times = new KeyTimes(keys);
    const { maxWaiting } = detection;
    this.#buffer = new EventTimeBuffer(keys, { step: context.step, ...(maxWaiting === undefined ? {} : { limit: maxWaiting }) });
    this.#tests = new RowTests(detection.graph);
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    const { length, rows, timestamps } = batch;
    if (length === 0) return;
    this.#refuseChanges(batch);
    if (this.#keySlots.length < length) {
      this.#keySlots = new Int32Array(length * 2);
      this.#late = new Int32Array(length * 2);
    }
    this.#times.keys.resolve(batch, this.#detection.key, this.#keySlots);
    const unused = new Set<number>();
    let late = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const keySlot = this.#keySlots[i]!;
      if (timestamps[position]! < this.#watermark) {
        this.#late[late++] = position;
        unused.add(keySlot);
      } else {
        this.#buffer.add(keySlot, 0, batch, position);
        this.#of(keySlot).waiting++;
      }
    }
    for (const keySlot of unused) if (this.#matches[keySlot] === undefined) this.#times.keys.release(keySlot);
    if (late < length) this.#context.observer.counted(length - late);
    if (late === 0) return;
    this.#context.observer.late(late);
    out.emit(batch.select(this.#late, late), LATE_ROWS);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    this.#buffer.drain(watermark, (waiting) => this.#next(waiting));
    this.#takeTied();
    this.#expire(watermark);
    if (watermark === MAX_WATERMARK) this.#end();
    this.#outputs[MATCHES].emit(out, MATCHES);
    this.#outputs[TIMED_OUT].emit(out, TIMED_OUT);
  }

  /** What is held came out of rows before the watermark, and keeps their times. */
  outputWatermark(): Watermark {
    let least = this.#watermark;
    for (const { held } of this.#holding) for (const { timestamp } of held) least = Math.min(least, timestamp);
    return least;
  }

  snapshot(writer: StateWriter): void {
    writer.operator('clock').float64(this.#watermark);
    writer.operator('steps').text(this.#detection.steps);
    this.#buffer.write(writer, 'waiting');
    for (const matches of this.#inKeyOrder()) {
      if (matches.size === 0) continue;
      const key = this.#times.keys.keyAt(matches.keySlot);
      const section = writer.keyed('matches', keyGroupOf(key));
      section.key(key);
      writeMatches(matches, section);
    }
  }

  #restore(reader: StateReader): void {
    // What any instance has called late stays late.
    for (const section of reader.operators('clock')) this.#watermark = Math.max(this.#watermark, section.float64());
    for (const section of reader.operators('steps')) this.#checkSteps(section.text());
    this.#buffer.read(reader, 'waiting', (keySlot) => void this.#of(keySlot).waiting++);
    for (const section of reader.keyed('matches')) {
      while (section.remaining > 0) {
        const matches = this.#of(this.#times.keys.obtain(section.key()));
        readMatches(matches, section, this.#detection.graph);
        this.#tidy(matches);
      }
    }
  }

  #checkSteps(steps: string): void {
    if (steps === this.#detection.steps) return;
    const { pipeline, step } = this.#context;
    throw new WeirError('PATTERN_CHANGED', `The checkpoint is of the pattern '${steps}', and this one is '${this.#detection.steps}'.`, {
      pipeline,
      step,
      remedy: 'Give the step another name, so that it begins without state, or go back to the pattern of the checkpoint.',
    });
  }

  #next(waiting: Waiting): void {
    if (this.#detection.orderTies === undefined) {
      this.#take(waiting);
      return;
    }
    if (this.#tied.length > 0 && this.#tied[0]!.timestamp !== waiting.timestamp) this.#takeTied();
    this.#tied.push(waiting);
  }

  #takeTied(): void {
    const { orderTies } = this.#detection;
    if (orderTies === undefined || this.#tied.length === 0) return;
    const tied = this.#tied;
    this.#tied = [];
    // An array sort is stable: what the user finds equal stays in the order of the log.
    for (const waiting of tied.sort((a, b) => orderTies(a.row, b.row))) this.#take(waiting);
  }

  #take({ keySlot, row, timestamp }: Waiting): void {
    this.#expire(timestamp);
    const matches = this.#matches[keySlot]!;
    matches.waiting--;
    matches.take(row, timestamp, (finding) => this.#emit(matches, finding));
    this.#checkLimits(matches);
    this.#tidy(matches);
  }

  #checkLimits({ size, longest, keySlot }: KeyMatches): void {
    const { maxPartials, maxRows } = this.#detection;
    if (size <= maxPartials && longest <= maxRows) return;
    const { pipeline, step } = this.#context;
    const key = JSON.stringify(this.#times.keys.keyAt(keySlot));
    if (size > maxPartials) {
      throw new WeirError('PATTERN_TOO_MANY_PARTIALS', `Key ${key} has ${size} partial matches; the limit is ${maxPartials}.`, {
        pipeline,
        step,
        remedy: 'Shorten within(), make the first conditions stricter, prefer next() or followedBy() to followedByAny(), or raise maxPartials.',
      });
    }
    throw new WeirError('PATTERN_TOO_LONG', `A partial match of key ${key} has ${longest} rows; the limit is ${maxRows}.`, {
      pipeline,
      step,
      remedy: 'Shorten within(), bound the loop by times() or until(), or raise maxRows.',
    });
  }

  /** Closes what is over at a time, in the order of the deadlines. */
  #expire(timestamp: Timestamp): void {
    this.#times.drain(timestamp, (matches, deadline) => {
      matches.expire(deadline, (finding) => this.#emit(matches, finding));
      this.#tidy(matches);
    });
  }

  #end(): void {
    for (const matches of this.#inKeyOrder()) {
      matches.end((finding) => this.#emit(matches, finding));
      this.#tidy(matches);
    }
  }

  #emit({ keySlot }: KeyMatches, { kind, partial, timestamp }: Finding): void {
    const key = this.#times.keys.keyAt(keySlot);
    const match = matchOf(partial, this.#detection.graph.steps);
    if (kind === 'match') this.#outputs[MATCHES].add(this.#detection.select(match, key), timestamp);
    else this.#outputs[TIMED_OUT].add({ key, deadline: timestamp + 1, match } satisfies TimedOut<Key, Unfinished<unknown, unknown>>, timestamp);
  }

  #of(keySlot: number): KeyMatches {
    return (this.#matches[keySlot] ??= new KeyMatches(this.#detection.graph, this.#tests, keySlot));
  }

  /** Keeps account of a key whose matches have changed. */
  #tidy(matches: KeyMatches): void {
    if (matches.held.length > 0) this.#holding.add(matches);
    else this.#holding.delete(matches);
    this.#times.set(matches);
    if (!matches.isEmpty) return;
    this.#matches[matches.keySlot] = undefined;
    this.#times.keys.release(matches.keySlot);
  }

  #inKeyOrder(): readonly KeyMatches[] {
    return this.#times.inKeyOrder(this.#matches.filter((matches) => matches !== undefined));
  }

  #refuseChanges({ changes, rows, length }: Batch): void {
    if (changes === undefined) return;
    for (let i = 0; i < length; i++) {
      if (changes[rows[i]!] === INSERT) continue;
      const { pipeline, step } = this.#context;
      throw new WeirError('PATTERN_CHANGELOG', 'A row that changes or takes back an earlier one came to a pattern.', { pipeline, step, remedy: 'Detect patterns in a stream of inserts: turn the changelog into events first.' });
    }
  }
}
