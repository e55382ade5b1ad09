import type { NexmarkBid } from '@weir/pipelines';
import type { Answer, AnswerRow } from './answer.ts';
import { isoOf } from './answer.ts';

const eachBid = (answer: (bid: NexmarkBid) => readonly AnswerRow[]): Answer => ({ bids }) => bids.flatMap(({ row }) => answer(row));

const without = ({ auction, bidder, price, dateTime, extra }: NexmarkBid): AnswerRow => ({ auction, bidder, price, dateTime, extra });

export const q00 = eachBid((bid) => [without(bid)]);

export const q01 = eachBid(({ auction, bidder, price, dateTime, extra }) => [{ auction, bidder, priceThousandths: price * 908, dateTime, extra }]);

export const q02 = eachBid(({ auction, price }) => (auction % 123 === 0 ? [{ auction, price }] : []));

export const q10 = eachBid((bid) => [{ ...without(bid), dt: isoOf(bid.dateTime).slice(0, 10), hm: isoOf(bid.dateTime).slice(11, 16) }]);

export const q13 = eachBid(({ auction, bidder, price, dateTime }) => [{ auction, bidder, price, dateTime, value: String(auction % 10_000) }]);

export const q14 = eachBid(({ auction, bidder, price, dateTime, extra }) => {
  const priceThousandths = price * 908;
  if (!(priceThousandths > 1_000_000_000 && priceThousandths < 50_000_000_000)) return [];
  const hour = Number(isoOf(dateTime).slice(11, 13));
  const bidTimeType = hour >= 8 && hour <= 18 ? 'dayTime' : hour <= 6 || hour >= 20 ? 'nightTime' : 'otherTime';
  return [{ auction, bidder, priceThousandths, bidTimeType, dateTime, extra, cCount: extra.split('c').length - 1 }];
});

const NUMBERED = new Map([['apple', '0'], ['google', '1'], ['facebook', '2'], ['baidu', '3']]);

export const q21 = eachBid(({ auction, bidder, price, channel, url }) => {
  const channelId = NUMBERED.get(channel.toLowerCase()) ?? /(?:&|^)channel_id=([^&]*)/.exec(url)?.[1];
  return channelId === undefined ? [] : [{ auction, bidder, price, channel, channelId }];
});

export const q22 = eachBid(({ auction, bidder, price, channel, url }) => {
  const [, , , dir1 = '', dir2 = '', dir3 = ''] = url.split('/');
  return [{ auction, bidder, price, channel, dir1, dir2, dir3 }];
});
