import { isFixture } from './repository.ts';
import type { Repository } from './repository.ts';

/** The parts of a project's package.json that rules speak about. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly nx?: { readonly tags?: readonly string[] };
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A workspace project: its folder from the root (`.` for the root itself) and its manifest. */
export interface Project {
  readonly folder: string;
  readonly path: string;
  readonly manifest: Manifest;
}

/** All projects, the root first. */
export function projectsOf(repository: Repository): readonly Project[] {
  return repository.paths
    .filter((path) => /(^|\/)package\.json$/.test(path) && !isFixture(path))
    .map((path) => ({
      folder: path === 'package.json' ? '.' : path.slice(0, -'/package.json'.length),
      path,
      manifest: JSON.parse(repository.read(path)) as Manifest,
    }))
    .sort((a, b) => (a.folder === '.' ? -1 : b.folder === '.' ? 1 : a.folder.localeCompare(b.folder)));
}
