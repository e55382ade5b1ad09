import { WeirError } from '@weir/model';

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$|^[a-z][A-Za-z0-9]*$/;
const LONGEST = 80;

/** Refuses a name that could not be a table, a metric label or a directory: kebab-case or camelCase, at most 80 characters. Throws TOPOLOGY_NAME. */
export function checkName(what: 'pipeline' | 'source' | 'sink' | 'step' | 'aggregate' | 'output' | 'lookup', name: string, pipeline: string): void {
  if (name.length <= LONGEST && NAME.test(name)) return;
  throw new WeirError('TOPOLOGY_NAME', `${JSON.stringify(name)} is no name for a ${what}.`, {
    ...(what === 'pipeline' ? {} : { pipeline }),
    remedy: `Use kebab-case or camelCase, beginning with a letter, at most ${LONGEST} characters.`,
  });
}
