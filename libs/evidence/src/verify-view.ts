import type { Batch, Key, Timestamp, Watermark } from '@weir/model';
import { invariant } from '@weir/model';
import { isWindowAggregate } from '@weir/operators';
import { readTrack, replay, replayTrack } from '@weir/runtime';
import type { CheckpointStore, Lookups, Range, SourceBinding, TrackedStep } from '@weir/runtime';
import { inputsOf } from '@weir/topology';
import type { OperatorNode, Topology } from '@weir/topology';
import type { View } from '@weir/views';
import { CAUSES } from './cause.ts';
import type { Cause } from './cause.ts';
import { CollectSink } from './collect-sink.ts';
import { compare } from './compare.ts';
import type { Difference } from './compare.ts';
import { judge } from './judge.ts';
import type { Recomputed } from './judge.ts';
import { BATCH_ROWS, SPEED_ROWS, recomputeSpec } from './recompute.ts';
import { Rejections } from './rejections.ts';
import { resultId } from './result-row.ts';
import type { ResultRow } from './result-row.ts';

/** What was replayed and published, as the catalog has it. */
export interface PublishedRun {
  /** Per partition, inclusive. */
  readonly from: readonly number[];
  /** Per partition, exclusive. */
  readonly to: readonly number[];
  readonly frontier: Watermark;
}

export interface VerifyViewOptions {
  readonly view: View;
  readonly topology: Topology;
  readonly sources: Readonly<Record<string, SourceBinding>>;
  /** Where the speed layer keeps its tracks. */
  readonly tracks: Pick<CheckpointStore, 'tracks' | 'trackPath'>;
  readonly run: PublishedRun;
  /** What answers steps that ask the outside world, by name; the recomputation asks again. */
  readonly lookups?: Lookups;
  /** What the views serve of each layer. */
  readonly served: { readonly speed: readonly ResultRow[]; readonly batch: readonly ResultRow[] };
}

export interface ExplainedDifference extends Difference {
  readonly cause: Cause;
}

export interface ViewVerification {
  readonly view: string;
  readonly rowsCompared: number;
  readonly equal: number;
  readonly causes: Readonly<Record<Cause, number>>;
  readonly differences: readonly ExplainedDifference[];
  /** (row, window) pairs that the speed layer refused, over its whole life. */
  readonly refusals: number;
}

/**
 * Proves that two layers' numbers of a view agree, or names the cause of each difference. Three replays: the speed layer's track must
 * give the speed layer's numbers; a plain recomputation over the replay's rows must give the batch numbers; and the same over the rows
 * that the speed layer took must give the speed numbers. Only then is a difference called by the rows that make it.
 */
export async function verifyView(options: VerifyViewOptions): Promise<ViewVerification> {
  const { view, run, served } = options;
  const comparison = compare(served.speed, served.batch, run.frontier);
  const recorded = await replayRecorded(options);
  // What is served must be what the track gives; a number that is not is explained by nothing below.
  const strayed = new Set(compare(served.speed, recorded.rows, run.frontier).differences.map(({ id }) => id));
  const differing = comparison.differences.filter(({ id }) => !strayed.has(id));
  const recomputed = differing.length === 0 ? undefined : await recompute(options, differing, recorded);
  const judgement = { session: view.windows === 'session', speedWatermark: recorded.watermark, speedRows: served.speed };
  const explained = differing.map((difference) => ({ ...difference, cause: judge(difference, recomputed!, judgement) }));
  const unknown = [...strayed].map((id) => ({ id, ...sidesOf(id, served), cause: 'UNKNOWN' as const }));
  const differences = [...explained, ...unknown];
  const causes = Object.fromEntries(CAUSES.map((cause) => [cause, differences.filter((difference) => difference.cause === cause).length])) as Record<Cause, number>;
  const equal = comparison.equal - unknown.filter(({ id }) => !comparison.differences.some((difference) => difference.id === id)).length;
  return { view: view.name, rowsCompared: equal + differences.length, equal, causes, differences, refusals: recorded.rejections.total };
}

interface Recorded {
  readonly rows: readonly ResultRow[];
  readonly rejections: Rejections;
  readonly positions: readonly number[];
  readonly watermark: Watermark;
}

