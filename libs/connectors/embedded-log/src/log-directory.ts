import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '@weir/model';
import { checkDataFile } from './data-file.ts';
import { damagedLog, translated } from './lmdb-error.ts';

/** The layout of an embedded log; grows when it changes. */
const FORMAT_VERSION = 1;
const FORMAT = 'weir-embedded-log';
const MARKER = 'embedded-log.json';
const DATA = 'data.mdb';

interface Marker {
  readonly format: string;
  readonly version: number;
  /** False until the database has been made: without it a missing database is a loss. */
  readonly initialized: boolean;
}

/**
 * Makes the directory of a log, or checks that it is one that can be opened. Throws LOG_DIRECTORY_FOREIGN, LOG_DIRECTORY_UNUSABLE,
 * LOG_DAMAGED, LOG_VERSION_NEWER or LOG_DISK_FULL; changes nothing that is there. Answers whether a log is there already.
 */
export function prepareLogDirectory(directory: string): boolean {
  const marker = translated(directory, () => {
    refuseFile(directory);
    mkdirSync(directory, { recursive: true });
    return readMarker(directory) ?? createMarker(directory);
  });
  if (marker.version > FORMAT_VERSION) {
    throw new WeirError('LOG_VERSION_NEWER', `The log in ${directory} has format ${marker.version}; this code knows ${FORMAT_VERSION}.`, {
      remedy: 'Run the newer Weir, or name another directory.',
    });
  }
  const data = join(directory, DATA);
  if (existsSync(data)) translated(directory, () => checkDataFile(data));
  else if (marker.initialized) throw damagedLog(directory, `has lost its file ${DATA}`);
  return marker.initialized;
}

/** From now on the database must be there. */
export function markInitialized(directory: string): void {
  if (readMarker(directory)?.initialized !== true) writeMarker(directory, { format: FORMAT, version: FORMAT_VERSION, initialized: true });
}

function createMarker(directory: string): Marker {
  const others = readdirSync(directory).filter((name) => !name.startsWith(MARKER));
  // Another process may have made the log since the marker was looked for.
  const appeared = readMarker(directory);
  if (appeared !== undefined) return appeared;
  if (others.length > 0) throw foreign(directory, `holds files that are no embedded log: ${others.slice(0, 3).join(', ')}`);
  const marker = { format: FORMAT, version: FORMAT_VERSION, initialized: false };
  writeMarker(directory, marker);
  return marker;
}

function readMarker(directory: string): Marker | undefined {
  const path = join(directory, MARKER);
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  let content: Partial<Record<keyof Marker, unknown>> | null;
  try {
    content = JSON.parse(text) as Partial<Record<keyof Marker, unknown>> | null;
  } catch (cause) {
    throw damagedLog(directory, `has a marker, ${MARKER}, that is not JSON`, cause);
  }
  const { format, version, initialized } = content ?? {};
  if (format !== FORMAT) throw foreign(directory, `has a marker, ${MARKER}, of something else`);
  if (!Number.isInteger(version)) throw damagedLog(directory, `has a marker, ${MARKER}, without a version`);
  return { format: FORMAT, version: version as number, initialized: initialized !== false };
}

/** Several processes may write it at once; each renames a whole file. */
function writeMarker(directory: string, marker: Marker): void {
  const path = join(directory, MARKER);
  const temporary = `${path}.${process.pid}`;
  const file = openSync(temporary, 'w');
  try {
    writeSync(file, JSON.stringify(marker));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncDirectory(directory);
}

function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return; // where a directory cannot be opened
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function refuseFile(directory: string): void {
  if (!existsSync(directory)) return;
  try {
    readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && /ENOTDIR/.test(error.message)) throw foreign(directory, 'is a file');
    throw error;
  }
}

function foreign(directory: string, what: string): WeirError {
  return new WeirError('LOG_DIRECTORY_FOREIGN', `The directory ${directory} ${what}.`, { remedy: 'Name another directory, or an empty one.' });
}
