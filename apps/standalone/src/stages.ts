import type { MemoryMeter } from './memory.ts';

/** What one stage of a start cost. */
export interface StageReport {
  readonly stage: string;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
}

/** Shows each stage as it happens: one line that is rewritten on a terminal, plain lines elsewhere. */
export class Stages {
  readonly reports: StageReport[] = [];
  readonly #meter: MemoryMeter;
  readonly #out: NodeJS.WriteStream;
  readonly #now: () => number;
  #live = '';
  #lastPlain = 0;

  constructor(meter: MemoryMeter, out: NodeJS.WriteStream, now: () => number) {
    this.#meter = meter;
    this.#out = out;
    this.#now = now;
  }

  /** Runs one stage; `work` may report progress, and answers the words for the finished line. */
  async run(stage: string, work: (progress: (text: string) => void) => Promise<string>): Promise<void> {
    const started = this.#now();
    await this.#meter.takePeak();
    this.#show(`  … ${stage}`);
    let summary: string;
    try {
      summary = await work((text) => this.#show(`  … ${stage}: ${text}`));
    } catch (error) {
      this.#finish(`  ✗ ${stage}`);
      throw error;
    }
    const seconds = (this.#now() - started) / 1000;
    this.reports.push({ stage, seconds: Math.round(seconds * 1000) / 1000, peakMemoryBytes: await this.#meter.takePeak() });
    this.#finish(`  ✓ ${stage}${summary === '' ? '' : `: ${summary}`} (${seconds.toFixed(1)} s)`);
  }

  line(text: string): void {
    this.#finish(text);
  }

  #show(text: string): void {
    if (this.#out.isTTY) {
      this.#live = text.slice(0, Math.max(20, this.#out.columns - 1));
      this.#out.write(`\r\x1b[2K${this.#live}`);
      return;
    }
    // Into a file or a pipe: a progress line every two seconds is enough.
    if (this.#now() - this.#lastPlain < 2_000) return;
    this.#lastPlain = this.#now();
    this.#out.write(`${text}\n`);
  }

  #finish(text: string): void {
    this.#out.write(this.#live === '' ? `${text}\n` : `\r\x1b[2K${text}\n`);
    this.#live = '';
  }
}

/** A bar for a share in [0, 1]. */
export function bar(share: number): string {
  const width = 24;
  const full = Math.max(0, Math.min(width, Math.round(share * width)));
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${(share * 100).toFixed(0).padStart(3)} %`;
}
