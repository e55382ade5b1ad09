import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaLog } from '@weir/connector-kafka';
import type { Log } from '@weir/connector-api';
import { referencePipelines } from '@weir/pipelines';
import { Auditor } from './auditor.ts';
import { AUDITED, auditOf } from './campaign-audit.ts';
import type { CampaignReport } from './campaign-audit.ts';
import { caughtUp, endsOf } from './caught-up.ts';
import { wordsOf } from './faults.ts';
import type { Fault, PlannedFault } from './faults.ts';
import { endAbandoned } from './operator.ts';
import { OtherClient, PARTITIONS } from './other-client.ts';
import type { Program } from './program.ts';
import { RealParts } from './real-parts.ts';
import { Supervised, working } from './supervised.ts';

/** Until a replica works again: a lease, the start of a process, and the broker's. */
const LONGEST_OUTAGE_MILLISECONDS = 180_000;
/** Seldom enough that its records stay far below the share that the dead letters of a job may be. */
const OTHER_EVERY_MILLISECONDS = 800;
const QUIET_MILLISECONDS = 6_000;
/** A transaction that its client has left holds committed readers for five seconds, and one more until the broker looks. */
const LONGEST_SILENCE_MILLISECONDS = 7_000;
const LIVE = ['--rate', '500', '--speed', '20000'];
/** Slow enough to be met in the middle. */
const REPLAY = ['--records-per-second', '20000'];
/** The broker looks for transactions that are over their time once a second, not every ten. */
const PROPERTIES = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000' };

export interface CampaignOptions {
  readonly say: (line: string) => void;
  /** What the auditor asks its client for; `all` shows that it would see aborted records. */
  readonly auditorIsShown?: 'committed' | 'all';
  /** Whether the controller of a broker that was killed runs alone first: otherwise Kafka may lose ends of transactions (KAFKA-20734). Default no. */
  readonly controllerFirst?: boolean;
}

/** A Weir on a real broker with two replicas of the speed layer, to which faults are done while an ordinary client audits its topics. */
export class CrashCampaign {
  readonly #parts: RealParts;
  readonly #log: Log;
  readonly #auditor: Auditor;
  readonly #control: Auditor;
  readonly #other: OtherClient;
  readonly #generator: Supervised;
  readonly #replicas: readonly Supervised[];
  readonly #say: (line: string) => void;
  readonly #controllerFirst: boolean;
  /** Milliseconds from each kill of the working replica until another works, and until its output has come to what there was. */
  readonly #takeovers: number[] = [];
  readonly #recoveries: number[] = [];
  readonly #failedReplays: string[] = [];

