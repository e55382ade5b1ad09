export type { Broker, BrokerOptions, RestartOptions } from './broker.ts';
export { startBroker, whyNoBroker } from './chosen-broker.ts';
export { brokerJars, whyNoJvmBroker } from './jars.ts';
export { startJvmBroker } from './jvm-broker.ts';
export type { JvmBroker, JvmBrokerOptions } from './jvm-broker.ts';
export { freePorts } from './ports.ts';
