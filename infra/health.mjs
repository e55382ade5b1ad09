// The health check of Weir's containers: asks an address, or looks at the age of the file in which a program beats.
// Plain JavaScript without dependencies, because it runs every few seconds.
import { statSync } from 'node:fs';

const TIMEOUT_MILLISECONDS = 2_000;
/** A program beats once a second; one that has not for so long hangs. */
const OLDEST_MILLISECONDS = 10_000;

const [subject = ''] = process.argv.slice(2);

/** Undefined when all is well, else what is not. */
async function complaint() {
  if (/^https?:/.test(subject)) {
    const answer = await fetch(subject, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    return answer.ok ? undefined : `${subject} answers ${answer.status}`;
  }
  const age = Date.now() - statSync(subject).mtimeMs;
  return age <= OLDEST_MILLISECONDS ? undefined : `${subject} is ${Math.round(age / 1000)} s old`;
}

const found = await complaint().catch((error) => `${subject}: ${error.message}`);
if (found !== undefined) {
  console.error(found);
  process.exitCode = 1;
}