  private constructor(parts: RealParts, log: Log, auditors: readonly [Auditor, Auditor], generator: Supervised, replicas: readonly Supervised[], { say, controllerFirst = false }: CampaignOptions) {
    this.#parts = parts;
    this.#log = log;
    [this.#auditor, this.#control] = auditors;
    this.#other = new OtherClient(parts.broker.bootstrap, OTHER_EVERY_MILLISECONDS);
    this.#generator = generator;
    this.#replicas = replicas;
    this.#say = say;
    this.#controllerFirst = controllerFirst;
  }

  static async start(options: CampaignOptions): Promise<CrashCampaign> {
    const { auditorIsShown = 'committed' } = options;
    const parts = await RealParts.start({ properties: PROPERTIES });
    try {
      const log = await openKafkaLog({ brokers: [parts.broker.bootstrap] });
      const generator = new Supervised('generator', () => parts.run('generator', 'live', ...LIVE));
      await working([generator], LONGEST_OUTAGE_MILLISECONDS);
      while (!(await log.topics()).some(({ topic }) => topic === 'orders')) await sleep(100);
      const replicas = ['one', 'two'].map((name) => new Supervised(`speed ${name}`, () => parts.run('speed', '--changelog', '--checkpoint-seconds', '2')));
      await working(replicas, LONGEST_OUTAGE_MILLISECONDS);
      const auditors = await Promise.all([Auditor.start(parts.broker.bootstrap, 'auditor', AUDITED, auditorIsShown), Auditor.start(parts.broker.bootstrap, 'control', AUDITED, 'all')]);
      return new CrashCampaign(parts, log, auditors, generator, replicas, options);
    } catch (error) {
      await parts.stop();
      throw error;
    }
  }

  /** Does one fault after the other, each to a Weir that has come to the end of its input, or that has not, as is planned. Throws TRIAL_BEHIND. */
  async run(faults: readonly PlannedFault[]): Promise<void> {
    for (const [index, planned] of faults.entries()) {
      await sleep(planned.afterMilliseconds);
      const began = performance.now();
      const since = Date.now();
      await this.#do(planned.fault);
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      const done = `${index + 1} of ${faults.length}: ${wordsOf(planned)}`;
      if (faults[index + 1]?.isHasty === true) {
        this.#say(`${done}; it is not waited for`);
        continue;
      }
      await working(this.#replicas, LONGEST_OUTAGE_MILLISECONDS);
      const takeover = performance.now() - began;
      await this.#caughtUp(since);
      const recovery = performance.now() - began;
      if (this.#auditor.silence > LONGEST_SILENCE_MILLISECONDS) await this.#endAbandoned();
      if (planned.fault.kind === 'kill speed' && !planned.isHasty) {
        this.#takeovers.push(takeover);
        this.#recoveries.push(recovery);
      }
      const silence = this.#auditor.takeLongestSilence() / 1_000;
      this.#say(`${done}; done in ${seconds} s, a replica works ${(takeover / 1_000).toFixed(1)} s after its begin and has caught up ${(recovery / 1_000).toFixed(1)} s after; ${this.#auditor.total.toLocaleString('en')} records audited, nothing new for ${silence.toFixed(1)} s at most`);
    }
  }

  /** Lets Weir come to the end of its input, stops it, and compares what is there with what must be. */
  async audit(witnessed: readonly string[] = AUDITED): Promise<CampaignReport> {
    await this.#other.stop();
    await this.#generator.stop();
    if (!this.#controllerFirst) await this.#endAbandoned();
    this.#say('The input has ended; waiting until its output is there.');
    const jobs = await this.#caughtUp(Date.now());
    await this.#parts.run('reprocessor').finished();
    const verified = await this.#parts.run('cli', 'verify').told<readonly { readonly causes: Readonly<Record<string, number>> }[]>('verified');
    for (const replica of this.#replicas) await replica.stop();
    await Promise.all([this.#auditor.quiet(QUIET_MILLISECONDS), this.#control.quiet(QUIET_MILLISECONDS)]);
    const report = await auditOf({ parts: this.#parts, log: this.#log, auditor: this.#auditor, control: this.#control, other: this.#other, jobs, witnessed });
    const ascending = (milliseconds: readonly number[]): readonly number[] => [...milliseconds].sort((a, b) => a - b);
    return {
      ...report,
      unknown: verified.reduce((sum, { causes }) => sum + (causes['UNKNOWN'] ?? 0), 0),
      takeovers: ascending(this.#takeovers),
      recoveries: ascending(this.#recoveries),
      ends: [...[this.#generator, ...this.#replicas].flatMap(({ ends }) => ends), ...this.#failedReplays],
    };
  }

  async stop(): Promise<void> {
    await this.#other.stop();
    await Promise.all([this.#auditor.stop(), this.#control.stop()]);
    for (const supervised of [this.#generator, ...this.#replicas]) await supervised.stop();
    await this.#log.close();
    await this.#parts.stop();
  }

  async #do(fault: Fault): Promise<void> {
    const { broker } = this.#parts;
    switch (fault.kind) {
      case 'kill speed':
        return this.#active.program.kill();
      case 'kill standby':
        return this.#replicas.find((replica) => replica !== this.#active)!.program.kill();
      case 'kill both':
        await Promise.all(this.#replicas.map(({ program }) => program.kill()));
        return;
      case 'kill generator':
        return this.#generator.program.kill();
      case 'abandon transaction':
        return this.#other.abandon();
      case 'kill replay': {
        const replay = await this.#replay();
        await sleep(fault.milliseconds);
        return replay.kill();
      }
      case 'kill broker in replay': {
        const replay = await this.#replay();
        await sleep(fault.milliseconds);
        await this.#killBroker(0);
        const { code } = await replay.exited;
        if (code !== 0) this.#failedReplays.push(`a replay under which the broker was killed ended with ${code}: ${replay.words.split('\n').at(-1) ?? ''}`);
        return;
      }
      case 'kill broker':
        return this.#killBroker(fault.downMilliseconds);
      case 'pause broker':
        await broker.pause();
        await sleep(fault.milliseconds);
        return broker.resume();
      case 'pause speed':
        return pause([this.#active], fault.milliseconds);
      case 'pause both':
        return pause(this.#replicas, fault.milliseconds);
    }
  }

  /** The replica that works, or the one that did last. */
  get #active(): Supervised {
    const [first, second] = this.#replicas as readonly [Supervised, Supervised];
    if (first.isReady !== second.isReady) return first.isReady ? first : second;
    return (first.readyAt ?? 0) > (second.readyAt ?? 0) ? first : second;
  }

  async #killBroker(downMilliseconds: number): Promise<void> {
    await this.#parts.broker.kill();
    await sleep(downMilliseconds);
    await this.#parts.broker.restart({ controllerFirst: this.#controllerFirst });
  }

  async #endAbandoned(): Promise<void> {
    const hanging = await endAbandoned(this.#parts.broker, 'orders', PARTITIONS);
    if (hanging > 0) this.#say(`  a client's transaction hung in ${hanging} partitions, as the broker had lost its end; an operator ended it`);
  }

  /** A replay of everything, once it is in the catalog. */
  async #replay(): Promise<Program> {
    const known = await this.#runs();
    const replay = this.#parts.run('reprocessor', ...REPLAY);
    while (replay.isRunning && (await this.#runs()) < known + referencePipelines.length) await sleep(20);
    return replay;
  }

  async #runs(): Promise<number> {
    return (await this.#parts.catalog.runs(1_000)).length;
  }

  async #caughtUp(since: number): ReturnType<typeof caughtUp> {
    const ends = await endsOf(this.#log, 'orders');
    try {
      return await caughtUp(this.#parts.catalog, ends, referencePipelines.length, since, LONGEST_OUTAGE_MILLISECONDS);
    } catch (error) {
      for (const { name, program } of this.#replicas) this.#say(`Last words of ${name}:\n${program.words}`);
      this.#say(`Transactions, as the broker has them:\n${await this.#parts.broker.tool('org.apache.kafka.tools.TransactionsCommand', ['--bootstrap-server', this.#parts.broker.bootstrap, 'list'])}`);
      throw error;
    }
  }
}

async function pause(replicas: readonly Supervised[], milliseconds: number): Promise<void> {
  const programs = replicas.map(({ program }) => program);
  for (const program of programs) program.signal('SIGSTOP');
  await sleep(milliseconds);
  for (const program of programs) program.signal('SIGCONT');
}
