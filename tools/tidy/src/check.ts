import type { Repository } from './repository.ts';

/** One place that breaks a rule, and what would mend it. */
export interface Offence {
  readonly path: string;
  /** 1-based; absent where the whole file is meant. */
  readonly line?: number;
  readonly what: string;
}

/** One rule of the repository: reads it, changes nothing. */
export interface Check {
  readonly name: string;
  /** The rule in one sentence, shown when it is broken. */
  readonly rule: string;
  find(repository: Repository): readonly Offence[] | Promise<readonly Offence[]>;
}
