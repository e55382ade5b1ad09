import { WeirError } from '@weir/model';
import type { Field } from '@weir/schema';
import type { Graph } from './graph.ts';
import type { Edge } from './topology.ts';

/** What a pipeline uses a field as. Which aggregates take which types is theirs to say. */
type Use = 'time' | 'key' | 'value';

const FITTING: Readonly<Record<Use, readonly Field['type'][]>> = {
  time: ['timestamp', 'int', 'float'],
  key: ['string', 'int', 'float', 'timestamp'],
  value: ['string', 'int', 'float', 'boolean', 'timestamp', 'json'],
};

/**
 * Refuses a field that the rows cannot have, for those who get past the compiler. Says nothing about rows that a `map` made,
 * as their shape is known to the compiler only. Throws TOPOLOGY_FIELD_UNKNOWN or TOPOLOGY_FIELD_TYPE.
 */
export function checkField(graph: Graph, step: string | undefined, edge: Edge, name: string, use: Use): void {
  const schema = graph.schemaAt(edge);
  if (schema === undefined) return;
  const place = { pipeline: graph.pipeline, ...(step === undefined ? {} : { step }) };
  const field = schema.fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    throw new WeirError('TOPOLOGY_FIELD_UNKNOWN', `${schema.name} has no field '${name}'.`, {
      ...place,
      remedy: `It has ${schema.fields.map((candidate) => candidate.name).join(', ')}.`,
    });
  }
  if (!FITTING[use].includes(field.type)) {
    throw new WeirError('TOPOLOGY_FIELD_TYPE', `Field '${name}' of ${schema.name} is a ${field.type} and cannot serve as ${use}.`, {
      ...place,
      remedy: `Use a field of type ${FITTING[use].join(' or ')}, or a lambda.`,
    });
  }
}
