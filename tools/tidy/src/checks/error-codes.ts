import ts from 'typescript';
import type { Check, Offence } from '../check.ts';
import { isTest, sourcesOf } from '../repository.ts';
import type { Repository } from '../repository.ts';
import { lineOf, parse } from '../syntax.ts';

/** The page on which every code is explained. */
export const ERRORS_PAGE = 'docs/errors.md';

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

/** Which argument of a call is a code: of the class itself, and of what makes refusals and problem answers. */
const CODE_ARGUMENT: ReadonlyMap<string, number> = new Map([
  ['WeirError', 0],
  ['fail', 0],
  ['Refusal', 1],
  ['problem', 1],
  ['rejectionsAt', 2],
]);

interface Use {
  readonly code: string;
  readonly path: string;
  readonly line: number;
}

/** A code that is used is explained, and a code that is explained is used. */
export const errorCodes: Check = {
  name: 'error codes',
  rule: `Every error code in the sources has its row in ${ERRORS_PAGE}, and every row has its code in the sources.`,
  find(repository) {
    if (!repository.paths.includes(ERRORS_PAGE)) return [{ path: ERRORS_PAGE, what: 'is missing' }];
    const { uses, offences } = codesInSources(repository);
    const used = new Set(uses.map((use) => use.code));
    const explained = codesOnPage(repository.read(ERRORS_PAGE));
    const unexplained = new Map(uses.filter((use) => !explained.has(use.code)).map((use) => [use.code, use]));
    return [
      ...offences,
      ...[...unexplained.values()].map(({ code, path, line }) => ({ path, line, what: `${code} is not explained in ${ERRORS_PAGE}` })),
      ...[...explained].filter(([code]) => !used.has(code)).map(([code, line]) => ({ path: ERRORS_PAGE, line, what: `${code} is used nowhere` })),
    ];
  },
};

/** The codes in the first column of the page's tables, with their lines. */
export function codesOnPage(text: string): ReadonlyMap<string, number> {
  const codes = new Map<string, number>();
  text.split('\n').forEach((row, index) => {
    const code = /^\|\s*`([A-Z0-9_]+)`\s*\|/.exec(row)?.[1];
    if (code !== undefined) codes.set(code, index + 1);
  });
  return codes;
}

/**
 * The codes of the product: what the calls in `CODE_ARGUMENT` are given, and what stands in a property `code`. A WeirError
 * whose code is no literal cannot be checked, and is an offence.
 */
export function codesInSources(repository: Repository): { readonly uses: readonly Use[]; readonly offences: readonly Offence[] } {
  const uses: Use[] = [];
  const offences: Offence[] = [];
  for (const path of sourcesOf(repository)) {
    if (isTest(path) || !/^(apps|libs)\//.test(path)) continue;
    const text = repository.read(path);
    const file = parse(path, text);
    const visit = (node: ts.Node): void => {
      if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
        const callee = node.expression.getText(file);
        const place = CODE_ARGUMENT.get(callee);
        const codes = place === undefined ? [] : literalsOf(node.arguments?.[place]);
        if (codes === undefined && callee === 'WeirError') offences.push({ path, line: lineOf(file, node), what: 'the code of a WeirError is written as a literal, so that it can be found' });
        for (const code of codes ?? []) if (CODE.test(code)) uses.push({ code, path, line: lineOf(file, node) });
      }
      if (ts.isPropertyAssignment(node) && node.name.getText(file) === 'code') {
        for (const code of literalsOf(node.initializer) ?? []) if (CODE.test(code)) uses.push({ code, path, line: lineOf(file, node) });
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return { uses, offences };
}

function literalsOf(node: ts.Expression | undefined): readonly string[] | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (!ts.isConditionalExpression(node)) return undefined;
  const branches = [literalsOf(node.whenTrue), literalsOf(node.whenFalse)];
  return branches.includes(undefined) ? undefined : branches.flatMap((branch) => branch ?? []);
}
