export { caughtUp, endsOf } from './caught-up.ts';
export { Program } from './program.ts';
export type { Exit, ProgramName } from './program.ts';
export { RealParts } from './real-parts.ts';
