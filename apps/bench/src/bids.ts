import { RecordBatchBuilder } from '@weir/record-batch';

const CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple', 'channel-17', 'channel-404', 'channel-7'];
const RECORDS_OF_BATCH = 1_000;
const START = Date.UTC(2026, 0, 1);

/** Seeded bids as record batches: 10,000 a second of event time, about 110 auctions at a time. */
export function bidBatches(count: number): readonly Uint8Array[] {
  const builder = new RecordBatchBuilder(512 * 1024);
  const encoder = new TextEncoder();
  const batches: Uint8Array[] = [];
  let state = 42;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  for (let n = 0; n < count; n++) {
    const dateTime = START + Math.floor(n / 10);
    const bid = {
      auction: 1_000 + Math.floor(n / 5_000) * 10 + draw(110),
      bidder: 1_000 + draw(10_000),
      price: 50 + draw(10_000),
      channel: CHANNELS[draw(CHANNELS.length)]!,
      url: `https://www.nexmark.com/item.htm?query=1&channel_id=${draw(1_000_000)}`,
      dateTime,
      extra: 'abcdefghijklmnopqrstuvwxyz'.slice(0, 10 + draw(16)),
    };
    builder.append(dateTime, null, encoder.encode(JSON.stringify(bid)));
    if (builder.count === RECORDS_OF_BATCH) batches.push(builder.build());
  }
  if (builder.count > 0) batches.push(builder.build());
  return batches;
}
