import { layers } from '@weir/lint';
import type { Check } from '../check.ts';
import type { Repository } from '../repository.ts';

/** A file, or a part of one, that a program writes. */
export interface Generated {
  readonly path: string;
  /** The whole text that the file should have; the repository's own text is its source for the parts written by hand. */
  make(repository: Repository): string;
}

/** All that is generated and committed; a new one is added here. */
export const generated: readonly Generated[] = [
  { path: 'docs/ARCHITECTURE.md', make: (repository) => withSection(repository.read('docs/ARCHITECTURE.md'), 'dependency law', lawTable()) },
];

/** What is committed is what the generator writes. */
export function inStep(list: readonly Generated[]): Check {
  return {
    name: 'generated files',
    rule: 'A generated file is what its generator writes now; run npm run tidy -- --write.',
    find: (repository) =>
      list
        .filter(({ path, make }) => !repository.paths.includes(path) || make(repository) !== repository.read(path))
        .map(({ path }) => ({ path, what: repository.paths.includes(path) ? 'is out of step with its generator' : 'is missing' })),
  };
}

/** Puts text between the markers `<!-- generated: name -->` and `<!-- end -->`; without markers nothing changes. */
export function withSection(page: string, name: string, text: string): string {
  const begin = `<!-- generated: ${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error(`the page has no section "${name}"`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}

function lawTable(): string {
  const rows = layers.map((layer) => {
    const imports = layer.mayImport.length > 12 ? `every library${layer.mayImport.includes('tool') ? ', tools' : ''}, no app` : layer.mayImport.join(', ') || 'nothing';
    const folders = layer.folders.map((folder) => `\`${folder}\``).join(', ');
    return `| ${layer.name} | ${folders} | ${imports} | ${layer.pure === true ? 'yes' : ''} |`;
  });
  return ['| layer | folders | may import | pure |', '|---|---|---|---|', ...rows].join('\n');
}
