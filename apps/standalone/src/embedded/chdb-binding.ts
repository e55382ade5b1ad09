import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A connection to the engine: a session with settings and a database of its own. */
export type Connection = object;

export interface QueryResult {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  /** Seconds. */
  readonly elapsed: number;
}

/**
 * The native functions below chDB's own JavaScript, which escapes parameters a second time: here those of a URL go to the engine as
 * they are. Queries run on threads of their own. (There is a function that inserts bytes, too; it takes an empty line for their end.)
 */
export interface ChdbBinding {
  /** All connections of a process are on one directory; `args` are of use in the first one only. */
  CreateConnection(directory: string, args?: readonly string[]): Connection;
  /** Nothing may be running on the connection. */
  CloseConnection(connection: Connection): void;
  QueryAsyncConnection(connection: Connection, sql: string, format: string, parameters?: Readonly<Record<string, string>>): Promise<QueryResult>;
}

const NEEDED = ['CreateConnection', 'CloseConnection', 'QueryAsyncConnection'] as const;

/** Loads the engine into this process; fails where chDB has no binaries for the platform. */
export function loadChdb(): ChdbBinding {
  const require = createRequire(import.meta.url);
  const loader = require(join(dirname(require.resolve('chdb')), 'dist', 'loader.js')) as { loadNative(): ChdbBinding };
  const binding = loader.loadNative();
  const missing = NEEDED.filter((name) => typeof binding[name] !== 'function');
  if (missing.length > 0) throw new Error(`chDB's binding has no ${missing.join(', ')}; install the version that package.json names`);
  return binding;
}
