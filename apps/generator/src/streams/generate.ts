import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { GENERATE_HELP, parseGenerateOptions } from './generate-options.ts';
import { STREAMS } from './registry.ts';
import { writeFile, writeLog } from './write-stream.ts';

/** Runs `generate` with the arguments behind it; `say` takes what it prints. Throws GENERATOR_OPTION and GENERATOR_LOG_NOT_EMPTY. */
export async function generate(argv: readonly string[], say: (line: string) => void): Promise<void> {
  const options = parseGenerateOptions(argv);
  if (options === null) {
    say(GENERATE_HELP);
    return;
  }
  const { stream: name, seed, events, disorder, target } = options;
  const stream = STREAMS[name]!({ seed, events }, disorder);
  if ('file' in target) {
    say(`${writeFile(stream, target.file)} records of ${name}, seed ${seed}, disorder ${disorder.name}, in ${target.file}`);
    return;
  }
  const log = await openEmbeddedLog(target.log);
  try {
    say(`${await writeLog(stream, log)} records of ${name}, seed ${seed}, disorder ${disorder.name}, in topics ${Object.keys(stream.topics).join(', ')}`);
  } finally {
    await log.close();
  }
}
