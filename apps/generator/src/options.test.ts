import { describe, expect, it } from 'vitest';
import { DEFAULT_SEED } from './load.ts';
import { parseOptions } from './options.ts';

describe('the command line of the generator', () => {
  it('has defaults', () => {
    expect(parseOptions(['load', '--log', 'd'])).toEqual({ command: 'load', log: 'd', rate: 500, speed: 60, seed: DEFAULT_SEED, supervised: false });
    expect(parseOptions(['live', '--log', 'd', '--rate', '9', '--speed', '1', '--seed', '0', '--supervised'])).toEqual({ command: 'live', log: 'd', rate: 9, speed: 1, seed: 0, supervised: true });
    expect(parseOptions(['--help'])).toBeNull();
  });

  it.each([[[]], [['sell', '--log', 'd']], [['load']], [['load', 'twice', '--log', 'd']], [['live', '--log', 'd', '--rate', '0']], [['live', '--log', 'd', '--rate', '1.5']], [['live', '--log', 'd', '--speed', 'fast']], [['live', '--log', 'd', '--seed', '-1']], [['load', '--log', 'd', '--nonsense']]])('refuses %j', (argv) => {
    expect(() => parseOptions(argv)).toThrow(/GENERATOR_OPTION/);
  });
});
