import type { Check } from '../check.ts';
import { projectsOf } from '../projects.ts';

/** The map in the README shows each project. */
export const rooms: Check = {
  name: 'rooms',
  rule: 'The README links every project of the workspace in its map of the rooms.',
  find(repository) {
    if (!repository.paths.includes('README.md')) return [{ path: 'README.md', what: 'is missing' }];
    const readme = repository.read('README.md');
    return projectsOf(repository)
      .filter(({ folder }) => folder !== '.' && !folder.startsWith('tools/') && !readme.includes(`](${folder})`))
      .map(({ folder }) => ({ path: 'README.md', what: `does not show ${folder}` }));
  },
};
