import type { Codec, LogReader, Sink } from '@weir/connector-api';
import type { Topology } from '@weir/topology';

/** What a source of a pipeline is bound to. */
export interface SourceBinding {
  readonly reader: LogReader;
  readonly codec: Codec;
}

/** A pipeline and what its sources and sinks are bound to. */
export interface Bindings {
  readonly topology: Topology;
  readonly sources: Readonly<Record<string, SourceBinding>>;
  readonly sinks: Readonly<Record<string, Sink>>;
}

/** Partition counts of the bound sources. */
export function partitionsOf(sources: Readonly<Record<string, SourceBinding>>): Record<string, number> {
  return Object.fromEntries(Object.entries(sources).map(([name, { reader }]) => [name, reader.partitions]));
}
