import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureConsoleBuilt } from '../build.ts';
import { CHROMIUM, openBrowser } from './browser.ts';
import { NEWEST_HOUR, jobsAnswer, revenueRows } from './fixture-data.ts';
import { fixtureServer } from './fixture-server.ts';
import type { FixtureServer } from './fixture-server.ts';

const REASON = 'no Chromium is installed (WEIR_CHROMIUM names one)';

interface Opened {
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: string[];
}

describe.skipIf(CHROMIUM === undefined)(`the page in a browser${CHROMIUM === undefined ? `: skipped, ${REASON}` : ''}`, () => {
  let browser: Browser;
  let server: FixtureServer;

  beforeAll(async () => {
    await ensureConsoleBuilt();
    server = await fixtureServer();
    browser = await openBrowser(CHROMIUM!);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(width: number, colorScheme: 'light' | 'dark', at: FixtureServer = server): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(at.url)) complaints.push(`asked ${request.url()}`);
    });
    await page.goto(at.url);
    await page.locator('.area-revenue canvas').waitFor();
    await page.locator('.area-pipelines .job').first().waitFor();
    return { page, complaints };
  }

  for (const width of [1280, 390]) {
    for (const scheme of ['light', 'dark'] as const) {
      it(`shows everything at ${width} pixels in ${scheme}, within its width and without a complaint`, async () => {
        const { page, complaints } = await open(width, scheme);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        expect(await paintedColors(page)).toBeGreaterThan(3);
        for (const area of ['revenue', 'sellers', 'countries', 'sessions']) expect(await page.locator(`.area-${area} .badge.provisional`).count()).toBeGreaterThan(0);
        expect(await page.locator('.area-revenue .badge.complete').count()).toBeGreaterThan(0);
        expect(await page.locator('.area-pipelines .partitions tbody tr').count()).toBe(12);
        expect(await page.locator('.area-pipelines .badge.good').allTextContents()).toEqual(['balanced', 'balanced', 'balanced']);
        expect(await page.locator('.last-replay').textContent()).toMatch(/run-0007.*0–141,120/);
        expect(await page.locator('.area-verification tfoot').textContent()).toContain('36,410');
        expect(await page.locator('.state-title').textContent()).toBe('Live');
        expect(complaints).toEqual([]);
        await page.close();
      });
    }
  }

  it('changes a number when the stream does', async () => {
    const { page, complaints } = await open(1280, 'light');
    const row = revenueRows().find(({ key, window }) => key === 'EIRE' && window.start === NEWEST_HOUR)!;
    server.send('revenue-by-country', 'row', { ...row, data: { ...row.data, cents: 98_765_432 } });
    await page.locator('.area-countries', { hasText: '£987,654.32' }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('can be used by keyboard: the hours of the chart, the country, the day', async () => {
    const { page } = await open(1280, 'light');
    await page.focus('.chart');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.locator('.readout', { hasText: '12 Dec 2011, 13:00–14:00' }).waitFor();
    await page.getByLabel('Country').selectOption('France');
    expect(await page.locator('.figure').first().textContent()).toContain('£798');
    await page.getByLabel('Complete').check();
    await page.locator('.area-sellers .badge.complete').waitFor();
    await page.close();
  });

  it('says so when books do not balance and when a difference has no explanation', async () => {
    const wrong = await fixtureServer((now) => {
      const answer = jobsAnswer(now);
      const [first, ...others] = answer.jobs;
      const verification = { ...answer.verification!, causes: { ...answer.verification!.causes, UNKNOWN: 2 } };
      return { ...answer, jobs: [{ ...first!, books: { ...first!.books, counted: first!.books.counted - 3 } }, ...others], verification };
    });
    const { page } = await open(1280, 'dark', wrong);
    expect(await page.locator('.books .badge.bad').textContent()).toBe('3 missing');
    expect(await page.locator('.verdict.bad').textContent()).toContain('2 differences without an explanation');
    await page.close();
    await wrong.close();
  });

  it('says that the API is gone, and keeps the last numbers', async () => {
    const gone = await fixtureServer();
    const { page } = await open(390, 'light', gone);
    await gone.close();
    await page.locator('.state-unreachable').waitFor({ timeout: 20_000 });
    expect(await page.locator('.area-sellers .ranking tbody tr').count()).toBe(10);
    await page.close();
  });
});

/** Distinct colours on the chart's canvas. */
function paintedColors(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.area-revenue canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const colors = new Set<number>();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) colors.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
    return colors.size;
  });
}
