import { referenceViews } from '@weir/views';
import type { ServedRow, SpeedRow, View, ViewQueryOptions } from '@weir/views';
import { describe, expect, it } from 'vitest';
import { KeptAnswers } from '../src/kept-answers.ts';

const [view, otherView] = referenceViews as readonly [View, View];
const QUESTION: ViewQueryOptions = { ownership: null, limit: 10, finality: 'any', newestFirst: true, settledUpTo: Number.NEGATIVE_INFINITY };

/** A store that counts what it is asked, and a clock that is moved by hand. */
function kept(): { answers: KeptAnswers; asked: ViewQueryOptions[]; state: { now: number; isHearing: boolean; failure: Error | undefined } } {
  const asked: ViewQueryOptions[] = [];
  const state = { now: 0, isHearing: true, failure: undefined as Error | undefined };
  const store = {
    rows: async (_view: View, options: ViewQueryOptions): Promise<readonly ServedRow[]> => {
      asked.push(options);
      if (state.failure !== undefined) throw state.failure;
      return [{ key: String(asked.length), start: 0, end: 10, version: 0 } as ServedRow];
    },
    ping: () => Promise.resolve(),
  };
  return { answers: new KeptAnswers({ store, isHearing: () => state.isHearing, now: () => state.now }), asked, state };
}

/** A row of a country that ends after all those of the store. */
function announced(country: string, version: number): SpeedRow {
  return { result_key: country, window_start: 10, window_end: 20, country, pane_timing: 'on-time', pane_index: 0, version, is_last: 0, is_deleted: 0, watermark: null, code_version: 'test' };
}

describe('answers that are kept', () => {
  it('are given again until a change of their view is announced', async () => {
    const { answers, asked } = kept();
    answers.changed(view);
    const first = await answers.rows(view, QUESTION);
    expect(await answers.rows(view, QUESTION)).toEqual(first);
    answers.changed(otherView);
    expect(await answers.rows(view, QUESTION)).toEqual(first);
    expect(asked).toHaveLength(1);
    answers.changed(view);
    expect(await answers.rows(view, QUESTION)).not.toEqual(first);
  });

  it('are shared by those who ask at once, and not by those who ask for something else', async () => {
    const { answers, asked } = kept();
    answers.changed(view);
    await Promise.all([answers.rows(view, QUESTION), answers.rows(view, QUESTION), answers.rows(view, { ...QUESTION, settledUpTo: Number.POSITIVE_INFINITY }), answers.rows(view, { ...QUESTION, key: 'France' })]);
    expect(asked).toHaveLength(3);
  });

  it('are not those from before a change that came while they were looked up', async () => {
    const { answers, asked } = kept();
    answers.changed(view);
    const early = answers.rows(view, QUESTION);
    answers.changed(view);
    await early;
    await answers.rows(view, QUESTION);
    expect(asked).toHaveLength(2);
  });

  it.each<[string, (state: { now: number; isHearing: boolean }) => void]>([
    ['when nothing is heard', (state) => void (state.isHearing = false)],
    ['when they are a quarter of a second old', (state) => void (state.now = 250)],
  ])('are not given %s', async (_when, change) => {
    const { answers, asked, state } = kept();
    answers.changed(view);
    await answers.rows(view, QUESTION);
    change(state);
    await answers.rows(view, QUESTION);
    expect(asked).toHaveLength(2);
  });

  it('are none of a view whose changes nobody announces, and no failures', async () => {
    const { answers, asked, state } = kept();
    await answers.rows(view, QUESTION);
    await answers.rows(view, QUESTION);
    expect(asked).toHaveLength(2);
    answers.changed(view);
    state.failure = new Error('gone');
    await expect(answers.rows(view, QUESTION)).rejects.toThrow('gone');
    state.failure = undefined;
    expect(await answers.rows(view, QUESTION)).toHaveLength(1);
  });

  it('are looked up when a change is announced, if they were asked for just before', async () => {
    const { answers, asked, state } = kept();
    answers.changed(view);
    await answers.rows(view, QUESTION);
    await answers.rows(view, { ...QUESTION, key: 'France' });
    state.now = 99;
    await answers.rows(view, QUESTION);
    state.now = 150;
    answers.changed(view);
    expect(asked.map(({ key }) => key)).toEqual([undefined, 'France', undefined]);
    await answers.rows(view, QUESTION);
    expect(asked).toHaveLength(3);
  });

  it('have the rows that are announced, also while they are looked up, and are not looked up for them', async () => {
    const { answers, asked } = kept();
    answers.amend(view, []);
    const early = answers.rows(view, QUESTION);
    answers.amend(view, [announced('France', 1)]);
    expect((await early).map(({ key }) => key)).toEqual(['1']);
    expect((await answers.rows(view, QUESTION)).map(({ key }) => key)).toEqual(['France', '1']);
    answers.amend(view, [announced('Spain', 1)]);
    answers.amend(otherView, [announced('Norway', 1)]);
    expect((await answers.rows(view, QUESTION)).map(({ key }) => key)).toEqual(['Spain', 'France', '1']);
    expect(asked).toHaveLength(1);
  });

  it('are looked up where what is announced takes a row away', async () => {
    const { answers, asked } = kept();
    answers.amend(view, []);
    await answers.rows(view, QUESTION);
    answers.amend(view, [announced('France', 1)]);
    answers.amend(view, [{ ...announced('France', 2), is_deleted: 1 }]);
    await answers.rows(view, QUESTION);
    await answers.rows(view, QUESTION);
    expect(asked).toHaveLength(2);
  });

  it('are a bounded number', async () => {
    const { answers, asked } = kept();
    answers.changed(view);
    for (let limit = 1; limit <= 65; limit++) await answers.rows(view, { ...QUESTION, limit });
    await answers.rows(view, { ...QUESTION, limit: 65 });
    expect(asked).toHaveLength(65);
    await answers.rows(view, { ...QUESTION, limit: 1 });
    expect(asked).toHaveLength(66);
  });
});
