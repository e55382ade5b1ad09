import { minutes, seconds } from '@weir/model';
import type { Click } from '@weir/pipelines';
import { arrivals } from './arrivals.ts';
import type { Arrived, Disorder } from './arrivals.ts';
import { Draw, burstTime, untilEnough } from './draw.ts';
import type { StreamOptions } from './draw.ts';

/** Two clicks of a user this far apart are one visit, one millisecond more makes two. */
export const VISIT_GAP = minutes(30);

const BASE = Date.UTC(2026, 4, 4, 7);
const STEP = seconds(10);
const TOPICS = ['shoes', 'books', 'music', 'garden', 'kitchen', 'sports', 'travel'];
const CLICKS_OF_VISIT = 12;

/** What a user did without pausing for more than half an hour. */
export interface Visit {
  readonly user: string;
  /** The first and the last click. */
  readonly start: number;
  readonly end: number;
  readonly clicks: number;
}

/** How often a user looked at a topic, in all. */
export interface Interest {
  readonly user: string;
  readonly topic: string;
  readonly clicks: number;
}

export interface ClickTruth {
  readonly visits: readonly Visit[];
  readonly interests: readonly Interest[];
}

interface UserStory {
  readonly visits: readonly (readonly Click[])[];
}

/** Clicks of users, who come back any number of times; pauses within and between visits may be as long and as short as they can be. */
export function clicks({ seed, events }: StreamOptions, disorder: Disorder): { readonly clicks: readonly Arrived<Click>[]; readonly truth: ClickTruth } {
  const stories = untilEnough(events, (index) => story(new Draw(seed, index)), ({ visits }) => visits.flat().length);
  const rows = stories.flatMap(({ visits }) => visits.flat());
  const inOrder = rows.map((row) => ({ row, time: row.clickedAt, key: row.user })).sort((a, b) => a.time - b.time);
  const visits = stories.flatMap((each) =>
    each.visits.map((visit) => ({ user: visit[0]!.user, start: visit[0]!.clickedAt, end: visit.at(-1)!.clickedAt, clicks: visit.length })),
  );
  const interests = [...Map.groupBy(rows, ({ user, topic }) => `${user} ${topic}`).values()].map((group) => ({
    user: group[0]!.user,
    topic: group[0]!.topic,
    clicks: group.length,
  }));
  return { clicks: arrivals(seed, inOrder, disorder), truth: { visits, interests } };
}

function story(draw: Draw): UserStory {
  const user = `user-${draw.index}`;
  const favourite = draw.of(TOPICS, 0);
  let time = burstTime(BASE, STEP, draw.index);
  const visits = Array.from({ length: 1 + draw.skewed(8, 1) }, (_, visit) => {
    const clicksOfVisit = new Draw(draw.between(0, 2 ** 31, 2), visit);
    return Array.from({ length: 1 + clicksOfVisit.skewed(CLICKS_OF_VISIT, 0) }, (__, click) => {
      if (click > 0) time += clicksOfVisit.unit(60 + click) < 0.05 ? VISIT_GAP : clicksOfVisit.between(500, minutes(4), 10 + click);
      else if (visit > 0) time += clicksOfVisit.unit(1) < 0.2 ? VISIT_GAP + 1 : clicksOfVisit.between(VISIT_GAP + 1, 4 * VISIT_GAP, 2);
      const topic = clicksOfVisit.unit(30 + click) < 0.6 ? favourite : clicksOfVisit.of(TOPICS, 45 + click);
      return { clickId: `${user}-${visit}-${click}`, user, page: `/${topic}/${clicksOfVisit.between(0, 50, 75 + click)}`, topic, clickedAt: time };
    });
  });
  return { visits };
}
