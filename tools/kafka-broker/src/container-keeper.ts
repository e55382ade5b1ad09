import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { removeContainer } from './engine.ts';

/** What the names of the containers begin with. */
export const CONTAINER_PREFIX = 'weir-kafka-';

/** Sees to it that a container does not outlive the process that starts it. */
export interface Keeper {
  /** Removes the container with its volumes. */
  release(): Promise<void>;
}

/**
 * Keeps a container that is about to be made under a name. A process of its own waits until this one is gone, in whichever way that
 * happens: its input then ends, and it removes the container.
 */
export function keep(name: string): Keeper {
  // In a session of its own, as a terminal's Ctrl+C goes to all processes of this one's.
  const keeper = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'keeper.ts'), name], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  keeper.unref();
  (keeper.stdin as Socket).unref();
  return {
    release: async () => {
      await removeContainer(name);
      keeper.kill('SIGKILL');
    },
  };
}
