import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaLog } from '@weir/connector-kafka';
import type { Log } from '@weir/connector-api';
import { referencePipelines } from '@weir/pipelines';
import { referenceViews } from '@weir/views';
import { Auditor } from './auditor.ts';
import { BadOrders } from './bad-orders.ts';
import { caughtUp, endsOf } from './caught-up.ts';
import { witnessed } from './console-witness.ts';
import { expectedOutput } from './expected-output.ts';
import type { Fault, PlannedFault } from './faults.ts';
import { compared, deadLettersOf, inputOf, liveLines, samePlaces } from './findings.ts';
import type { Finding } from './findings.ts';
import { RealParts } from './real-parts.ts';
import { Supervised, working } from './supervised.ts';

const DEAD_LETTERS = 'orders.dead-letters';
const TOPICS = ['orders', DEAD_LETTERS, ...referencePipelines.map(({ name }) => `${name}.late`), ...referenceViews.map(({ name }) => `${name}.changelog`)];
/** Until a replica works again: a lease, the start of a process, and the broker's. */
const LONGEST_OUTAGE_MILLISECONDS = 180_000;
const BAD_EVERY_MILLISECONDS = 500;
const QUIET_MILLISECONDS = 6_000;
const LIVE = ['--rate', '500', '--speed', '20000'];

export interface CampaignReport {
  readonly findings: readonly Finding[];
  /** Records in the topics that no transaction committed: what the auditor must not have seen. */
  readonly abortedInTopics: number;
  /** Differences between the layers without a cause. */
  readonly unknown: number;
  /** Milliseconds from each kill of the working replica to the next that works, ascending. */
  readonly takeovers: readonly number[];
  /** How processes ended that were not killed. */
  readonly ends: readonly string[];
}

/** A Weir on a real broker with two replicas of the speed layer, to which faults are done while an ordinary client audits its topics. */
export class CrashCampaign {
  readonly #parts: RealParts;
  readonly #log: Log;
  readonly #auditor: Auditor;
  readonly #bad: BadOrders;
  readonly #generator: Supervised;
  readonly #replicas: readonly Supervised[];
  readonly #say: (line: string) => void;
  readonly #takeovers: number[] = [];

  private constructor(parts: RealParts, log: Log, auditor: Auditor, bad: BadOrders, generator: Supervised, replicas: readonly Supervised[], say: (line: string) => void) {
    this.#parts = parts;
    this.#log = log;
    this.#auditor = auditor;
    this.#bad = bad;
    this.#generator = generator;
    this.#replicas = replicas;
    this.#say = say;
  }

  static async start(say: (line: string) => void): Promise<CrashCampaign> {
    const parts = await RealParts.start();
    try {
      const log = await openKafkaLog({ brokers: [parts.broker.bootstrap] });
      const generator = new Supervised('generator', () => parts.run('generator', 'live', ...LIVE));
      await working([generator], LONGEST_OUTAGE_MILLISECONDS);
      while (!(await log.topics()).some(({ topic }) => topic === 'orders')) await sleep(100);
      const replicas = ['one', 'two'].map((name) => new Supervised(`speed ${name}`, () => parts.run('speed', '--changelog', '--checkpoint-seconds', '2')));
      await working(replicas, LONGEST_OUTAGE_MILLISECONDS);
      const auditor = await Auditor.start(parts.broker.bootstrap, TOPICS);
      return new CrashCampaign(parts, log, auditor, new BadOrders(parts.broker.bootstrap, BAD_EVERY_MILLISECONDS), generator, replicas, say);
    } catch (error) {
      await parts.stop();
      throw error;
    }
  }

