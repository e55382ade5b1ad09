import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const folder = dirname(fileURLToPath(import.meta.url));

const HEAD = `
import { hours, minutes } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, sum, tumbling } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from './pipeline.ts';
const Order = record('Order', { shop: string(), cents: int(), at: timestamp() });
const options = { allowedLateness: minutes(1), trigger: afterWatermark(), accumulation: 'accumulating' } as const;
`;

/** A chain of so many maps and filters, with an aggregate after every tenth. */
function program(steps: number): string {
  const lines = ["const s0 = orders.withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(minutes(1)) });"];
  for (let step = 1; step <= steps; step++) {
    const before = `s${step - 1}`;
    if (step % 10 === 0) {
      lines.push(`const { results: r${step}, late: l${step} } = ${before}.keyBy('shop').window(tumbling(hours(1)), options).aggregate('step${step}', { cents: sum('cents'), rows: count() });`);
      lines.push(`l${step}.discard('generated');`);
      lines.push(`const s${step} = r${step}.map((r) => ({ shop: r.key, cents: r.value.cents + r.value.rows, at: r.window.end }));`);
    } else if (step % 2 === 0) {
      lines.push(`const s${step} = ${before}.filter((o) => o.cents > ${step});`);
    } else {
      lines.push(`const s${step} = ${before}.map((o) => ({ ...o, cents: o.cents + ${step} }));`);
    }
  }
  lines.push(`s${steps}.to(sinks.out);`);
  return `${HEAD}\npipeline({ name: 'generated', sources: { orders: Order }, sinks: { out: Order } }, ({ orders }, sinks) => {\n${lines.join('\n')}\n});\n`;
}

/** What the checker did for a program beyond what its imports cost; a count, so that it is the same on every machine. */
function instantiations(steps: number): number {
  const name = join(folder, 'generated-pipeline.ts');
  const { config } = ts.readConfigFile(join(folder, '../../../tsconfig.base.json'), ts.sys.readFile) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, types: [], noUnusedLocals: false }, folder);
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => path === name || fileExists(path);
  host.getSourceFile = (path, ...rest) => (path === name ? ts.createSourceFile(path, program(steps), ts.ScriptTarget.ES2024) : getSourceFile(path, ...rest));
  const checked = ts.createProgram([name], options, host);
  const source = checked.getSourceFile(name);
  const messages = checked.getSemanticDiagnostics(source).map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n'));
  expect(messages).toEqual([]);
  return checked.getInstantiationCount();
}

it('costs the compiler the same for each step, however long the chain', { timeout: 60_000 }, () => {
  const [none, hundred, twoHundred] = [instantiations(0), instantiations(100), instantiations(200)];
  const first = hundred - none;
  expect(first).toBeLessThan(20_000);
  expect(twoHundred - hundred).toBeLessThan(first * 1.2);
});
