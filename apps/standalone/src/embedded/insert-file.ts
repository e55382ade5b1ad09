import { closeSync, constants, createWriteStream, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { engineError } from './engine-error.ts';

/** The largest body of an insert. It lies in a file, not in memory. */
const MAX_BYTES = 512 * 1024 * 1024;

/** The largest body that is written at once, and whose file is used again: to make and remove a file costs more than to fill it. */
const SMALL_BYTES = 256 * 1024;

/** `INSERT INTO table (columns)`, then settings and format. No text can stand in it, so that no word in a text is taken for a keyword. */
const INSERT = /^(\s*INSERT\s+INTO\s+(?:TABLE\s+)?[\w.`"]+\s*(?:\((?:[^()']|\([^()']*\))*\)\s*)?)((?:SETTINGS\s+[^()]*?\s)?FORMAT\s+(?!VALUES\b)[A-Za-z]\w*)[ \t]*\r?\n?/i;

/** A statement that inserts what follows it. */
export interface InsertStatement {
  /** The part before the source, and the part from its settings or format on. */
  readonly target: string;
  readonly format: string;
  /** How long the statement is, with the end of its line. */
  readonly length: number;
}

/** Reads an insert of data at the start of a text; undefined when it is something else. */
export function insertStatement(text: string): InsertStatement | undefined {
  const match = INSERT.exec(text);
  return match === null ? undefined : { target: match[1]!, format: match[2]!, length: match[0].length };
}

/** Files that hold the bodies of inserts until they are in their tables: the way on which the engine takes any bytes as they are. */
export class InsertFiles {
  readonly #directory: string;
  readonly #maxBytes: number;
  #count = 0;
  /** Files of small bodies that are free; others are removed. */
  readonly #free: string[] = [];
  readonly #small = new Set<string>();

  /** The directory is emptied: what a killed engine left there was never answered for. */
  constructor(directory: string, { maxBytes = MAX_BYTES }: { readonly maxBytes?: number } = {}) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
  }

  /** Writes a body to a file of its own; answers its path, which `remove` takes back. */
  async keep(body: Readable | Buffer): Promise<string> {
    const chunks: Chunks = Buffer.isBuffer(body) ? [body].values() : (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    let path: string | undefined;
    try {
      const head = await headOf(chunks);
      if (lengthOf(head) <= SMALL_BYTES) {
        path = this.#free.pop() ?? this.#next();
        this.#small.add(path);
        overwrite(path, head);
        return path;
      }
      path = this.#next();
      await pipeline(limited(head, chunks, this.#maxBytes), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
      return path;
    } catch (error) {
      if (path !== undefined) this.remove(path);
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') throw engineError(243, 'NOT_ENOUGH_SPACE', 'No space is left on the disk');
      throw error;
    } finally {
      // What is not wanted any more is not held.
      await chunks.return?.();
    }
  }

  remove(path: string): void {
    if (this.#small.has(path)) this.#free.push(path);
    else rmSync(path, { force: true });
  }

  #next(): string {
    return join(this.#directory, `${++this.#count}.data`);
  }
}

type Chunks = Iterator<Buffer> | AsyncIterator<Buffer>;

/** The first chunks of a body: all of them, unless it is larger than a small one. */
async function headOf(chunks: Chunks): Promise<readonly Buffer[]> {
  const head: Buffer[] = [];
  for (let length = 0; length <= SMALL_BYTES; ) {
    const next = await chunks.next();
    if (next.done === true) break;
    head.push(next.value);
    length += next.value.length;
  }
  return head;
}

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** Not by emptying the file first: some file systems write such a one to the disk when it is closed. */
function overwrite(path: string, chunks: readonly Buffer[]): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    const body = Buffer.concat(chunks);
    for (let written = 0; written < body.length; ) written += writeSync(file, body, written, body.length - written, written);
    ftruncateSync(file, body.length);
  } finally {
    closeSync(file);
  }
}

/** The statement that inserts a file. */
export function insertOfFile({ target, format }: InsertStatement, path: string): string {
  return `${target.trimEnd()} FROM INFILE '${path.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}' COMPRESSION 'none' ${format}`;
}

async function* limited(head: readonly Buffer[], rest: Chunks, maxBytes: number): AsyncGenerator<Buffer> {
  let length = lengthOf(head);
  yield* head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    length += next.value.length;
    if (length > maxBytes) throw engineError(307, 'TOO_MANY_BYTES', `The insert is longer than ${maxBytes} bytes`);
    yield next.value;
  }
}
