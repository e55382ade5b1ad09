// A stream of rows as a table, a table computed from it, and its changelog as a stream again.
//
// Prints:
//   three products
//     insert        hot: 2 products, 750 cents
//     insert        cold: 1 products, 250 cents
//     insert        #1 cocoa at 450
//     insert        #2 tea at 300
//   juice is moved to the other shelf, and costs more
//     delete        cold: 1 products, 250 cents
//     update-before hot: 2 products, 750 cents
//     update-after  hot: 3 products, 1250 cents
//     delete        #2 tea at 300
//     update-before #1 cocoa at 450
//     update-after  #2 cocoa at 450
//     insert        #1 juice at 500
//   cocoa is gone
//     update-before hot: 3 products, 1250 cents
//     update-after  hot: 2 products, 800 cents
//     delete        #2 cocoa at 450
//     insert        #2 tea at 300
import { seconds } from '@weir/model';
import { boundedOutOfOrderness, count, sum } from '@weir/operators';
import { boolean, int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Product = record('Product', { id: string(), shelf: string(), cents: int(), gone: boolean(), at: timestamp() });
const Shelf = record('Shelf', { change: string(), shelf: string(), products: int(), cents: int() });
const Best = record('Best', { product: string(), cents: int(), rank: int(), change: string() });

const shelves = pipeline({ name: 'shelves', sources: { products: Product }, sinks: { shelves: Shelf, best: Best } }, ({ products }, sinks) => {
  // The last row of each product, by event time; a row with `gone` takes it away.
  const { table, late } = products
    .withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(seconds(0)) })
    .keyBy('id')
    .toTable('products', { deleted: (product) => product.gone });
  late.discard('a product is what its newest row says');

  table
    .groupBy('shelf')
    .aggregate('perShelf', { products: count(), cents: sum('cents') })
    .toChangelog()
    .map(({ change, key, value }) => ({ change, shelf: key, ...value }))
    .to(sinks.shelves);

  table
    .topN('dearest', { n: 2, by: 'cents', order: 'descending', ranks: true })
    .toChangelog()
    .map(({ change, key, value }) => ({ product: key, cents: value.row.cents, rank: value.rank, change }))
    .to(sinks.best);
});

const driver = testDriver(shelves);

function show(what: string): void {
  console.log(what);
  for (const { change, shelf, products, cents } of driver.drain('shelves')) console.log(`  ${change.padEnd(13)} ${shelf}: ${products} products, ${cents} cents`);
  for (const { change, rank, product, cents } of driver.drain('best')) console.log(`  ${change.padEnd(13)} #${rank} ${product} at ${cents}`);
}

driver.push('products', [
  { id: 'tea', shelf: 'hot', cents: 300, gone: false, at: 1_000 },
  { id: 'cocoa', shelf: 'hot', cents: 450, gone: false, at: 1_000 },
  { id: 'juice', shelf: 'cold', cents: 250, gone: false, at: 1_000 },
]);
driver.advanceWatermark('products', 2_000);
show('three products');

driver.push('products', { id: 'juice', shelf: 'hot', cents: 500, gone: false, at: 2_000 });
driver.advanceWatermark('products', 3_000);
show('juice is moved to the other shelf, and costs more');

driver.push('products', { id: 'cocoa', shelf: 'hot', cents: 0, gone: true, at: 3_000 });
driver.advanceWatermark('products', 4_000);
show('cocoa is gone');
