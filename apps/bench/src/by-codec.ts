import type { Codec } from '@weir/connector-api';
import type { Bid } from './decode-data.ts';
import type { MakeContender } from './measure-decoding.ts';

/** Decodes these fields by a codec, and reads the price of each row; where asked, also a text of each. */
export function byCodec(codec: Codec<Bid>, projection: readonly string[], readsText: boolean): MakeContender {
  return async ([first]) => {
    const decoder = codec.decoder({ projection });
    await decoder.prepare?.(first!, 0, Number.MAX_SAFE_INTEGER);
    return (bytes) => {
      // As a job does it before each batch.
      if (decoder.prepare?.(bytes, 0, Number.MAX_SAFE_INTEGER) !== undefined) throw new Error('There is one schema, which is known.');
      const { batch, rejections } = decoder.decode(bytes, 'bids', 0, 0, Number.MAX_SAFE_INTEGER);
      if (rejections.length > 0) throw new Error(`The benchmark's own record was refused: ${rejections[0]!.message}`);
      if (readsText) batch.symbols('channel');
      const prices = batch.numbers('price');
      let sum = 0;
      for (let i = 0; i < batch.length; i++) sum += prices[i]!;
      return sum;
    };
  };
}
