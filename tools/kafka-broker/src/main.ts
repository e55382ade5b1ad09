import { startJvmBroker } from './jvm-broker.ts';

/** A broker of its own for another program: prints its address, and ends, with its data, when it is told to or its standard input closes. */
const broker = await startJvmBroker({ heapMebibytes: Number(process.argv[2] ?? 512) });
console.log(broker.bootstrap);
let stopping: Promise<void> | undefined;
const stop = (): void => void (stopping ??= broker.stop().then(() => process.exit(0)));
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.stdin.on('end', stop).resume();
