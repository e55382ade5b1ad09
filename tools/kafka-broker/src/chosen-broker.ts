import { WeirError } from '@weir/model';
import type { Broker, BrokerOptions } from './broker.ts';
import { startContainerBroker } from './container-broker.ts';
import { engine } from './engine.ts';
import { whyNoImage } from './image.ts';
import { whyNoJvmBroker } from './jars.ts';
import { startJvmBroker } from './jvm-broker.ts';

/** Names one way of starting a broker: `container` or `jvm`. */
const VARIABLE = 'WEIR_TEST_BROKER';

type Way = 'container' | 'jvm';
interface Choice {
  readonly way?: Way;
  /** Why there is none. */
  readonly why?: string;
}

let chosen: Promise<Choice> | undefined;

/**
 * Why no broker can be started on this machine; undefined when one can: in a container where a Docker engine answers and has or gets
 * the image, else on Java with Maven's jars. Throws BROKER_WAY when WEIR_TEST_BROKER asks for a way that there is not.
 */
export async function whyNoBroker(): Promise<string | undefined> {
  return (await choice()).why;
}

/** Starts a broker in the way that there is; resolves when it takes connections. Throws BROKER_WAY, BROKER_JARS or BROKER_START. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { way, why } = await choice();
  if (way === undefined) throw notThere(`No Kafka broker can be started: ${why}.`);
  return way === 'container' ? startContainerBroker(options) : startJvmBroker(options);
}

function choice(): Promise<Choice> {
  return (chosen ??= choose(process.env[VARIABLE] || undefined));
}

async function choose(asked: string | undefined): Promise<Choice> {
  if (asked !== undefined && asked !== 'container' && asked !== 'jvm') throw notThere(`${VARIABLE} is '${asked}'; it must be container or jvm.`);
  const noContainer = asked === 'jvm' ? undefined : await whyNoContainerBroker();
  if (asked !== 'jvm' && noContainer === undefined) return { way: 'container' };
  if (asked === 'container') throw notThere(`${VARIABLE} asks for a container: ${noContainer}.`);
  const noJvm = await whyNoJvmBroker();
  if (noJvm === undefined) return { way: 'jvm' };
  if (asked === 'jvm') throw notThere(`${VARIABLE} asks for the JVM: ${noJvm}.`);
  return { why: `${noContainer}, and ${noJvm}` };
}

async function whyNoContainerBroker(): Promise<string | undefined> {
  try {
    await engine();
  } catch {
    return 'no Docker engine answers';
  }
  return whyNoImage();
}

function notThere(what: string): WeirError {
  return new WeirError('BROKER_WAY', what, { remedy: `Start Docker and see that it has the image of Kafka, or install Java 17 and Maven; or unset ${VARIABLE}.` });
}
