import { writeFileSync } from 'node:fs';
import { WeirError } from '@weir/model';
import { optional, text } from './fields.ts';

const BEAT_MILLISECONDS = 1_000;

/** Where a program without a port says that it lives: a setting of each of them. */
export const healthFile = optional(text({ placeholder: 'FILE', about: 'file that is written once a second while the program is responsive, for a health check of its age' }));

/**
 * Writes the file once a second from now on, for as long as the process answers; does not keep it alive. Answers what ends it. Without a
 * file nothing is done. Throws SETTING_INVALID when the file cannot be written.
 */
export function beat(file: string | undefined, warn: (message: string) => void): () => void {
  if (file === undefined) return () => undefined;
  const write = (): void => writeFileSync(file, `${process.pid}\n`);
  try {
    write();
  } catch (cause) {
    throw new WeirError('SETTING_INVALID', `The setting 'healthFile' names ${file}, which cannot be written.`, { remedy: 'Name a file in a folder that this user may write to.', cause });
  }
  const timer = setInterval(() => {
    try {
      write();
    } catch (error) {
      // The check fails by itself when the file grows old.
      warn(`The file ${file} of the health check was not written: ${String(error)}`);
    }
  }, BEAT_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}
