import { spawnSync } from 'node:child_process';

/** The least major version of Node that runs the sources as they are (types stripped). */
export const PROJECT_NODE_MAJOR = 24;

/** The major version of a Node binary, or undefined when it does not run. */
export function majorOf(node) {
  const answer = spawnSync(node, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  const match = /^v(\d+)\./.exec(answer.stdout ?? '');
  return match === null ? undefined : Number(match[1]);
}
