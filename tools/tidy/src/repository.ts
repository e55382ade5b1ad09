import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a repository as text, by their path from its root with `/`. */
export interface Repository {
  /** Absolute; empty for one that exists in memory only. */
  readonly root: string;
  /** Sorted; neither ignored nor deleted files. */
  readonly paths: readonly string[];
  /** The text of a file; throws for a path that is not in `paths`. */
  read(path: string): string;
}

const BINARY = /\.(png|jpe?g|ico|gz|zip|parquet|woff2?|xlsx|zst|br)$/;

/** True for a file whose text has no meaning. */
export function isBinary(path: string): boolean {
  return BINARY.test(path);
}

/** The files that git tracks or would track. */
export function repositoryAt(root: string): Repository {
  const git = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (git.status !== 0) throw new Error(`git does not list the files of ${root}: ${git.error?.message ?? git.stderr}`);
  const paths = [...new Set(git.stdout.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path))).sort();
  const texts = new Map<string, string>();
  return {
    root,
    paths,
    read(path) {
      const text = texts.get(path) ?? readFileSync(join(root, path), 'utf8');
      texts.set(path, text);
      return text;
    },
  };
}

/** A repository made of texts, for the tests of the checks. */
export function repositoryOf(files: Readonly<Record<string, string>>): Repository {
  return {
    root: '',
    paths: Object.keys(files).sort(),
    read(path) {
      const text = files[path];
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return text;
    },
  };
}

/** The sources that people write: TypeScript and JavaScript, without fixtures of the tools. */
export function sourcesOf(repository: Repository): readonly string[] {
  return repository.paths.filter((path) => /\.(ts|tsx|js|mjs)$/.test(path) && !isFixture(path));
}

/** True for a file that breaks rules on purpose. */
export function isFixture(path: string): boolean {
  return /^tools\/[^/]+\/fixtures\//.test(path);
}

/** True for a file that holds tests, or what tests are made of. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$|\/fixtures\//.test(path);
}
