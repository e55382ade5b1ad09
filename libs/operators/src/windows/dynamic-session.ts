import type { Duration } from '@weir/model';
import { WeirError } from '@weir/model';
import { numberOf, readsOf, selectorText } from '../aggregates/value-reader.ts';
import type { NumericField } from '../aggregates/value-reader.ts';
import type { CustomAssigner } from './assigner.ts';

/**
 * Sessions whose gap each row says itself, as a field or a pure function of the row, in milliseconds: a row is [t, t + gap), and what
 * overlaps or touches is one session. Throws WINDOW_SIZE for a row whose gap is not a whole number above 0.
 */
export function dynamicSession<Row>(gap: NumericField<Row> | ((row: Row) => Duration)): CustomAssigner<Row> {
  const selector = gap as string | ((row: never) => number);
  const read = numberOf(selector);
  return Object.freeze({
    kind: 'custom',
    describe: `session gap by ${selectorText(selector)}`,
    merging: true,
    ...readsOf(selector),
    assign: (timestamp, _key, row, into) => {
      const milliseconds = read(row);
      if (!Number.isSafeInteger(milliseconds) || milliseconds <= 0) {
        throw new WeirError('WINDOW_SIZE', `A session gap cannot be ${milliseconds} ms.`, { remedy: 'Give every row a gap above zero, in whole milliseconds.' });
      }
      into.add(timestamp, timestamp + milliseconds);
    },
  } satisfies CustomAssigner<Row>);
}
