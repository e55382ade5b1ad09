import { setTimeout as sleep } from 'node:timers/promises';
import { removeContainer } from './engine.ts';

/** The process that `keep` starts: removes the container of a name when its input ends. */
const [name = ''] = process.argv.slice(2);
const TRIES = 10;
const AFTER_MILLISECONDS = 1_000;

process.stdin.resume().once('close', () => void removed());

/** Some times over, as the engine may still be making it. */
async function removed(): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    await removeContainer(name).catch(() => undefined);
    await sleep(AFTER_MILLISECONDS);
  }
}
