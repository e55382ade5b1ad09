import { WeirError } from '@weir/model';
import type { Topology } from '@weir/topology';

/** What a lookup is told besides the request. */
export interface LookupCall {
  /** Aborted when the attempt has taken too long, or the job ends. */
  readonly signal: AbortSignal;
  /** 1 for the first one. */
  readonly attempt: number;
}

/** Answers a request of a pipeline: both are JSON values. A rejection fails the attempt. */
export type Lookup = (request: unknown, call: LookupCall) => unknown;

/** Lookups by the names that steps know them by. */
export type Lookups = Readonly<Record<string, Lookup>>;

/** Throws LOOKUP_UNBOUND when a step asks what nothing answers. */
export function checkLookups(topology: Topology, lookups: Lookups): void {
  for (const node of topology.nodes) {
    if (node.kind !== 'operator' || node.spec.asks === undefined) continue;
    const { lookup } = node.spec.asks;
    if (Object.hasOwn(lookups, lookup)) continue;
    throw new WeirError('LOOKUP_UNBOUND', `Nothing is bound to the lookup '${lookup}'.`, { pipeline: topology.name, step: node.step, remedy: "Bind a function under 'lookups'." });
  }
}
