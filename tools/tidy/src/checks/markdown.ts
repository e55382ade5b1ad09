import { posix } from 'node:path';
import type { Check, Offence } from '../check.ts';
import { isFixture } from '../repository.ts';
import type { Repository } from '../repository.ts';

/** Every page has one title, and its links lead somewhere. */
export const markdown: Check = {
  name: 'markdown',
  rule: 'A Markdown file begins with its only H1 title, and its relative links and anchors resolve.',
  find: (repository) => pagesOf(repository).flatMap((path) => [...titleOffences(path, repository.read(path)), ...linkOffences(path, repository)]),
};

/** The Markdown files. */
export function pagesOf(repository: Repository): readonly string[] {
  return repository.paths.filter((path) => path.endsWith('.md') && !isFixture(path));
}

/** Lines outside fenced blocks; the others are empty, so that numbers stay true. */
function prose(text: string): readonly string[] {
  let fence: string | undefined;
  return text.split('\n').map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      return '';
    }
    return fence === undefined ? line : '';
  });
}

function titleOffences(path: string, text: string): readonly Offence[] {
  const lines = prose(text);
  const titles = lines.flatMap((line, index) => (/^# \S/.test(line) ? [index + 1] : []));
  if (titles.length !== 1) return [{ path, what: `has ${titles.length} H1 titles` }];
  return titles[0] === 1 ? [] : [{ path, line: titles[0] ?? 1, what: 'the title is not the first line' }];
}

function linkOffences(path: string, repository: Repository): readonly Offence[] {
  return prose(repository.read(path)).flatMap((text, index) =>
    [...text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)[^)]*\)|(?:src|srcset|href)="([^"]+)"/g)].flatMap((match) => {
      const link = match[1] ?? match[2] ?? '';
      if (/^([a-z]+:|\/\/)/i.test(link)) return [];
      const [target = '', anchor] = link.split('#');
      const file = target === '' ? path : posix.normalize(posix.join(posix.dirname(path), decodeURIComponent(target))).replace(/\/$/, '');
      const isFile = repository.paths.includes(file);
      if (!isFile && !repository.paths.some((other) => other.startsWith(`${file}/`))) return [{ path, line: index + 1, what: `leads to ${file}, which is not there` }];
      if (anchor === undefined || !isFile || !file.endsWith('.md') || anchorsOf(repository.read(file)).has(anchor)) return [];
      return [{ path, line: index + 1, what: `leads to #${anchor}, which ${file} does not have` }];
    }),
  );
}

/** The anchors of a page's headings, as the common viewers make them. */
function anchorsOf(text: string): ReadonlySet<string> {
  return new Set(
    prose(text)
      .filter((line) => /^#{1,6} /.test(line))
      .map((line) => line.replace(/^#+ /, '').toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').trim().replaceAll(' ', '-')),
  );
}
