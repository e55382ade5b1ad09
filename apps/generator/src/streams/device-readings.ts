import { minutes, seconds } from '@weir/model';
import type { Reading } from '@weir/pipelines';
import { arrivals } from './arrivals.ts';
import type { Arrived, Disorder } from './arrivals.ts';
import { Draw } from './draw.ts';
import type { StreamOptions } from './draw.ts';

/** A device is missing when it says nothing for longer than this. */
export const SILENCE = minutes(5);
/** Readings above this, three or more on end, are an alarm. */
export const HOT_CELSIUS = 80;
export const HOT_READINGS = 3;
/** The zone of the days that are told of. */
export const DEVICE_ZONE = 'Europe/Berlin';

/** The afternoon before the night in which the clocks of the zone go forward. */
const BASE = Date.UTC(2026, 2, 28, 12);
const READINGS_OF_DEVICE = 2_000;

/** From the last reading before a silence to the first after it; null when the device was not heard of again. */
export interface Silence {
  readonly device: string;
  readonly lastSeen: number;
  readonly backAt: number | null;
}

/** Three hot readings on end; `at` is the third. */
export interface Heat {
  readonly device: string;
  readonly at: number;
}

/** What a device measured on a day of the zone. */
export interface DeviceDay {
  readonly device: string;
  /** `yyyy-MM-dd` by the clocks of the zone. */
  readonly day: string;
  readonly readings: number;
  readonly highest: number;
}

export interface DeviceTruth {
  readonly silences: readonly Silence[];
  readonly heats: readonly Heat[];
  readonly days: readonly DeviceDay[];
}

/** Readings about once a minute, over two midnights of a zone and a change of its clocks, with silences and spells of heat. */
export function deviceReadings({ seed, events }: StreamOptions, disorder: Disorder): { readonly readings: readonly Arrived<Reading>[]; readonly truth: DeviceTruth } {
  const devices = Math.max(1, Math.ceil(events / READINGS_OF_DEVICE));
  const stories = Array.from({ length: devices }, (_, index) => readingsOf(seed, index, Math.ceil(events / devices)));
  const inOrder = stories.flat().map((row) => ({ row, time: row.readAt, key: row.device })).sort((a, b) => a.time - b.time);
  return {
    readings: arrivals(seed, inOrder, disorder),
    truth: { silences: stories.flatMap(silencesOf), heats: stories.flatMap(heatsOf), days: stories.flatMap(daysOf) },
  };
}

function readingsOf(seed: number, index: number, count: number): readonly Reading[] {
  const device = `device-${index}`;
  const readings: Reading[] = [];
  let readAt = BASE + new Draw(seed, index).between(0, 60_000, 0);
  let hotUntil = 0;
  for (let n = 0; n < count; n++) {
    const draw = new Draw(seed, index * READINGS_OF_DEVICE + n);
    if (n > 0) readAt += pause(draw);
    // Spells of 1 to 5 readings: of one and two nothing is to be said.
    if (n >= hotUntil && draw.unit(1) < 0.01) hotUntil = n + draw.between(1, 6, 2);
    const warm = draw.unit(3) < 0.02 ? HOT_CELSIUS : draw.between(150, 600, 4) / 10;
    readings.push({ readingId: `${device}-${n}`, device, celsius: n < hotUntil ? draw.between(801, 1_200, 5) / 10 : warm, readAt });
  }
  return readings;
}

/** Milliseconds to the next reading: a minute, roughly; at times as long as may be, a millisecond more, or much more. */
function pause(draw: Draw): number {
  const kind = draw.unit(10);
  if (kind < 0.002) return SILENCE;
  if (kind < 0.004) return SILENCE + 1;
  if (kind < 0.008) return draw.between(SILENCE + 1, minutes(60), 11);
  return draw.between(seconds(55), seconds(65), 12);
}

function silencesOf(readings: readonly Reading[]): readonly Silence[] {
  return readings.flatMap(({ device, readAt }, n) => {
    const backAt = readings[n + 1]?.readAt ?? null;
    return backAt === null || backAt - readAt > SILENCE ? [{ device, lastSeen: readAt, backAt }] : [];
  });
}

function heatsOf(readings: readonly Reading[]): readonly Heat[] {
  let hot = 0;
  return readings.flatMap(({ device, celsius, readAt }) => {
    hot = celsius > HOT_CELSIUS ? hot + 1 : 0;
    return hot === HOT_READINGS ? [{ device, at: readAt }] : [];
  });
}

const dayFormat = new Intl.DateTimeFormat('en-CA', { timeZone: DEVICE_ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });

function daysOf(readings: readonly Reading[]): readonly DeviceDay[] {
  return [...Map.groupBy(readings, ({ readAt }) => dayFormat.format(readAt))].map(([day, group]) => ({
    device: group[0]!.device,
    day,
    readings: group.length,
    highest: Math.max(...group.map(({ celsius }) => celsius)),
  }));
}
