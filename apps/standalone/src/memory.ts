import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';

/** Samples the memory of this process and all its descendants, and keeps the peak of their sum. */
export class MemoryMeter {
  #peakBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #sampling = false;

  start(everyMilliseconds: number): void {
    this.#timer = setInterval(() => void this.sample(), everyMilliseconds);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The peak since the last call, in bytes, as a sum of proportional set sizes (shared pages count once). */
  async takePeak(): Promise<number> {
    await this.sample();
    const peak = this.#peakBytes;
    this.#peakBytes = 0;
    return peak;
  }

  async sample(): Promise<void> {
    if (this.#sampling) return;
    this.#sampling = true;
    try {
      const total = process.platform === 'linux' ? await proportionalBytes(process.pid) : await residentBytes(process.pid);
      this.#peakBytes = Math.max(this.#peakBytes, total);
    } finally {
      this.#sampling = false;
    }
  }
}

async function proportionalBytes(root: number): Promise<number> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = await readOrEmpty(`/proc/${name}/stat`);
    if (stat !== '') parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  let bytes = 0;
  for (const pid of descendants(root, parents)) {
    const rollup = await readOrEmpty(`/proc/${pid}/smaps_rollup`);
    bytes += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  }
  return bytes;
}

/** Where there is no /proc: resident sizes, in which shared pages count several times. */
async function residentBytes(root: number): Promise<number> {
  const table = await new Promise<string>((resolve, reject) => {
    execFile('ps', ['-A', '-o', 'pid=,ppid=,rss='], (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
  const rows = table.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  const family = new Set(descendants(root, new Map(rows.map(([pid, parent]) => [pid, parent]))));
  return rows.reduce((sum, [pid, , kilobytes]) => sum + (family.has(pid) ? kilobytes * 1024 : 0), 0);
}

function descendants(root: number, parents: ReadonlyMap<number, number>): readonly number[] {
  const found = [root];
  for (let i = 0; i < found.length; i++) {
    for (const [pid, parent] of parents) if (parent === found[i]) found.push(pid);
  }
  return found;
}

/** A process may end between listing and reading: that is an empty answer, not an error. */
async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return '';
    throw error;
  }
}
