/** Where in the user's program an error belongs. */
export interface ErrorPlace {
  readonly pipeline?: string;
  readonly step?: string;
}

export interface WeirErrorOptions extends ErrorPlace {
  /** What the reader should do about it; one sentence. */
  readonly remedy: string;
  /** True when the same call may succeed later without any change. Default false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * The one error class for mistakes and failures that a user can act on. Broken invariants use `invariant` instead.
 * The message reads `CODE pipeline/step: what happened. Remedy`.
 */
export class WeirError extends Error {
  readonly code: string;
  readonly pipeline: string | undefined;
  readonly step: string | undefined;
  readonly remedy: string;
  readonly retryable: boolean;

  constructor(code: string, what: string, options: WeirErrorOptions) {
    const place = [options.pipeline, options.step].filter((part) => part !== undefined).join('/');
    super(`${code}${place === '' ? '' : ` ${place}`}: ${what} ${options.remedy}`, { cause: options.cause });
    this.name = 'WeirError';
    this.code = code;
    this.pipeline = options.pipeline;
    this.step = options.step;
    this.remedy = options.remedy;
    this.retryable = options.retryable ?? false;
  }
}

/** Asserts what must hold unless Weir itself is broken. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant (please report): ${message}`);
}
