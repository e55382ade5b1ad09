import type { Watermark } from '@weir/model';
import type { View } from '@weir/views';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/** Up to where the speed layer's windows cannot change any more: its watermark less the allowed lateness; undefined while unknown. */
export function settledUpTo(view: View, { jobs }: CatalogSnapshot): Watermark | undefined {
  const job = jobs.find(({ pipeline, layer }) => pipeline === view.pipeline && layer === 'speed');
  return job === undefined || job.watermark === null ? undefined : job.watermark - view.allowedLateness;
}
