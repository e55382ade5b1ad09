export { describe } from './describe.ts';
export { diagram } from './diagram.ts';
export type { EventTime, EventTimeOptions, KeySelectorOfTime, TooFarAheadPolicy } from './event-time.ts';
export type { IntervalJoinDecisions, JoinOutputs, RegularJoinDecisions, WindowJoinDecisions } from './joins.ts';
export { pipeline } from './pipeline.ts';
export type { PipelineOptions, SinkPorts, SourceStreams } from './pipeline.ts';
export type { OperatorOutputs, TypedOperator } from './operator-stage.ts';
export type { DetectOutputs } from './patterns.ts';
export type { AnswerOf, EnrichDecisions, EnrichOutputs } from './enrich.ts';
export type { None, ProcessOutputs } from './process.ts';
export type { SplitByOutputs, SplitOutputs } from './shaping.ts';
export { projection } from './projection.ts';
export type {
  DeduplicateDecisions,
  ForeignKeyJoinDecisions,
  GroupDecisions,
  GroupedTable,
  LookupJoinDecisions,
  Table,
  TableDecisions,
  TableJoinDecisions,
  TableOutputs,
  TemporalJoinDecisions,
  TimedOutputs,
  TopDecisions,
} from './tables.ts';
export { inputsOf } from './topology.ts';
export type {
  KeyOf,
  KeyedStream,
  NumberField,
  SinkPort,
  Stream,
  UntimedStream,
  CountWindowOptions,
  WindowOptions,
  WindowOutputs,
  WindowResult,
  WindowedStream,
} from './stream.ts';
export type {
  DiscardNode,
  Edge,
  OperatorNode,
  Schemas,
  SinkNode,
  SourceNode,
  Topology,
  TopologyNode,
} from './topology.ts';
