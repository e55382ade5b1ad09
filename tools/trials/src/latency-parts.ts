import type { Program } from './program.ts';

/** One write of results, as the speed layer tells it; times in milliseconds as of `performance.now` of this process. */
export interface Written {
  readonly waitingSince: number;
  readonly begunAt: number;
  readonly endedAt: number;
}

/** What happened to the results of one hour; times in milliseconds as of `performance.now` of this process. */
export interface HourTimes {
  /** When the order was sent that completes it. */
  readonly sentAt: number;
  readonly written: Written | undefined;
  /** When they were committed to the changelog, if there is one. */
  readonly committedAt: number | undefined;
  /** When a client that asks all the time was shown them; undefined when it was not. */
  readonly shownAt: number | undefined;
}

interface Told {
  readonly flushed?: Written & { readonly pipeline: string; readonly output: string };
}

/** What the speed layer told of its writes to one output, in the order of their ends. */
export function writesOf(speed: Program, pipeline: string, output: string): readonly Written[] {
  return speed.messages.flatMap((message) => {
    const { flushed } = message as Told;
    if (flushed?.pipeline !== pipeline || flushed.output !== output) return [];
    const { waitingSince, begunAt, endedAt } = flushed;
    const { timeOrigin } = performance;
    return [{ waitingSince: waitingSince - timeOrigin, begunAt: begunAt - timeOrigin, endedAt: endedAt - timeOrigin }];
  });
}

/** The first write of what was computed after an order was sent. */
export function writeAfter(writes: readonly Written[], sentAt: number): Written | undefined {
  return writes.find(({ waitingSince }) => waitingSince >= sentAt);
}

/** e.g. `p50 12 ms, p90 20 ms, p99 31 ms, longest 40 ms`. */
export function quantiles(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number): string => `${(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(0)} ms`;
  return `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, longest ${at(1)}`;
}

/** The parts of the way, each over all hours of which it is known. */
export function partsOf(hours: readonly HourTimes[]): readonly (readonly [part: string, milliseconds: readonly number[]])[] {
  const known = hours.flatMap(({ sentAt, written, shownAt }) => (written === undefined ? [] : [{ sentAt, written, shownAt }]));
  const shown = known.flatMap(({ written, shownAt }) => (shownAt === undefined ? [] : [shownAt - written.begunAt]));
  const committed = hours.flatMap(({ sentAt, committedAt }) => (committedAt === undefined ? [] : [committedAt - sentAt]));
  return [
    ['sent until computed: producer, broker, fetch, steps', known.map(({ sentAt, written }) => written.waitingSince - sentAt)],
    ['computed until its write begins: rest of the output, track made durable', known.map(({ written }) => written.begunAt - written.waitingSince)],
    ['write begun until the client was shown it: announcement, its pause, an answer', shown],
    ['beside that, write begun until ClickHouse has it', known.map(({ written }) => written.endedAt - written.begunAt)],
    ['sent until in ClickHouse', known.map(({ sentAt, written }) => written.endedAt - sentAt)],
    ...(committed.length === 0 ? [] : [['sent until committed to the changelog in Kafka', committed] as const]),
  ];
}
