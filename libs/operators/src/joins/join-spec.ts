import type { Batch, KeySelector, Operator, OperatorContext, OperatorInput, OperatorSpec, StateReader } from '@weir/model';
import { INSERT, WeirError } from '@weir/model';
import { JOIN_OUTPUTS } from './join-kind.ts';

/** Rows that one instance of a join keeps at most, unless it is told otherwise. */
export const DEFAULT_MAX_ROWS = 5_000_000;

/** What all joins of two keyed inputs are told. */
export interface JoinOptions<Left = never, Right = never> {
  readonly left: KeySelector<Left>;
  readonly right: KeySelector<Right>;
  /** Rows of both inputs that one instance of the step keeps at most; more throw JOIN_STATE_LIMIT. Default 5,000,000. */
  readonly maxRows?: number;
}

/** A join as a value: two inputs that are brought together by key, the results and the late rows of each as outputs. */
export function joinSpec(
  kind: string,
  options: JoinOptions,
  detail: string,
  create: (context: OperatorContext, restored?: StateReader) => Operator,
): OperatorSpec {
  const { left, right, maxRows } = options;
  if (maxRows !== undefined && !(Number.isSafeInteger(maxRows) && maxRows > 0)) {
    throw new WeirError('JOIN_MAX_ROWS', `A join cannot keep at most ${maxRows} rows.`, { remedy: 'Use a whole number above 0.' });
  }
  const inputs: readonly OperatorInput[] = [
    { name: 'left', distribution: { kind: 'keyed', key: left } },
    { name: 'right', distribution: { kind: 'keyed', key: right } },
  ];
  return Object.freeze({
    kind,
    inputs,
    outputs: JOIN_OUTPUTS,
    stateful: true,
    passes: [
      { input: 0, port: 1 },
      { input: 1, port: 2 },
    ],
    describe: () => ({ kind, detail: `${selectorText(left)} = ${selectorText(right)}, ${detail}` }),
    create,
  });
}

/** Refuses a batch that takes rows back, with JOIN_CHANGELOG: what has been joined with them would have to be taken back too. */
export function refuseChangelog({ changes, rows, length }: Batch, { pipeline, step }: OperatorContext): void {
  if (changes === undefined) return;
  for (let i = 0; i < length; i++) {
    if (changes[rows[i]!] === INSERT) continue;
    throw new WeirError('JOIN_CHANGELOG', 'A row that updates or deletes another came to a join of streams.', {
      pipeline,
      step,
      remedy: 'Use the regular join, which takes changes back, or join before the step that makes them.',
    });
  }
}

/** What is thrown when a join would keep more rows than it may. */
export function tooManyRows(maxRows: number, { pipeline, step }: OperatorContext): WeirError {
  return new WeirError('JOIN_STATE_LIMIT', `The join keeps ${maxRows} rows, and is given more.`, {
    pipeline,
    step,
    remedy: 'Find the input that holds the watermark back (an idle partition wants idleAfter), narrow the time that rows are kept for, or raise maxRows.',
  });
}

function selectorText(selector: KeySelector): string {
  return 'field' in selector ? selector.field : 'function';
}
