/** When a firing happened relative to the watermark passing the window's end. */
export type PaneTiming = 'early' | 'on-time' | 'late';

/** The identity of one firing of one window of one key (after Beam's PaneInfo). */
export interface Pane {
  readonly timing: PaneTiming;
  /** 0 for the window's first firing, then +1 each. */
  readonly index: number;
  readonly isFirst: boolean;
  /** True when no further firing can follow: W >= end + allowed lateness. */
  readonly isLast: boolean;
}

/** Codes in `ResultColumns.timing`, by position in this list. */
export const PANE_TIMINGS: readonly PaneTiming[] = ['early', 'on-time', 'late'];
export const EARLY = 0;
export const ON_TIME = 1;
export const LATE = 2;
