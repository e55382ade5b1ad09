import type { Sink } from '@weir/connector-api';
import { invariant } from '@weir/model';

/** Where late rows would go. A perfect watermark leaves nothing late; a row here is a defect of Weir. */
export class NothingLate implements Sink {
  readonly pending = 0;
  readonly #pipeline: string;

  constructor(pipeline: string) {
    this.#pipeline = pipeline;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  write(): void {
    invariant(false, `the replay of ${this.#pipeline} called a row late`);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
