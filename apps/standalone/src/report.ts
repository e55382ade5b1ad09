import { renameSync, writeFileSync } from 'node:fs';
import type { Books } from '@weir/connector-postgres';
import type { StageReport } from './stages.ts';

/** One view as `verify` found it. */
export interface VerifiedView {
  readonly view: string;
  readonly rowsCompared: number;
  readonly equal: number;
  readonly causes: Readonly<Record<string, number>>;
  readonly refusals: number;
  /** SHA-256 over the published numbers of the loaded history. */
  readonly digest: string;
  readonly examples: readonly string[];
}

/** `report.json`: what a start did and what it cost. */
export interface Report {
  readonly ok: boolean;
  readonly load: { readonly rows: number; readonly rowsPerSecond: number };
  readonly speed: { readonly cpuSeconds: number; readonly books: Readonly<Record<string, Books>> };
  readonly reprocessor: { readonly cpuSeconds: number; readonly books: Readonly<Record<string, Books>> };
  readonly verify: readonly VerifiedView[];
  readonly unknown: number;
  readonly stages: readonly StageReport[];
  readonly totalSeconds: number;
  readonly peakMemoryBytes: number;
}

/** True when every record is accounted for. */
export function balances({ records, counted, late, filtered, deadLettered }: Books): boolean {
  return records === counted + late + filtered + deadLettered;
}

/** Writes the report whole, or leaves the one before. */
export function writeReport(path: string, report: Report): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(report, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
