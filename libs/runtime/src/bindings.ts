import type { Codec, LogReader, Sink } from '@weir/connector-api';
import type { Topology } from '@weir/topology';
import type { Lookups } from './requests/lookup.ts';

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
  /** What answers the steps that ask the outside world; a replay of a track needs none. */
  readonly lookups?: Lookups;
}

/** Partition counts of the bound sources. */
export function partitionsOf(sources: Readonly<Record<string, SourceBinding>>): Record<string, number> {
  return Object.fromEntries(Object.entries(sources).map(([name, { reader }]) => [name, reader.partitions]));
}
