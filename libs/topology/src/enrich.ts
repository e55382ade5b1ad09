import type { OperatorSpec } from '@weir/model';
import { enrich } from '@weir/operators';
import type { EnrichPolicy, FailedRequest, OnRequestFailure } from '@weir/operators';
import type { Infer, RecordSchema } from '@weir/schema';
import { answerCheck } from './answer-check.ts';
import type { Graph } from './graph.ts';
import { checkName } from './names.ts';
import { outputsOf } from './process.ts';
import type { Stream } from './stream.ts';
import type { Edge } from './topology.ts';

/** The decisions of an enrichment. */
export interface EnrichDecisions<Row, Response extends RecordSchema | undefined, Failure extends OnRequestFailure> extends EnrichPolicy<Failure> {
  /** Pure: what is asked for a row; a key, or any JSON value. */
  readonly request: (row: Row) => unknown;
  /** What an answer has to be; one that is not fails the attempt. Without it, answers are unknown and unchecked. */
  readonly response?: Response;
}

/** What a row is joined with: null where a failed request goes on as null. */
export type AnswerOf<Response, Failure extends OnRequestFailure> =
  | (Response extends RecordSchema ? Infer<Response> : unknown)
  | ('null' extends Failure ? null : never);

/** The outputs of an enrichment. */
export type EnrichOutputs<Row, Out, Failure extends OnRequestFailure> = { readonly out: Stream<Out> } & ('dead-letter' extends Failure
  ? { readonly failed: Stream<FailedRequest<Row>> }
  : unknown);

/** `enrich()` as a step. Throws ENRICH_POLICY. */
export function enrichStage<Row, Response extends RecordSchema | undefined, Failure extends OnRequestFailure, Out>(
  name: string,
  { graph, edge }: { readonly graph: Graph; readonly edge: Edge },
  decisions: EnrichDecisions<Row, Response, Failure>,
  join: (row: Row, answer: AnswerOf<Response, Failure>) => Out,
): EnrichOutputs<Row, Out, Failure> {
  const { lookup = name, response, ...policy } = decisions;
  checkName('step', name, graph.pipeline);
  checkName('lookup', lookup, graph.pipeline);
  const spec: OperatorSpec = enrich<Row, AnswerOf<Response, Failure>, Out>({ ...policy, lookup, join, ...(response === undefined ? {} : { check: answerCheck(response) }) });
  return outputsOf(graph, name, spec, [edge]) as EnrichOutputs<Row, Out, Failure>;
}
