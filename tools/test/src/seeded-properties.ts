import fc from 'fast-check';
import { inject } from 'vitest';

/** What is chosen for all tests of a file before they run: the seed of its properties. */
fc.configureGlobal({ seed: inject('seed') });
