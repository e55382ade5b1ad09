import type { ServedRow } from '@weir/views';
import type { RowJson } from './schemas.ts';

/** A row as clients get it. */
export function rowJson({ key, start, end, data, label }: ServedRow): RowJson {
  return {
    key,
    window: { start, end },
    data: data as Record<string, unknown>,
    label: {
      layer: label.layer,
      paneTiming: label.timing,
      completeness: label.complete ? 'complete' : 'provisional',
      watermark: label.watermark,
      frontier: label.frontier,
      run: label.run,
      codeVersion: label.codeVersion,
    },
  };
}
