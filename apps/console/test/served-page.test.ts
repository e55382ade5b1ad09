import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureConsoleBuilt } from '../build.ts';
import { CHROMIUM, openBrowser } from './browser.ts';

/** The serving API itself over views in memory. */
const PROGRAM = join(import.meta.dirname, '../../serving/test/fixture-server.ts');

describe.skipIf(CHROMIUM === undefined)(`the page that the serving API serves${CHROMIUM === undefined ? ': skipped, no Chromium is installed (WEIR_CHROMIUM names one)' : ''}`, () => {
  let browser: Browser;
  const programs: ChildProcess[] = [];

  beforeAll(async () => {
    await ensureConsoleBuilt();
    browser = await openBrowser(CHROMIUM!);
  });

  afterAll(async () => {
    await browser.close();
    for (const program of programs) program.kill();
  });

  function serve(args: readonly string[]): Promise<string> {
    const program = fork(PROGRAM, [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    programs.push(program);
    return new Promise((resolve, reject) => {
      program.once('message', (message) => resolve(`http://127.0.0.1:${(message as { port: number }).port}/`));
      program.once('exit', (code) => reject(new Error(`the serving API ended with ${code}`)));
    });
  }

  async function open(url: string, path = '') {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) complaints.push(`asked ${request.url()}`);
    });
    await page.goto(`${url}${path}`);
    return { page, complaints };
  }

  it('is drawn within its policy, and moves by itself', async () => {
    const { page, complaints } = await open(await serve([]));
    await page.locator('.state-title', { hasText: 'Live' }).waitFor();
    const figure = page.locator('.area-revenue .big').first();
    await figure.waitFor();
    const before = await figure.textContent();
    await expect.poll(() => figure.textContent(), { timeout: 15_000 }).not.toBe(before);
    expect(complaints).toEqual([]);
  });

  it('says what is missing while nothing has happened yet', async () => {
    const { page, complaints } = await open(await serve(['--empty']));
    await page.locator('.state-title', { hasText: 'No jobs' }).waitFor();
    expect(await page.locator('.area-revenue').textContent()).toContain('No hour has been counted yet.');
    expect(complaints).toEqual([]);
  });

  it('links to documentation that is drawn within its own policy', async () => {
    const { page, complaints } = await open(await serve(['--empty']), 'docs');
    await page.locator('.opblock-summary').first().waitFor();
    expect(await page.locator('.opblock-summary').count()).toBe(7);
    expect(complaints).toEqual([]);
  });
});
