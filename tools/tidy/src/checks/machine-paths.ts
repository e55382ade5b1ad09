import type { Check, Offence } from '../check.ts';
import { isBinary } from '../repository.ts';

const MACHINE_PATH = /(?<![\w.$}~-])\/(work|root|home|Users)\/[A-Za-z0-9_.-]+/;
const REGISTRY = /registry\.(npmjs\.org|yarnpkg\.com)|npm\.pkg\.github|\/artifactory\//;

/** What is true of one machine only has no place in the repository. */
export const machinePaths: Check = {
  name: 'machine paths',
  rule: 'No absolute path of a machine and no host of a package registry; the lockfile names no hosts.',
  find(repository) {
    const offences: Offence[] = [];
    for (const path of repository.paths) {
      if (isBinary(path) || path.endsWith('.csv')) continue;
      repository.read(path).split('\n').forEach((text, index) => {
        const line = index + 1;
        const machine = MACHINE_PATH.exec(text)?.[0];
        if (machine !== undefined && !isRule(path)) offences.push({ path, line, what: `names ${machine}, a path of one machine` });
        if (REGISTRY.test(text) && !isRule(path)) offences.push({ path, line, what: 'names the host of a package registry' });
        if (path === 'package-lock.json' && /"resolved": "\w+:\/\//.test(text)) offences.push({ path, line, what: 'a package is bound to the host it came from; install with omit-lockfile-registry-resolved' });
      });
    }
    return offences;
  },
};

function isRule(path: string): boolean {
  return path.startsWith('tools/tidy/src/');
}
