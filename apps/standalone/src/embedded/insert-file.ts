import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { engineError } from './engine-error.ts';

/** The largest body of an insert. It lies in a file, not in memory. */
const MAX_BYTES = 512 * 1024 * 1024;

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
  #count = 0;

  /** The directory is emptied: what a killed engine left there was never answered for. */
  constructor(directory: string) {
    this.#directory = directory;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
  }

  /** Writes a body to a file of its own; answers its path, which `remove` takes back. */
  async keep(body: Readable | Buffer): Promise<string> {
    const path = join(this.#directory, `${++this.#count}.data`);
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    try {
      await (Buffer.isBuffer(body) ? ended(file, body) : pipeline(body, limited, file));
      return path;
    } catch (error) {
      this.remove(path);
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') throw engineError(243, 'NOT_ENOUGH_SPACE', 'No space is left on the disk');
      throw error;
    }
  }

  remove(path: string): void {
    rmSync(path, { force: true });
  }
}

/** The statement that inserts a file. */
export function insertOfFile({ target, format }: InsertStatement, path: string): string {
  return `${target.trimEnd()} FROM INFILE '${path.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}' COMPRESSION 'none' ${format}`;
}

async function ended(file: WriteStream, body: Buffer): Promise<void> {
  file.end(body);
  await finished(file);
}

async function* limited(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BYTES) throw engineError(307, 'TOO_MANY_BYTES', `The insert is longer than ${MAX_BYTES} bytes`);
    yield chunk;
  }
}
