import { HOUR_MILLISECONDS } from '../src/revenue-hours.ts';
import type { Books, Job, Jobs, Ranking, Revenue, Row, RowLabel, Session, Verification } from '../src/serving-api.ts';

/** Start of the newest, still open hour. */
export const NEWEST_HOUR = Date.UTC(2011, 11, 12, 14);
export const FRONTIER = NEWEST_HOUR - 7 * HOUR_MILLISECONDS;
export const WATERMARK = NEWEST_HOUR + 34 * 60_000;
const LATENESS = HOUR_MILLISECONDS;

const COUNTRIES: readonly (readonly [string, number])[] = [
  ['United Kingdom', 0.82],
  ['Netherlands', 0.045],
  ['EIRE', 0.04],
  ['Germany', 0.03],
  ['France', 0.025],
  ['Australia', 0.015],
  ['Channel Islands', 0.008],
  ['Switzerland', 0.007],
  ['Spain', 0.006],
  ['European Community', 0.004],
];
const PRODUCTS = ['84077', '22197', '85099B', '85123A', '84879', '21212', '23084', '22492', '22616', '21977'];
const PIPELINES = ['revenue-by-country', 'best-sellers', 'shopping-sessions'];

function labelOf(end: number): RowLabel {
  const isOwned = end <= FRONTIER;
  const isComplete = isOwned || end + LATENESS <= WATERMARK;
  return {
    layer: isOwned ? 'batch' : 'speed',
    paneTiming: isComplete || end <= WATERMARK ? 'on-time' : 'early',
    completeness: isComplete ? 'complete' : 'provisional',
    watermark: WATERMARK,
    frontier: FRONTIER,
    run: isOwned ? 'run-0007' : null,
    codeVersion: '4f2a91c07d31',
  };
}

export function revenueRows(): readonly Row<Revenue>[] {
  const rows: Row<Revenue>[] = [];
  for (let hour = 0; hour < 50; hour++) {
    const start = NEWEST_HOUR - hour * HOUR_MILLISECONDS;
    const label = labelOf(start + HOUR_MILLISECONDS);
    const total = (hour === 0 ? 0.55 : 1) * 58_000_00 * (1 + 0.35 * Math.sin(hour / 3.1) + 0.08 * Math.sin(hour * 2.3));
    for (const [country, share] of COUNTRIES) {
      const cents = Math.round(total * share);
      rows.push({ key: country, window: { start, end: start + HOUR_MILLISECONDS }, data: { country, hour: start, cents, units: Math.round(cents / 190), orders: Math.ceil(cents / 37_500) }, label });
    }
  }
  return rows;
}

export function rankingRows(): readonly Row<Ranking>[] {
  return Array.from({ length: 30 }, (_, index) => {
    const end = NEWEST_HOUR + (24 - index) * HOUR_MILLISECONDS;
    const share = Math.min(1, (index + 1) / 24);
    const top = PRODUCTS.map((product, rank) => ({ product, units: Math.round((18_400 * share) / (1 + rank * 0.27)) }));
    return { key: 'all', window: { start: end - 24 * HOUR_MILLISECONDS, end }, data: { windowEnd: end, top }, label: labelOf(end) };
  });
}

export function sessionRows(): readonly Row<Session>[] {
  return Array.from({ length: 20 }, (_, index) => {
    const start = WATERMARK - index * 47_000 - 600_000;
    const lengthSeconds = index % 3 === 0 ? 0 : 340 * index;
    const end = start + lengthSeconds * 1000;
    const customer = String(12_346 + ((index * 739) % 5_900));
    return { key: customer, window: { start, end: end + 1_800_000 }, data: { customer, start, end, lines: 7 + ((index * 13) % 44), invoices: 1 + (index % 3), cents: 12_950 + index * 8_317, lengthSeconds }, label: labelOf(end + 1_800_000) };
  }).sort((a, b) => b.window.end - a.window.end);
}

const BOOKS: Books = { records: 684_220, counted: 661_904, late: 1_431, filtered: 20_880, deadLettered: 5 };

function job(pipeline: string, now: number): Job {
  return {
    pipeline,
    layer: 'speed',
    state: 'running',
    epoch: 3,
    codeVersion: '4f2a91c07d31',
    watermark: WATERMARK,
    partitions: [171_020, 169_411, 173_900, 169_889].map((highWatermark, partition) => ({ partition, position: highWatermark - partition * 14, highWatermark, watermark: WATERMARK + partition * 1_000, lag: partition * 14 })),
    books: pipeline === 'shopping-sessions' ? { ...BOOKS, counted: 511_904, filtered: 170_880 } : BOOKS,
    cpuSeconds: 12.4,
    updatedAt: now - 700,
  };
}

const VERIFICATION: Omit<Verification, 'verifiedAt'> = {
  rowsCompared: 36_410,
  equal: 35_871,
  causes: { LATE_DROPPED: 502, SESSION_SPLIT: 37, UNKNOWN: 0 },
  perView: {
    'revenue-by-country': { rowsCompared: 9_842, equal: 9_611, causes: { LATE_DROPPED: 231 } },
    'best-sellers': { rowsCompared: 5_214, equal: 5_108, causes: { LATE_DROPPED: 106 } },
    'shopping-sessions': { rowsCompared: 21_354, equal: 21_152, causes: { LATE_DROPPED: 165, SESSION_SPLIT: 37 } },
  },
};

export function jobsAnswer(now: number): Jobs {
  return {
    jobs: PIPELINES.map((pipeline) => job(pipeline, now)),
    runs: PIPELINES.map((pipeline, index) => ({
      runId: `run-000${7 - index}`,
      pipeline,
      codeVersion: '4f2a91c07d31',
      from: [0, 0, 0, 0],
      to: [141_120, 131_877, 137_402, 131_510],
      frontier: FRONTIER,
      state: 'published',
      books: { ...BOOKS, records: 541_909, late: 0 },
      startedAt: now - 412_000 + index * 2_000,
      finishedAt: now - 410_600 + index * 2_000,
    })),
    verification: { verifiedAt: now - 398_000, ...VERIFICATION },
    ownership: PIPELINES.map((view) => ({ view, runId: 'run-0007', frontier: FRONTIER, version: 1 })),
  };
}
