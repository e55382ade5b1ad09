export { any } from './aggregates/any.ts';
export { average } from './aggregates/average.ts';
export { count } from './aggregates/count.ts';
export { distinct } from './aggregates/distinct.ts';
export { max, min } from './aggregates/extreme.ts';
export { distinctApproximate } from './aggregates/distinct-approximate.ts';
export type { DistinctApproximateOptions } from './aggregates/distinct-approximate.ts';
export { aggregator } from './aggregates/aggregator.ts';
export type { AggregatorParts } from './aggregates/aggregator.ts';
export { heavyHitters } from './aggregates/heavy-hitters.ts';
export type { HeavyHitter, HeavyHittersOptions } from './aggregates/heavy-hitters.ts';
export { histogram } from './aggregates/histogram.ts';
export type { Bin, Bins, Histogram } from './aggregates/histogram.ts';
export { list } from './aggregates/list.ts';
export type { Listed, ListOptions } from './aggregates/list.ts';
export { first, last, maxBy, minBy } from './aggregates/pick.ts';
export type { PickOrder } from './aggregates/pick.ts';
export { quantiles } from './aggregates/quantiles.ts';
export type { QuantilesOptions } from './aggregates/quantiles.ts';
export { sum } from './aggregates/sum.ts';
export { topN } from './aggregates/top-n.ts';
export type { Ranked, TopNOptions } from './aggregates/top-n.ts';
export type { NumericField, ValueField } from './aggregates/value-reader.ts';
export { standardDeviation, variance } from './aggregates/variance.ts';
export type { Deviation } from './aggregates/variance.ts';
export { billingCycle } from './assigners/billing-cycle.ts';
export type { BillingCycleOptions } from './assigners/billing-cycle.ts';
export { calendar } from './assigners/calendar.ts';
export type { CalendarOptions, CalendarUnit } from './assigners/calendar.ts';
export { campaign } from './assigners/campaign.ts';
export type { Campaign } from './assigners/campaign.ts';
export type { Weekday } from './assigners/civil-date.ts';
export { cumulating } from './assigners/cumulating.ts';
export { tradingDay } from './assigners/trading-day.ts';
export type { TradingDayOptions } from './assigners/trading-day.ts';
export { enrich } from './enrich/enrich.ts';
export { enrichFailed } from './enrich/enrich-operator.ts';
export type { EnrichOptions, EnrichPolicy, FailedRequest, OnRequestFailure } from './enrich/enrich.ts';
export { filter } from './filter.ts';
export { intervalJoin } from './joins/interval-join.ts';
export type { IntervalJoinOptions } from './joins/interval-join.ts';
export type { JoinKind, JoinedRows, RegularJoinKind } from './joins/join-kind.ts';
export { before } from './joins/reach.ts';
export type { BoundKind, IntervalBounds, Offset } from './joins/reach.ts';
export { regularJoin } from './joins/regular-join.ts';
export type { RegularJoinOptions } from './joins/regular-join.ts';
export { windowJoin } from './joins/window-join.ts';
export type { WindowJoinOptions } from './joins/window-join.ts';
export { map } from './map.ts';
export { noSkip, skipPastLast, skipToFirst, skipToLast, skipToNext } from './patterns/after-match.ts';
export type { AfterMatch } from './patterns/after-match.ts';
export { detectPattern } from './patterns/detect-pattern.ts';
export type { DetectLimits, DetectPatternOptions, TimedOut } from './patterns/detect-pattern.ts';
export type { Several, StepCondition, Unfinished } from './patterns/match-shape.ts';
export type { Contiguity } from './patterns/pattern-definition.ts';
export { patternDiagram } from './patterns/pattern-diagram.ts';
export { pattern } from './patterns/pattern.ts';
export type { Pattern, PatternChain, PatternLoop, PatternNot, PatternOption, PatternStart, PatternStep } from './patterns/pattern.ts';
export { processWithBroadcast } from './process/broadcast-process.ts';
export type { BroadcastProcessFunction, BroadcastProcessOptions, RuleContext, WithRules } from './process/broadcast-process.ts';
export { broadcastState } from './process/broadcast-state.ts';
export type { BroadcastDeclaration, BroadcastState, BroadcastStateOptions, BroadcastView } from './process/broadcast-state.ts';
export type { BoundState, StateDeclaration } from './process/keyed-state.ts';
export { listState } from './process/list-state.ts';
export type { ListState, ListStateOptions } from './process/list-state.ts';
export { mapState } from './process/map-state.ts';
export type { MapState, MapStateOptions } from './process/map-state.ts';
export { operatorList, unionList } from './process/operator-state.ts';
export type { OperatorList, OperatorListOptions, OperatorStateDeclaration } from './process/operator-state.ts';
export { output } from './process/process-function.ts';
export type {
  EmitOptions,
  OperatorStates,
  OutputDeclaration,
  OutputDeclarations,
  ProcessContext,
  ProcessFunction,
  ProcessOptions,
  ProcessOrder,
  RowsOf,
  StateDeclarations,
  Timer,
  Timers,
} from './process/process-function.ts';
export { process } from './process/process.ts';
export { aggregatingState, reducingState } from './process/reducing-state.ts';
export type { AggregatingState, AggregatingStateOptions, ReducingState, ReducingStateOptions } from './process/reducing-state.ts';
export type { Ttl } from './process/ttl.ts';
export { valueState } from './process/value-state.ts';
export type { ValueState, ValueStateOptions } from './process/value-state.ts';
export { assignIds } from './shaping/assign-ids.ts';
export { flatMap } from './shaping/flat-map.ts';
export type { FlatMapOptions } from './shaping/flat-map.ts';
export { project } from './shaping/project.ts';
export { split, splitBy } from './shaping/split.ts';
export { union } from './shaping/union.ts';
export type { LearnedDelayOptions } from './watermarks/adaptive-delay.ts';
export { alignmentLimit } from './watermarks/alignment.ts';
export type { Alignment } from './watermarks/alignment.ts';
export { boundedOutOfOrderness } from './watermarks/bounded-out-of-orderness.ts';
export { monotonous } from './watermarks/monotonous.ts';
export { percentile } from './watermarks/percentile.ts';
export type { PercentileOptions } from './watermarks/percentile.ts';
export { perfect } from './watermarks/perfect.ts';
export { predictive } from './watermarks/predictive.ts';
export type { PredictiveOptions } from './watermarks/predictive.ts';
export { punctuated } from './watermarks/punctuated.ts';
export type { PunctuatedOptions, Punctuation } from './watermarks/punctuated.ts';
export { WatermarkTracker } from './watermarks/watermark-tracker.ts';
export type { AllIdlePolicy, WatermarkTrackerOptions } from './watermarks/watermark-tracker.ts';
export { isWindowAggregate, windowAggregate } from './window-aggregate.ts';
export type { WindowAggregateOptions, WindowAggregateSpec } from './window-aggregate.ts';
export type { AlignedAssigner, CustomAssigner, SessionAssigner, WindowAssigner, WindowList } from './windows/assigner.ts';
export { countWindowAggregate } from './count-window-aggregate.ts';
export type { CountWindowAggregateOptions } from './count-window-aggregate.ts';
export { countSliding, countTumbling } from './windows/count-windows.ts';
export type { CountWindows } from './windows/count-windows.ts';
export { dynamicSession } from './windows/dynamic-session.ts';
export { global } from './windows/global.ts';
export { session } from './windows/session.ts';
export { CONTINUE, FIRE, FIRE_AND_PURGE, PURGE } from './windows/trigger.ts';
export { triggerReads } from './windows/trigger.ts';
export type { Accumulation, AfterWatermark, CombinedTrigger, CustomTrigger, MergedTrigger, Period, Trigger, TriggerResult, TriggerWindow } from './windows/trigger.ts';
export { afterCount } from './windows/triggers/after-count.ts';
export { afterDelay } from './windows/triggers/after-delay.ts';
export type { AfterWatermarkOptions } from './windows/triggers/after-watermark.ts';
export { afterWatermark } from './windows/triggers/after-watermark.ts';
export { and, inSequence, once, or, purging, repeat } from './windows/triggers/combinators.ts';
export { delta } from './windows/triggers/delta.ts';
export { every, everyEventTime } from './windows/triggers/every.ts';
export { never } from './windows/triggers/never.ts';
export { hopping, tumbling } from './windows/tumbling.ts';
