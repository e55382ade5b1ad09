// ClickHouse's engine as npm start runs it, for other containers: it answers this machine alone, so what they send is passed on to it.
import { fork } from 'node:child_process';
import { createServer, request } from 'node:http';

const INSIDE = 8124;
const OUTSIDE = 8123;

const engine = fork('/weir/apps/standalone/src/embedded/clickhouse-server.ts', ['--path', '/var/lib/clickhouse/engine', '--port', String(INSIDE), '--supervised']);
engine.once('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => engine.kill(signal));

const server = createServer((asked, answer) => {
  const inner = request({ host: '127.0.0.1', port: INSIDE, method: asked.method, path: asked.url, headers: { ...asked.headers, host: '127.0.0.1' } }, (answered) => {
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(answer);
  });
  inner.once('error', () => answer.destroy());
  asked.pipe(inner);
});
server.keepAliveTimeout = 10_000;
engine.once('message', () => server.listen(OUTSIDE, '0.0.0.0'));
