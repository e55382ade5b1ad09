/**
 * What a join of two inputs gives: `inner` the pairs; `left`, `right` and `full` also the rows of that input, or both, that met no
 * other, with null in its place; `semi` the left rows that met one, once each; `anti` the left rows that met none.
 */
export type JoinKind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';

/** The kinds of a join that goes on for ever, where a row that has met none may still meet one. */
export type RegularJoinKind = 'inner' | 'left' | 'right' | 'full';

/** What the function of a join is given: the left and the right row, with null where a row met no other; the left row alone for `semi` and `anti`. */
export type JoinedRows<Kind extends JoinKind, Left, Right> = Kind extends 'inner'
  ? [left: Left, right: Right]
  : Kind extends 'left'
    ? [left: Left, right: Right | null]
    : Kind extends 'right'
      ? [left: Left | null, right: Right]
      : Kind extends 'full'
        ? [left: Left, right: Right | null] | [left: null, right: Right]
        : [left: Left];

/** Numbers of the inputs of a join, and the ports of what it makes and what it refuses. */
export const LEFT = 0;
export const RIGHT = 1;
export const RESULTS = 0;

/** Names of the outputs of a join, by port; the late rows of an input leave by its number + 1. */
export const JOIN_OUTPUTS: readonly string[] = Object.freeze(['results', 'lateLeft', 'lateRight']);

/** True for the kinds that give pairs. */
export function givesPairs(kind: JoinKind): boolean {
  return kind !== 'semi' && kind !== 'anti';
}

/** True when a row of the input that met no other is a result. */
export function givesUnmatched(kind: JoinKind, input: number): boolean {
  if (kind === 'full') return true;
  return input === LEFT ? kind === 'left' || kind === 'anti' : kind === 'right';
}
