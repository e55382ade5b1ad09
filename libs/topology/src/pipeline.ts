import type { Infer } from '@weir/schema';
import { checkEnds } from './check.ts';
import { deepFreeze } from './freeze.ts';
import { Graph } from './graph.ts';
import { checkName } from './names.ts';
import { Port, SourceStage } from './stages.ts';
import type { SinkPort, UntimedStream } from './stream.ts';
import type { Schemas, Topology } from './topology.ts';

/** What a pipeline is called, reads and writes. */
export interface PipelineOptions<Sources extends Schemas, Sinks extends Schemas> {
  /** kebab-case or camelCase; identifies the job, its checkpoints and its metrics. */
  readonly name: string;
  readonly sources: Sources;
  readonly sinks: Sinks;
}

/** The streams that a definition starts from, by source name. */
export type SourceStreams<Sources extends Schemas> = { readonly [Name in keyof Sources]: UntimedStream<Infer<Sources[Name]>> };

/** The ends that a definition may send streams to, by sink name. */
export type SinkPorts<Sinks extends Schemas> = { readonly [Name in keyof Sinks]: SinkPort<Infer<Sinks[Name]>> };

/**
 * Defines a pipeline. `define` runs once, at once, and wires streams to sinks; the result is a frozen value that performs
 * nothing until it is bound and run. Throws a WeirError TOPOLOGY_… when something is left open, unused or named twice.
 */
export function pipeline<const Sources extends Schemas, const Sinks extends Schemas>(
  options: PipelineOptions<Sources, Sinks>,
  define: (sources: SourceStreams<Sources>, sinks: SinkPorts<Sinks>) => void,
): Topology<Sources, Sinks> {
  const { name, sources, sinks } = options;
  checkName('pipeline', name, name);
  for (const source of Object.keys(sources)) checkName('source', source, name);
  for (const sink of Object.keys(sinks)) checkName('sink', sink, name);
  const graph = new Graph(name, sources);
  // The row types live in the signature only; every stage is the same code whatever its rows are.
  const streams: unknown = mapNames(sources, (source) => new SourceStage(graph, source));
  const ports: unknown = mapNames(sinks, (sink) => new Port(graph, sink));
  define(streams as SourceStreams<Sources>, ports as SinkPorts<Sinks>);
  const topology = { name, sources, sinks, nodes: graph.seal() };
  checkEnds(topology);
  return deepFreeze(topology);
}

function mapNames<Made>(schemas: Schemas, make: (name: string) => Made): Record<string, Made> {
  return Object.fromEntries(Object.keys(schemas).map((name) => [name, make(name)]));
}
