import type { ReactElement } from 'react';
import { instantText } from './format.ts';
import type { RowLabel } from './serving-api.ts';

const TIMINGS = { early: 'an early firing', 'on-time': 'the firing on time', late: 'a correction by late rows' } as const;

/** Which layer a number comes from and whether it may still change; the rest of the label is in its tooltip. */
export function LabelBadge({ label }: { readonly label: RowLabel }): ReactElement {
  const isComplete = label.completeness === 'complete';
  return (
    <span className="badges" title={labelText(label)}>
      <span className={`badge layer-${label.layer}`}>{label.layer}</span>
      <span className={`badge ${isComplete ? 'complete' : 'provisional'}`}>{label.completeness}</span>
    </span>
  );
}

/** A label in words, a line for each part. */
export function labelText(label: RowLabel): string {
  return [
    `${label.layer} layer, ${TIMINGS[label.paneTiming]}`,
    label.completeness === 'complete' ? 'complete: no later row can change it' : 'provisional: later rows may change it',
    `watermark ${instantText(label.watermark)}`,
    `frontier ${label.frontier === null ? 'none yet' : instantText(label.frontier)}`,
    ...(label.run === null ? [] : [`run ${label.run}`]),
    `code ${label.codeVersion}`,
  ].join('\n');
}