  /** Does one fault after the other, each to a Weir that works. */
  async run(faults: readonly PlannedFault[]): Promise<void> {
    for (const [index, { fault, afterMilliseconds }] of faults.entries()) {
      const active = await working(this.#replicas, LONGEST_OUTAGE_MILLISECONDS);
      await sleep(afterMilliseconds);
      const since = performance.now();
      await this.#do(fault, active);
      await working(this.#replicas, LONGEST_OUTAGE_MILLISECONDS);
      const outage = performance.now() - since;
      if (fault.kind === 'kill speed') this.#takeovers.push(outage);
      this.#say(`${index + 1} of ${faults.length}: ${fault.kind}${'milliseconds' in fault ? ` for ${(fault.milliseconds / 1_000).toFixed(1)} s` : ''} after ${(afterMilliseconds / 1_000).toFixed(1)} s; a replica works ${(outage / 1_000).toFixed(1)} s later; ${this.#auditor.total.toLocaleString('en')} records audited`);
    }
  }

  async #do(fault: Fault, active: Supervised): Promise<void> {
    const { broker } = this.#parts;
    switch (fault.kind) {
      case 'kill speed':
        return active.program.kill();
      case 'kill standby':
        return this.#replicas.find((replica) => replica !== active)!.program.kill();
      case 'kill generator':
        return this.#generator.program.kill();
      case 'kill broker':
        await broker.kill();
        await sleep(fault.downMilliseconds);
        return broker.restart();
      case 'pause broker':
        await broker.pause();
        await sleep(fault.milliseconds);
        await broker.resume();
        return;
      case 'pause speed': {
        const { program } = active;
        program.signal('SIGSTOP');
        await sleep(fault.milliseconds);
        program.signal('SIGCONT');
      }
    }
  }

  /** Lets Weir come to the end of its input, stops it, and compares what is there with what must be. */
  async audit(): Promise<CampaignReport> {
    await this.#bad.stop();
    await this.#generator.stop();
    const last = await endsOf(this.#log, 'orders');
    this.#say('The input has ended; waiting until its output is there.');
    const jobs = await caughtUp(this.#parts.catalog, last, referencePipelines.length, Date.now());
    const unknown = await this.#unknown();
    for (const replica of this.#replicas) await replica.stop();
    await this.#auditor.quiet(QUIET_MILLISECONDS);
    const input = inputOf(this.#auditor.of('orders'));
    const findings = [
      liveLines(input.lines),
      { ...compared('orders: acknowledged records of another client', [...this.#bad.acknowledged].map(String), input.bad.filter((number) => this.#bad.acknowledged.has(number)).map(String)) },
      ...jobs.map(({ pipeline, books }): Finding => {
        const records = input.lines.length + input.bad.length;
        const booked = books.counted + books.late + books.filtered + books.deadLettered;
        return { what: `${pipeline}: records on its books`, expected: records, found: booked, lost: Math.max(0, records - booked), doubled: Math.max(0, booked - records), aborted: 0 };
      }),
      compared(DEAD_LETTERS, referencePipelines.flatMap(({ name }) => input.badPlaces.map((place) => `${name} ${place}`)), deadLettersOf(this.#auditor, DEAD_LETTERS)),
      ...(await this.#outputs()),
    ];
    let abortedInTopics = 0;
    for (const topic of TOPICS) {
      const { broker } = this.#parts;
      const [committed, all] = await Promise.all([witnessed(broker, topic, 'read_committed'), witnessed(broker, topic, 'read_uncommitted')]);
      findings.push(samePlaces(topic, new Set(this.#auditor.of(topic).keys()), committed));
      abortedInTopics += all.size - committed.size;
    }
    const ends = [this.#generator, ...this.#replicas].flatMap((supervised) => supervised.ends);
    return { findings, abortedInTopics, unknown, takeovers: [...this.#takeovers].sort((a, b) => a - b), ends };
  }

  async stop(): Promise<void> {
    await this.#bad.stop();
    await this.#auditor.stop();
    for (const supervised of [this.#generator, ...this.#replicas]) await supervised.stop();
    await this.#log.close();
    await this.#parts.stop();
  }

  async #outputs(): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    for (const topology of referencePipelines) {
      const reader = await this.#log.reader('orders');
      const written = await expectedOutput(topology, reader, `${this.#parts.root}/data/checkpoints`);
      await reader.close();
      const view = referenceViews.find(({ pipeline }) => pipeline === topology.name)!;
      for (const [sink, topic] of [[view.sink, `${view.name}.changelog`], ['late', `${topology.name}.late`]] as const) {
        const found = [...this.#auditor.of(topic).values()].map(({ value }) => value);
        findings.push(compared(topic, written[sink]!, found));
      }
    }
    return findings;
  }

  /** Differences between the layers that have no cause, once the batch layer has replayed everything. */
  async #unknown(): Promise<number> {
    await this.#parts.run('reprocessor').finished();
    const verified = await this.#parts.run('cli', 'verify').told<readonly { readonly causes: Readonly<Record<string, number>> }[]>('verified');
    return verified.reduce((sum, { causes }) => sum + (causes['UNKNOWN'] ?? 0), 0);
  }
}
