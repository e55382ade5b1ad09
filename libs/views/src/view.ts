import type { Duration } from '@weir/model';
import { WeirError } from '@weir/model';
import { isWindowAggregate, mergesWindows } from '@weir/operators';
import type { WindowAggregateOptions } from '@weir/operators';
import type { Field, RecordSchema } from '@weir/schema';
import { inputsOf } from '@weir/topology';
import type { Topology, TopologyNode } from '@weir/topology';

/** A served view: what one sink of a pipeline writes, in both layers. */
export interface View {
  /** kebab-case; names the tables and the API path. */
  readonly name: string;
  readonly description: string;
  readonly pipeline: string;
  /** The sink's name in the pipeline. */
  readonly sink: string;
  readonly schema: RecordSchema;
  /** Session windows merge, so their rows can be withdrawn and ownership looks for overlaps. */
  readonly windows: 'aligned' | 'session';
  /** How long after a window's end a row may still change its result. */
  readonly allowedLateness: Duration;
}

/** What a view adds to the topology that it serves; `sink` is one of the topology's. */
export interface ViewOptions<Sink extends string> {
  readonly name: string;
  readonly description: string;
  readonly sink: Sink;
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const COLUMN = /^[A-Za-z][A-Za-z0-9_]*$/;

/** Columns that every table of a view has, and those that a query adds; a schema may not use them. */
const RESERVED_COLUMNS: readonly string[] = [
  'result_key',
  'window_start',
  'window_end',
  'pane_timing',
  'pane_index',
  'is_last',
  'watermark',
  'task_epoch',
  'version',
  'is_deleted',
  'run_id',
  'code_version',
  'layer',
  'frontier',
  'complete',
];

/**
 * Declares a view of a pipeline's sink. Names end up as identifiers in SQL, so they are checked here, once.
 * Throws VIEW_NAME or VIEW_COLUMN.
 */
export function view<Sinks extends Readonly<Record<string, RecordSchema>>>(
  topology: Topology<Readonly<Record<string, RecordSchema>>, Sinks>,
  options: ViewOptions<keyof Sinks & string>,
): View {
  if (!NAME.test(options.name) || options.name.length > 80) {
    throw new WeirError('VIEW_NAME', `${JSON.stringify(options.name)} cannot name a view.`, {
      pipeline: topology.name,
      remedy: 'Use kebab-case, at most 80 characters.',
    });
  }
  const schema = topology.sinks[options.sink];
  if (schema === undefined) {
    throw new WeirError('VIEW_SINK', `The pipeline has no sink '${options.sink}'.`, {
      pipeline: topology.name,
      remedy: `It has ${Object.keys(topology.sinks).join(', ')}.`,
    });
  }
  for (const field of schema.fields) checkColumn(topology.name, options.name, field);
  const { assigner, allowedLateness } = windowOf(topology, options.sink);
  const windows = mergesWindows(assigner) ? 'session' : 'aligned';
  return Object.freeze({ ...options, pipeline: topology.name, schema, windows, allowedLateness });
}

/** The windowed step whose results end in a sink, through whatever maps and filters. */
function windowOf(topology: Topology, sink: string): WindowAggregateOptions {
  const ends = topology.nodes.filter((node) => node.kind === 'sink' && node.sink === sink);
  let node: TopologyNode | undefined = ends[0];
  while (ends.length === 1 && node !== undefined && node.kind !== 'source') {
    const [edge, ...others] = inputsOf(node);
    if (edge === undefined || others.length > 0) break;
    const from: TopologyNode = topology.nodes[edge.node]!;
    if (from.kind === 'operator' && isWindowAggregate(from.spec)) {
      if (from.spec.outputs[edge.port] === 'results') return from.spec.window;
      break;
    }
    node = from;
  }
  throw new WeirError('VIEW_SINK', `The sink '${sink}' is not the end of one stream of window results.`, {
    pipeline: topology.name,
    remedy: 'Serve a sink that holds the results of one windowed step.',
  });
}

function checkColumn(pipeline: string, step: string, field: Field): void {
  if (COLUMN.test(field.name) && !RESERVED_COLUMNS.includes(field.name)) return;
  throw new WeirError('VIEW_COLUMN', `The field '${field.name}' cannot be a column of a view.`, {
    pipeline,
    step,
    remedy: `Rename it: letters, digits and underscores, and none of ${RESERVED_COLUMNS.join(', ')}.`,
  });
}
