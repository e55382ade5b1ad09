import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const preload = new URL('../one-signal.mjs', import.meta.url).href;
const program = `
  let seen = 0;
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { seen += 1; console.log('seen ' + seen); });
  process.stdin.on('end', () => { console.log('end ' + seen); process.exit(0); }).resume();
  console.log('ready');
`;

/** Runs the program, presses as told, and gives what it printed. */
async function printed(press: (kill: (signal: NodeJS.Signals) => void, saw: (text: string) => Promise<void>) => Promise<void>): Promise<string> {
  const child = spawn(process.execPath, ['--import', preload, '--input-type=commonjs', '-e', program], { cwd: fileURLToPath(new URL('.', import.meta.url)) });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const saw = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(child.stdout, 'data');
  };
  await saw('ready');
  await press((signal) => child.kill(signal), saw);
  child.stdin.end();
  await once(child, 'exit');
  return output;
}

it('a press that comes by several ways is seen once', async () => {
  const output = await printed(async (kill, saw) => {
    kill('SIGINT');
    kill('SIGTERM');
    kill('SIGINT');
    await saw('seen 1');
  });
  expect(output).toContain('end 1');
});

it('a second press, later, is seen too', async () => {
  const output = await printed(async (kill, saw) => {
    kill('SIGINT');
    await saw('seen 1');
    await new Promise((resolve) => setTimeout(resolve, 600));
    kill('SIGINT');
    await saw('seen 2');
  });
  expect(output).toContain('end 2');
});
