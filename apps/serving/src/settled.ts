import type { Watermark } from '@weir/model';
import type { View } from '@weir/views';
import type { CatalogSnapshot } from './catalog-snapshot.ts';

/**
 * Up to which end the speed layer's windows cannot change any more: its watermark less the allowed lateness, and for sessions, which are
 * over when the watermark is behind their end, a millisecond less; undefined while unknown.
 */
export function settledUpTo(view: View, { jobs }: CatalogSnapshot): Watermark | undefined {
  const job = jobs.find(({ pipeline, layer }) => pipeline === view.pipeline && layer === 'speed');
  return job === undefined || job.watermark === null ? undefined : job.watermark - view.allowedLateness - (view.windows === 'session' ? 1 : 0);
}
