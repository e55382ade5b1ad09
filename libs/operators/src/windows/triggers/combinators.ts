import { WeirError } from '@weir/model';
import type { CombinedTrigger, Trigger } from '../trigger.ts';

/**
 * Fires when any of the triggers does, and is done when any of them is (Beam's AfterFirst, where each is done when it fires).
 * Throws TRIGGER_EMPTY when there are none.
 */
export function or<Row = never>(...triggers: readonly Trigger<Row>[]): CombinedTrigger<Row> {
  return combined('or', triggers, (texts) => texts.join(' or '));
}

/**
 * Fires when each of the triggers has fired since it fired itself; one that has waits for the others and sees no rows meanwhile, one
 * that is done counts as fired. It is done when all of them are (Beam's AfterAll). Throws TRIGGER_EMPTY when there are none.
 */
export function and<Row = never>(...triggers: readonly Trigger<Row>[]): CombinedTrigger<Row> {
  return combined('and', triggers, (texts) => texts.join(' and '));
}

/** The triggers one behind the other: each begins when the one before is done. Done with the last (Beam's AfterEach.inOrder). Throws TRIGGER_EMPTY when there are none. */
export function inSequence<Row = never>(...triggers: readonly Trigger<Row>[]): CombinedTrigger<Row> {
  return combined('in-sequence', triggers, (texts) => texts.join(' then '));
}

/** Begins the trigger anew each time it is done (Beam's Repeatedly.forever). It is never done. */
export function repeat<Row = never>(trigger: Trigger<Row>): CombinedTrigger<Row> {
  return combined('repeat', [trigger], ([text]) => `repeatedly ${text}`);
}

/** Fires the first time that the trigger does, and is done. */
export function once<Row = never>(trigger: Trigger<Row>): CombinedTrigger<Row> {
  return combined('once', [trigger], ([text]) => `once ${text}`);
}

/** Fires when the trigger does, and drops the content of the window each time (Flink's PurgingTrigger). Done when the trigger is. */
export function purging<Row = never>(trigger: Trigger<Row>): CombinedTrigger<Row> {
  return combined('purging', [trigger], ([text]) => `purging ${text}`);
}

function combined<Row>(kind: CombinedTrigger['kind'], of: readonly Trigger<Row>[], text: (texts: readonly string[]) => string): CombinedTrigger<Row> {
  if (of.length === 0) throw new WeirError('TRIGGER_EMPTY', `A trigger '${kind}' is made of no others.`, { remedy: 'Give it at least one trigger.' });
  const parts = of.map(({ kind: part, describe }) => (of.length > 1 && part !== 'custom' ? `(${describe})` : describe));
  return Object.freeze({ kind, describe: text(parts), of: Object.freeze([...of]) });
}
