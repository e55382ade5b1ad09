import type { Batch, Collector, Operator, OperatorContext, OperatorSpec } from '@weir/model';
import { FORWARD_INPUT, RowBatch, WeirError } from '@weir/model';
import { textHash } from './text-hash.ts';

/**
 * Adds an id to each row, the same in every layer and every replay. Without fields it says where the row lies in the log,
 * `source/partition/offset`, and which of the rows made from that record it is, where there are several (`…/offset.1`). With fields it
 * is a hash of their values, so rows that are equal in them have equal ids.
 */
export function assignIds(name: string, fields?: readonly string[]): OperatorSpec {
  return Object.freeze<OperatorSpec>({
    kind: 'assign-ids',
    inputs: FORWARD_INPUT,
    outputs: ['out'],
    stateful: false,
    conserves: true,
    describe: () => ({ kind: 'assign-ids', detail: `${name} from ${fields === undefined ? 'the place in the log' : fields.join(', ')}` }),
    create: (context) => new AssignIdsOperator(name, fields, context),
  });
}

class AssignIdsOperator implements Operator {
  readonly #name: string;
  readonly #fields: readonly string[] | undefined;
  readonly #context: OperatorContext;

  constructor(name: string, fields: readonly string[] | undefined, context: OperatorContext) {
    this.#name = name;
    this.#fields = fields;
    this.#context = context;
  }

  onBatch(batch: Batch, out: Collector): void {
    const { length, rows, timestamps, origin, results, changes } = batch;
    if (length === 0) return;
    const made: unknown[] = new Array<unknown>(rows[length - 1]! + 1);
    const idOf = this.#fields === undefined ? this.#placeOf(batch) : this.#hashOf(batch, this.#fields);
    for (let i = 0; i < length; i++) made[rows[i]!] = { ...(batch.at(rows[i]!) as object), [this.#name]: idOf(rows[i]!) };
    out.emit(new RowBatch(made, { timestamps, origin, results, changes, rows, length }));
  }

  #hashOf(batch: Batch, fields: readonly string[]): (position: number) => string {
    const columns = fields.map((field) => batch.values(field));
    return (position) => textHash(JSON.stringify(columns.map((column) => column[position] ?? null)));
  }

  #placeOf({ origin }: Batch): (position: number) => string {
    if (origin === undefined) {
      const { pipeline, step } = this.#context;
      throw new WeirError('ID_NO_ORIGIN', 'A row that is no record of a log is to be given an id by its place.', { pipeline, step, remedy: 'Assign ids before the rows are grouped, or from fields.' });
    }
    const { source, partition, offsets } = origin;
    let last = Number.NaN;
    let copy = 0;
    return (position) => {
      const offset = offsets[position]!;
      copy = offset === last ? copy + 1 : 0;
      last = offset;
      return `${source}/${partition}/${offset}${copy === 0 ? '' : `.${copy}`}`;
    };
  }
}
