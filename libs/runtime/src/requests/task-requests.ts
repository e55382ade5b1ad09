import type { RequestAnswer } from '@weir/model';
import { invariant } from '@weir/model';
import { enrichFailed } from '@weir/operators';
import type { AskingStep } from '../flow.ts';
import type { Task } from '../task.ts';
import { checkLookups } from './lookup.ts';
import type { Lookups } from './lookup.ts';
import { Requester } from './requester.ts';
import { realWaits } from './waits.ts';
import type { Waits } from './waits.ts';

interface Asking extends AskingStep {
  readonly requester: Requester;
}

/** Asks for all steps of a task that ask the outside world. What comes of it is given back to be made steps of. */
export class TaskRequests {
  readonly #pipeline: string;
  readonly #asking: readonly Asking[];

  /** Throws LOOKUP_UNBOUND. */
  constructor(task: Task, lookups: Lookups = {}, waits: Waits = realWaits) {
    const { topology } = task;
    this.#pipeline = topology.name;
    checkLookups(topology, lookups);
    this.#asking = task.asking().map((step) => ({
      ...step,
      requester: new Requester(step.policy, lookups[step.policy.lookup]!, waits, `${topology.name}/${step.step}`),
    }));
  }

  /** True when a step has so many rows that wait that the task should be given no more. */
  get isFull(): boolean {
    for (const { requests } of this.#asking) if (requests.isFull()) return true;
    return false;
  }

  /** Rows that wait for answers. */
  get waiting(): number {
    return this.#asking.reduce((sum, { requests }) => sum + requests.waiting, 0);
  }

  get isUnderWay(): boolean {
    for (const { requester } of this.#asking) if (requester.underWay > 0) return true;
    return false;
  }

  /** Asks as much as may be under way. */
  ask(): void {
    for (const { requests, requester } of this.#asking) {
      const { free } = requester;
      if (free <= 0) continue;
      for (const request of requests.take(free)) requester.ask(request);
    }
  }

  /** Hands over what has come in, by step. Throws ENRICH_FAILED when a step is to fail with its requests. */
  settle(give: (step: string, answers: readonly RequestAnswer[]) => void): void {
    for (const { step, policy, requester } of this.#asking) {
      const answers = requester.settled();
      if (answers.length === 0) continue;
      this.#failIfToldTo(step, policy.failsJob, answers);
      give(step, answers);
    }
  }

  /** Asks all that is to be asked, waits for all of it, and hands it over in the order of asking: the outcome does not depend on what came first. */
  async settleAll(give: (step: string, answers: readonly RequestAnswer[]) => void): Promise<void> {
    // In topological order: what one step lets go is asked by the next.
    for (const { step, policy, requests, requester } of this.#asking) {
      const answers: RequestAnswer[] = [];
      for (;;) {
        for (const request of requests.take(requester.free)) requester.ask(request);
        if (requester.underWay === 0) break;
        await requester.arrival();
        answers.push(...requester.settled());
      }
      invariant(requester.settled().length === 0, 'nothing comes in when nothing is under way');
      if (answers.length === 0) continue;
      this.#failIfToldTo(step, policy.failsJob, answers);
      give(step, answers.sort((a, b) => a.id - b.id));
    }
  }

  close(): void {
    for (const { requester } of this.#asking) requester.close();
  }

  #failIfToldTo(step: string, failsJob: boolean, answers: readonly RequestAnswer[]): void {
    const failed = failsJob ? answers.find((answer) => answer.failed) : undefined;
    if (failed !== undefined) throw enrichFailed(this.#pipeline, step, JSON.parse(failed.json));
  }
}
