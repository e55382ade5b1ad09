import { describe, expect, it } from 'vitest';
import { announcementOf, readAnnouncement } from './announcement.ts';
import { bestSellersView, referenceViews, revenueByCountryView } from './reference-views.ts';

const rows = [['France', 0, 3_600_000, 'France', 0, 1234, 1, 1, 'on-time', 0, 1, null, 1, 4_294_967_296, 0, '', 'v1']];

describe('an announcement', () => {
  it('carries rows of a view as they are', () => {
    expect(readAnnouncement(announcementOf(revenueByCountryView, rows)!, referenceViews)).toEqual({ view: revenueByCountryView, rows });
  });

  it('carries texts as the table will hold them', () => {
    const read = readAnnouncement(announcementOf(revenueByCountryView, [['half \ud83d', '\0', '😀']])!, referenceViews);
    expect(read?.rows).toEqual([['half \ufffd', '\0', '😀']]);
  });

  it('may be the name of a view alone', () => {
    expect(readAnnouncement('best-sellers', referenceViews)).toEqual({ view: bestSellersView, rows: undefined });
  });

  it('says only that there are rows where their columns are not those of the view', () => {
    const text = announcementOf(revenueByCountryView, rows)!;
    expect(readAnnouncement(text.replace('cents Int64', 'cents Int32'), referenceViews)).toEqual({ view: revenueByCountryView, rows: undefined });
  });

  it('is of one of the views, or not understood', () => {
    const text = announcementOf(revenueByCountryView, rows)!;
    expect(readAnnouncement(text, [bestSellersView])).toBeUndefined();
    for (const other of ['', 'nobody', '{', '{}', text.slice(0, -1)]) expect(readAnnouncement(other, referenceViews)).toBeUndefined();
  });

  it('is none where Postgres would not carry it', () => {
    const long = (length: number): string | undefined => announcementOf(revenueByCountryView, [['é'.repeat(length)]]);
    const room = (7_900 - Buffer.byteLength(long(0)!)) / 2;
    expect(Buffer.byteLength(long(Math.floor(room))!)).toBeLessThan(8_000);
    expect(long(Math.floor(room) + 1)).toBeUndefined();
  });
});
