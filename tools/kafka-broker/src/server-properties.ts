import type { BrokerOptions } from './broker.ts';

/** Where a broker listens, where clients find it, and where it keeps its logs. */
export interface BrokerPlaces {
  /** By listener; the controller's is among them. */
  readonly ports: ReadonlyMap<string, number>;
  /** The address that its listeners bind. */
  readonly binds: string;
  /** The host that clients are told. */
  readonly host: string;
  readonly data: string;
}

/** The listeners of a broker: the plain one, the controller's, and those that were asked for. */
export function listenerNames({ listeners = [] }: BrokerOptions): readonly string[] {
  return ['PLAINTEXT', 'CONTROLLER', ...listeners];
}

/** Properties as Kafka reads them from a file. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join('');
}

/** `server.properties` of a broker of one node, with everything small: it lives for a test. */
export function serverProperties({ ports, binds, host, data }: BrokerPlaces, { properties = {}, advertised = {} }: BrokerOptions): Readonly<Record<string, string>> {
  const clients = [...ports].filter(([name]) => name !== 'CONTROLLER');
  const controller = `127.0.0.1:${ports.get('CONTROLLER')!}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${controller}`,
    listeners: [...clients.map(([name, port]) => `${name}://${binds}:${port}`), `CONTROLLER://${controller}`].join(','),
    'advertised.listeners': clients.map(([name, port]) => (advertised[name] === undefined ? `${name}://${host}:${port}` : `${name}://127.0.0.1:${advertised[name]}`)).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': [...ports.keys()].map((name) => `${name}:PLAINTEXT`).join(','),
    'log.dirs': data,
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
    ...properties,
  };
}

/** The properties with which a node of both roles, given its own as text, runs as a controller alone. */
export function controllerProperties(text: string): string {
  const lines = text.split('\n').filter((line) => !/^(process\.roles|listeners|advertised\.listeners|inter\.broker\.listener\.name)=/.test(line));
  const [, address] = /^controller\.quorum\.voters=\d+@(.*)$/m.exec(text) ?? [];
  return [...lines, 'process.roles=controller', `listeners=CONTROLLER://${address}`, ''].join('\n');
}
