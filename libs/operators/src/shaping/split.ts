import type { Batch, Collector, Operator, OperatorContext, OperatorSpec } from '@weir/model';
import { FORWARD_INPUT, WeirError } from '@weir/model';

/** What is left for rows that none of the predicates of a split takes. */
export const REST = 'rest';

/** Each row to the first output whose predicate is true of it, in the order of naming; to `rest` when none is. Throws SPLIT_OUTPUT. */
export function split<Row>(predicates: Readonly<Record<string, (row: Row) => boolean>>): OperatorSpec {
  const names = Object.keys(predicates);
  const tests = Object.values(predicates) as readonly ((row: unknown) => boolean)[];
  return splitSpec([...names, REST], 'by predicates', () => (row) => {
    let port = 0;
    while (port < tests.length && !tests[port]!(row)) port++;
    return port;
  });
}

/** Each row to the output that a pure function names. Throws SPLIT_OUTPUT; so does a row for which it names none of them. */
export function splitBy<Row>(outputs: readonly string[], selector: (row: Row) => string): OperatorSpec {
  const names = [...outputs];
  const select = selector as (row: unknown) => string;
  return splitSpec(names, 'by function', ({ pipeline, step }) => (row) => {
    const name = select(row);
    const port = names.indexOf(name);
    if (port >= 0) return port;
    throw new WeirError('SPLIT_OUTPUT', `A row was sent to '${name}'.`, { pipeline, step, remedy: `Send each row to one of ${names.join(', ')}.` });
  });
}

function splitSpec(outputs: readonly string[], detail: string, selectorOf: (context: OperatorContext) => (row: unknown) => number): OperatorSpec {
  const twice = outputs.find((name, index) => outputs.indexOf(name) !== index);
  if (outputs.length === 0 || twice !== undefined) {
    throw new WeirError('SPLIT_OUTPUT', twice === undefined ? 'A split has no outputs.' : `Two outputs of a split are called '${twice}'.`, {
      remedy: `Give each output a name of its own; '${REST}' is that of the rows that no predicate takes.`,
    });
  }
  return Object.freeze<OperatorSpec>({
    kind: 'split',
    inputs: FORWARD_INPUT,
    outputs: Object.freeze(outputs),
    stateful: false,
    conserves: true,
    passes: outputs.map((_, port) => ({ input: 0, port })),
    describe: () => ({ kind: 'split', detail: `${detail} into ${outputs.join(', ')}` }),
    create: (context) => new SplitOperator(outputs.length, selectorOf(context)),
  });
}

class SplitOperator implements Operator {
  readonly #selector: (row: unknown) => number;
  readonly #chosen: Int32Array[];
  readonly #counts: Int32Array;

  constructor(outputs: number, selector: (row: unknown) => number) {
    this.#selector = selector;
    this.#chosen = Array.from({ length: outputs }, () => new Int32Array(0));
    this.#counts = new Int32Array(outputs);
  }

  onBatch(batch: Batch, out: Collector): void {
    const { length, rows } = batch;
    this.#counts.fill(0);
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const port = this.#selector(batch.at(position));
      if (this.#chosen[port]!.length < length) this.#chosen[port] = grown(this.#chosen[port]!, length);
      this.#chosen[port]![this.#counts[port]!++] = position;
    }
    for (let port = 0; port < this.#counts.length; port++) {
      if (this.#counts[port]! > 0) out.emit(batch.select(this.#chosen[port]!, this.#counts[port]!), port);
    }
  }
}

function grown(ints: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(length * 2);
  longer.set(ints);
  return longer;
}
