import { useState, useSyncExternalStore } from 'react';
import { LiveRows } from './live-rows.ts';
import type { LiveSnapshot } from './live-rows.ts';

/** The newest rows of a view, drawn again as they change. */
export function useLiveRows<Data>(view: string, limit: number): LiveSnapshot<Data> {
  const [live] = useState(() => new LiveRows<Data>({ view, limit }));
  return useSyncExternalStore(live.subscribe, live.snapshot);
}
