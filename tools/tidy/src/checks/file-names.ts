import type { Check } from '../check.ts';
import { sourcesOf } from '../repository.ts';

const BANNED = ['utils', 'util', 'helpers', 'helper', 'common', 'manager', 'misc', 'shared', 'stuff', 'lib'];
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;

/** Files are named by the concept they hold. */
export const fileNames: Check = {
  name: 'file names',
  rule: 'A file and its folders are named by a concept, in kebab-case: no utils, helpers, common, manager, misc.',
  find(repository) {
    return sourcesOf(repository).flatMap((path) => {
      const parts = path.split('/');
      const stem = (parts.at(-1) ?? '').replace(/\.(ts|tsx|js|mjs)$/, '');
      const words = [...parts.slice(0, -1), ...stem.split('.')];
      const banned = words.filter((word) => BANNED.includes(word) || word.endsWith('-utils') || word.endsWith('-helpers') || word.endsWith('-manager'));
      return [
        ...banned.map((word) => ({ path, what: `"${word}" says nothing; name the concept` })),
        ...(KEBAB.test(stem) ? [] : [{ path, what: 'is not in kebab-case' }]),
      ];
    });
  },
};
