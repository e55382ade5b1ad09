/** Rows of which there is at least one. */
export type Several<Row> = readonly [Row, ...Row[]];

/** One object type instead of an intersection. */
export type Flat<T> = { readonly [Name in keyof T]: T[Name] };

/** What a step gives when it is taken once. */
export type Single<Row, Name extends string> = { readonly [Taken in Name]: Row };

/** What steps give when they are taken repeatedly: rows where there was one, in order; at least one unless it may be missing. */
export type Repeated<Row, Shape> = { readonly [Name in keyof Shape]: Shape[Name] extends Row | Several<Row> ? Several<Row> : readonly Row[] };

/** What steps give when they may be missing: no row, or no rows. */
export type Maybe<Row, Shape> = { readonly [Name in keyof Shape]: Shape[Name] extends readonly Row[] ? readonly Row[] : Shape[Name] | undefined };

/** What a condition sees: the steps before, and the rows that its own step has taken so far. */
export type SoFar<Row, Before, Name extends string> = Flat<Before & { readonly [Own in Name]: readonly Row[] }>;

/** A pure function of a row and of what the match holds before it. */
export type StepCondition<Row, Before, Name extends string = never> = (row: Row, match: SoFar<Row, Before, Name>) => boolean;

/** A match that ran out of time: each step has the rows that it got. */
export type Unfinished<Row, Match> = { readonly [Name in keyof Match]: Match[Name] extends readonly Row[] ? readonly Row[] : Match[Name] | undefined };
