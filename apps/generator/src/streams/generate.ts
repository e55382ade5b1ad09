import { WeirError } from '@weir/model';
import { openLog, readSettings } from '@weir/settings';
import { openRecordWriter } from '../open-record-writer.ts';
import { DISORDERS } from './arrivals.ts';
import { STREAMS } from './registry.ts';
import { streamSettings } from './stream-settings.ts';
import { writeFile, writeLog } from './write-stream.ts';

/** Runs `stream` with the arguments behind it; `say` takes what it prints. Throws GENERATOR_COMMAND, GENERATOR_LOG_NOT_EMPTY, and what settings throw. */
export async function generate([name = '', ...argv]: readonly string[], say: (line: string) => void): Promise<void> {
  const isStream = Object.hasOwn(STREAMS, name);
  if (!isStream && name !== '--help') throw new WeirError('GENERATOR_COMMAND', `There is no stream '${name}'.`, { remedy: `Name one of ${Object.keys(STREAMS).join(', ')}.` });
  const settings = readSettings(streamSettings, { argv: isStream ? argv : [name, ...argv], say });
  if (settings === undefined) return;
  const { seed, events, disorder, out } = settings;
  const stream = STREAMS[name]!({ seed, events }, DISORDERS[disorder]);
  const what = (records: number): string => `${records} records of ${name}, seed ${seed}, disorder ${disorder}`;
  if (out !== undefined) {
    say(`${what(writeFile(stream, out))}, in ${out}`);
    return;
  }
  const log = await openLog(settings, 'weir-generator', (message) => console.error(message));
  try {
    say(`${what(await writeLog(stream, log, await openRecordWriter(settings, log)))}, in topics ${Object.keys(stream.topics).join(', ')}`);
  } finally {
    await log.close();
  }
}
