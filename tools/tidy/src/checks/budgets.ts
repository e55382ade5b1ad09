import ts from 'typescript';
import type { Check } from '../check.ts';
import { overBudget, ratchetOf } from '../ratchet.ts';
import type { Measured } from '../ratchet.ts';
import { sourcesOf } from '../repository.ts';
import type { Repository } from '../repository.ts';
import { parse } from '../syntax.ts';

/** Lines of a source file, inclusive. */
export const FILE_BUDGET = 400;
/** Lines of a function with its signature, inclusive. */
export const FUNCTION_BUDGET = 70;

/** A file that is longer is asking to be two. */
export const fileBudget: Check = {
  name: 'file length',
  rule: `A source file has at most ${FILE_BUDGET} lines.`,
  find: (repository) => overBudget(measureFiles(repository), FILE_BUDGET, ratchetOf(repository).files),
};

/** A function that is longer does more than one thing. */
export const functionBudget: Check = {
  name: 'function length',
  rule: `A function has at most ${FUNCTION_BUDGET} lines (the list of cases that "describe" takes is not counted as one).`,
  find: (repository) => overBudget(measureFunctions(repository), FUNCTION_BUDGET, ratchetOf(repository).functions),
};

/** The length of every source file. */
export function measureFiles(repository: Repository): readonly Measured[] {
  return sourcesOf(repository).map((path) => {
    const text = repository.read(path);
    return { subject: path, path, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0) };
  });
}

/** The length of every function; one without a name goes by the name of what it is given to. */
export function measureFunctions(repository: Repository): readonly Measured[] {
  return sourcesOf(repository).flatMap((path) => {
    const file = parse(path, repository.read(path));
    const found: Measured[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && !isDescribed(node)) {
        const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
        const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
        found.push({ subject: `${path}#${nameOf(node, file)}`, path, line: first + 1, lines: last - first + 1 });
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
    return found;
  });
}

function isDescribed(node: ts.Node): boolean {
  const call = node.parent;
  return ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText());
}

function nameOf(node: ts.SignatureDeclaration, file: ts.SourceFile): string {
  const { name, parent } = node;
  if (name !== undefined) return name.getText(file);
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return parent.name.getText(file);
  if (ts.isCallExpression(parent)) return `(${parent.expression.getText(file).slice(0, 40)})`;
  return '(anonymous)';
}