async function replayRecorded({ view, topology, sources, tracks }: VerifyViewOptions): Promise<Recorded> {
  const results = new CollectSink();
  const rejections = new Rejections();
  const listener = { rejected: (_step: string, batch: Batch, position: number, key: Key, start: Timestamp, end: Timestamp) => rejections.rejected(batch, position, key, start, end) };
  const names = Object.keys(sources).sort();
  const source = names[0]!;
  const steps: TrackedStep[] = tracks.tracks().flatMap((epoch) => [...readTrack(tracks.trackPath(epoch), names)]);
  const sinks = sinksOf(topology, view.sink, results);
  const { task } = await replayTrack({ topology, sources, sinks, steps, listener });
  const partitions = sources[source]!.reader.partitions;
  const positions = Array.from({ length: partitions }, (_, partition) => task.position(source, partition));
  return { rows: results.rows(), rejections, positions, watermark: task.watermark(source) };
}

/** Recomputes the windows of the differences over all rows that either layer has had. */
async function recompute({ view, topology, sources, run, lookups = {} }: VerifyViewOptions, differences: readonly Difference[], recorded: Recorded): Promise<Recomputed> {
  const node = windowNodeOf(topology, view.sink);
  invariant(isWindowAggregate(node.spec), `sink ${view.sink} is fed by a windowed step`);
  const { key, assigner, aggregators } = node.spec.window;
  const sessionGap = assigner.kind === 'session' ? assigner.gap : undefined;
  const wanted = Map.groupBy(differences.map((difference) => (difference.batch ?? difference.speed)!), (row) => String(row.key));
  const refusals = new Map<string, { bySpeed: number; byRange: number }>();
  const belongs = (set: number, partition: number, offset: number, window: { readonly start: number; readonly end: number } | undefined): boolean =>
    set === BATCH_ROWS ? offset < run.to[partition]! : offset < recorded.positions[partition]! && !recorded.rejections.has(partition, offset, window);
  const spec = recomputeSpec({
    key,
    sessionGap,
    aggregates: aggregators,
    wanted,
    frontier: run.frontier,
    belongs,
    refused: (set, id) => {
      const counts = refusals.get(id) ?? { bySpeed: 0, byRange: 0 };
      if (set === SPEED_ROWS) counts.bySpeed++;
      else counts.byRange++;
      refusals.set(id, counts);
    },
  });
  const nodes = topology.nodes.map((candidate) => (candidate.id === node.id ? { ...node, spec } : candidate));
  const results = new SplitSink();
  const source = Object.keys(sources)[0]!;
  const range: Range = { [source]: run.from.map((from, partition) => ({ from, to: Math.max(run.to[partition]!, recorded.positions[partition]!) })) };
  await replay({ topology: { ...topology, nodes }, sources, sinks: sinksOf(topology, view.sink, results), range, lookups });
  const byId = (set: number): ReadonlyMap<string, ResultRow> => new Map(results.sets[set]!.rows().map((row) => [resultId(row), row]));
  const refusalId = (row: ResultRow): string => (sessionGap === undefined ? resultId(row) : String(row.key));
  return { batch: byId(BATCH_ROWS), speed: byId(SPEED_ROWS), refused: (row) => refusals.get(refusalId(row)) ?? { bySpeed: 0, byRange: 0 } };
}

/** Keeps the results of the two sets of rows apart. */
class SplitSink extends CollectSink {
  readonly sets: readonly [CollectSink, CollectSink] = [new CollectSink(), new CollectSink()];

  override write(batch: Batch): void {
    if (batch.results !== undefined && batch.length > 0) this.sets[batch.results.indexes[batch.rows[0]!] as 0 | 1].write(batch);
  }
}

/** The windowed step whose results end in a sink. */
function windowNodeOf(topology: Topology, sink: string): OperatorNode {
  let node = topology.nodes.find((candidate) => candidate.kind === 'sink' && candidate.sink === sink);
  while (node !== undefined && node.kind !== 'source') {
    if (node.kind === 'operator' && isWindowAggregate(node.spec)) return node;
    node = topology.nodes[inputsOf(node)[0]!.node];
  }
  throw new Error(`Broken invariant: no windowed step feeds sink ${sink}.`);
}

/** The view's sink collects; the others are not looked at. */
function sinksOf(topology: Topology, wanted: string, collect: CollectSink): Record<string, CollectSink> {
  return Object.fromEntries(Object.keys(topology.sinks).map((name) => [name, name === wanted ? collect : new CollectSink()]));
}

function sidesOf(id: string, served: VerifyViewOptions['served']): Pick<Difference, 'speed' | 'batch'> {
  return { speed: served.speed.find((row) => resultId(row) === id), batch: served.batch.find((row) => resultId(row) === id) };
}
