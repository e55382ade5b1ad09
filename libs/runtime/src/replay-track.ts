import { partitionsOf } from './bindings.ts';
import type { Bindings } from './bindings.ts';
import type { BookTotals, RejectionListener } from './books.ts';
import { readRange } from './read-range.ts';
import { SourceDecoders } from './source-decoders.ts';
import { Task } from './task.ts';
import type { TrackedStep } from './track.ts';

/** Applies one step of a track to a task, reading its records from the log. */
export async function applyStep(task: Task, { sources }: Pick<Bindings, 'sources'>, step: TrackedStep): Promise<void> {
  switch (step.kind) {
    case 'records': {
      const bytes = await readRange(sources[step.source]!.reader, step.partition, step.from, step.to);
      await task.prepare(step.source, step.from, step.to, bytes);
      task.records(step.source, step.partition, step.from, step.to, bytes);
      return;
    }
    case 'tick':
      task.onTick(step.now, step.isDeaf);
      return;
    case 'watermark':
      task.onWatermark(step.source, step.watermark);
      return;
    case 'answers':
      task.onAnswers(step.step, step.answers);
  }
}

export interface ReplayTrackOptions extends Bindings {
  readonly steps: Iterable<TrackedStep>;
  readonly listener?: RejectionListener;
  /** Called between steps, with how many are done. */
  readonly onStep?: (done: number) => void;
}

export interface ReplayedTrack {
  readonly books: BookTotals;
  /** The task as it stands at the end. */
  readonly task: Task;
}

/** The `recorded` driver: replays steps from the beginning of a job, and so gives what the job gave, to the byte. */
export async function replayTrack({ steps, listener, onStep, ...bindings }: ReplayTrackOptions): Promise<ReplayedTrack> {
  const task = new Task({
    topology: bindings.topology,
    partitions: partitionsOf(bindings.sources),
    outputs: bindings.sinks,
    decoders: new SourceDecoders([bindings.topology], bindings.sources).of(0),
    ...(listener === undefined ? {} : { listener }),
  });
  let done = 0;
  for (const step of steps) {
    await applyStep(task, bindings, step);
    onStep?.(++done);
  }
  return { books: task.books(), task };
}
