import type { Batch, Collector, OperatorSpec } from '@weir/model';

/** Rows of several streams as one, each as it came: its watermark is the least of theirs. Rows of equal times are in no promised order. */
export function union(streams: number): OperatorSpec {
  const inputs = Array.from({ length: streams }, (_, input) => ({ name: `in${input + 1}`, distribution: { kind: 'forward' as const } }));
  return Object.freeze<OperatorSpec>({
    kind: 'union',
    inputs: Object.freeze(inputs),
    outputs: ['out'],
    stateful: false,
    conserves: true,
    passes: inputs.map((_, input) => ({ input, port: 0 })),
    describe: () => ({ kind: 'union', detail: `of ${streams}` }),
    create: () => ({
      onBatch: (batch: Batch, out: Collector) => {
        if (batch.length > 0) out.emit(batch);
      },
    }),
  });
}
