import { PANE_TIMINGS } from '@weir/model';
import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';

/** Rows in one answer, at most. */
export const MAX_LIMIT = 2_000;
/** Rows in one answer unless something else is asked for. */
export const DEFAULT_LIMIT = 100;
const INSTANT = { minimum: -8.64e15, maximum: 8.64e15, description: 'Milliseconds since the Unix epoch.' };

const Instant = Type.Integer({ description: INSTANT.description });
const Watermark = Type.Unsafe<number | null>({ type: ['number', 'null'], description: 'Milliseconds since the Unix epoch; null while nothing is known.' });
const OptionalText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const Count = Type.Number({ minimum: 0 });

export function orNull<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** One of some words, as a JSON Schema enum. */
function words<const T extends readonly string[]>(...values: T) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values] });
}

const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'A stable code; docs/errors.md says what to do about each.' }),
    parameter: Type.Optional(Type.String({ description: 'The parameter to blame.' })),
  },
  { title: 'Problem', description: 'An error, as RFC 9457 has it.' },
);

const Label = Type.Object(
  {
    layer: words('batch', 'speed'),
    paneTiming: words(...PANE_TIMINGS),
    completeness: words('complete', 'provisional'),
    watermark: Watermark,
    frontier: Watermark,
    run: OptionalText,
    codeVersion: Type.String(),
  },
  { description: 'How far the number can be trusted: provisional ones may still change.' },
);

export const Row = Type.Object({
  key: Type.String(),
  window: Type.Object({ start: Instant, end: Instant }, { description: 'Start inclusive, end exclusive.' }),
  data: Type.Record(Type.String(), Type.Unknown(), { description: 'The fields of the view.' }),
  label: Label,
});
export type RowJson = Static<typeof Row>;

export const Ownership = Type.Object({ view: Type.String(), runId: Type.String(), frontier: Type.Number(), version: Type.Integer() }, {
  description: 'Which run owns the windows that end at or before the frontier; all others are the speed layer\'s.',
});

export const ViewDescription = Type.Object({
  name: Type.String(),
  description: Type.String(),
  pipeline: Type.String(),
  windows: words('aligned', 'session'),
  allowedLateness: Type.Number({ description: 'Milliseconds after the end of a window in which late rows still correct it.' }),
  fields: Type.Array(Type.Object({ name: Type.String(), type: Type.String(), nullable: Type.Boolean() })),
  schema: Type.Unsafe<object>({ type: 'object', additionalProperties: true, description: 'JSON Schema of `data`.' }),
  ownership: orNull(Ownership),
});
export const ViewList = Type.Object({ views: Type.Array(ViewDescription) });

export const ViewParams = Type.Object({ view: Type.String({ maxLength: 100, description: 'The name of a view, as /v1/views gives it.' }) });
const Key = Type.String({ maxLength: 1_024, description: 'Rows of this key only.' });
const Finality = Type.Optional(Type.Unsafe<'any' | 'final'>({ type: 'string', enum: ['any', 'final'], default: 'any', description: '`final` leaves out what may still change.' }));

export const ViewQuerystring = Type.Object(
  {
    from: Type.Optional(Type.Integer({ ...INSTANT, description: 'Windows that start at or after this instant, in milliseconds since the epoch.' })),
    to: Type.Optional(Type.Integer({ ...INSTANT, description: 'Windows that start before this instant.' })),
    key: Type.Optional(Key),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })),
    cursor: Type.Optional(Type.String({ maxLength: 2_048, description: '`nextCursor` of the page before.' })),
    finality: Finality,
    order: Type.Optional(Type.Unsafe<'oldest' | 'newest'>({ type: 'string', enum: ['oldest', 'newest'], default: 'oldest', description: 'Which windows come first.' })),
  },
  { additionalProperties: false },
);
export const Page = Type.Object({
  view: Type.String(),
  ownership: orNull(Ownership),
  rows: Type.Array(Row),
  nextCursor: OptionalText,
});

export const StreamQuerystring = Type.Object(
  {
    key: Type.Optional(Key),
    limit: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'Newest rows to begin with.' })),
    finality: Finality,
    since: Type.Optional(Type.String({ maxLength: 100, description: 'The id of the last event seen, for clients that cannot send Last-Event-ID.' })),
  },
  { additionalProperties: false },
);

const Books = Type.Object({ records: Count, counted: Count, late: Count, filtered: Count, deadLettered: Count }, { description: 'records = counted + late + filtered + deadLettered' });
const Position = Type.Object({ partition: Type.Integer(), position: Count, highWatermark: Count, watermark: Watermark, lag: Count });
const Job = Type.Object({
  pipeline: Type.String(),
  layer: words('speed', 'batch'),
  state: words('starting', 'recovering', 'running', 'stopped', 'failed'),
  epoch: Type.Integer(),
  codeVersion: Type.String(),
  watermark: Watermark,
  partitions: Type.Array(Position),
  books: Books,
  flushed: Type.Array(Type.Number()),
  cpuSeconds: Type.Number(),
  updatedAt: Type.Number(),
  error: Type.Optional(Type.String()),
});
const Run = Type.Object({
  runId: Type.String(),
  pipeline: Type.String(),
  codeVersion: Type.String(),
  from: Type.Array(Type.Number()),
  to: Type.Array(Type.Number()),
  frontier: Watermark,
  state: words('running', 'published', 'unpublished', 'failed'),
  books: orNull(Books),
  startedAt: Type.Number(),
  finishedAt: Watermark,
});
const Causes = Type.Record(Type.String(), Type.Number(), { description: 'Differences by cause; UNKNOWN must be 0.' });
const Compared = { rowsCompared: Count, equal: Count, causes: Causes };
const Verification = Type.Object({ verifiedAt: Type.Number(), ...Compared, perView: Type.Record(Type.String(), Type.Object(Compared)) });

export const Jobs = Type.Object({
  jobs: Type.Array(Job),
  runs: Type.Array(Run, { description: 'The ten newest replays, newest first.' }),
  verification: orNull(Verification),
  ownership: Type.Array(Ownership),
});
export type JobsJson = Static<typeof Jobs>;

export const Health = Type.Object({ status: words('live', 'ready') });

const problemAnswer = (description: string) => ({ description, content: { 'application/problem+json': { schema: ProblemSchema } } });
/** Responses that any route may give besides its own. */
export const problems = { '4xx': problemAnswer('The request is at fault, as RFC 9457 says it.'), '5xx': problemAnswer('The server is at fault, as RFC 9457 says it.') };
