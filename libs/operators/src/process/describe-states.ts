import type { UntypedFunction } from './process-runner.ts';

/** The declared states as describe() prints them, so that a checkpoint of other states is not taken for one of these. */
export function describeStates({ state, operatorState, outputs }: UntypedFunction): readonly string[] {
  const states = [...Object.entries(state), ...Object.entries(operatorState)].map(([name, { describe }]) => `${name}=${describe}`);
  return [...(states.length === 0 ? [] : [`state ${states.join(' ')}`]), ...(outputs.length === 1 ? [] : [`outputs ${outputs.slice(1).join(' ')}`])];
}
