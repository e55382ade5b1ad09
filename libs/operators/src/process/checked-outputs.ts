import { WeirError } from '@weir/model';

/** The declared outputs and those of the operator itself. Throws PROCESS_OUTPUT when one is called like another. */
export function checkedOutputs(declared: readonly string[], own: readonly string[]): readonly string[] {
  const outputs = [...declared, ...own];
  const twice = outputs.find((name, index) => outputs.indexOf(name) !== index);
  if (twice === undefined) return Object.freeze(outputs);
  throw new WeirError('PROCESS_OUTPUT', `Two outputs are called '${twice}'.`, { remedy: `Rename yours; 'out' is the main one${own.length === 0 ? '' : `, and ${own.join(', ')} the operator's own`}.` });
}
