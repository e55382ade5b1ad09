import type { RecordSchema } from '@weir/schema';

/** A served view: what one sink of a pipeline writes, in both layers. */
export interface View {
  /** kebab-case; names the tables and the API path. */
  readonly name: string;
  readonly description: string;
  readonly pipeline: string;
  /** The sink's name in the pipeline. */
  readonly sink: string;
  readonly schema: RecordSchema;
  /** Session windows merge, so their rows can be withdrawn and ownership looks for overlaps. */
  readonly windows: 'aligned' | 'session';
}
