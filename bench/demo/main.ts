/**
 * `npm run demo`: a sale, through the front door. A few hundred shoppers buy from the catalogue while a crowd fights
 * for one SKU; then the books are read from the event streams, from PostgreSQL and from the payment simulator, and
 * compared. Exits with 1 if one unit or one rupee is off.
 *
 *   npm run demo -- [--shoppers 300] [--orders 2] [--crowd 1000] [--stock 100]
 */
import { parseArgs } from 'node:util';
import { reckon } from '../reckoning/reckon.ts';
import { HttpClient } from '../shop/http.ts';
import { addToCart, newLatencies, register, type Shop, type Shopper } from '../shop/shopper.ts';
import { findOrStart } from '../system.ts';
import { LiveTable, table } from './live-table.ts';
import { shop as goShopping, grab, newTally, side } from './sale.ts';
import { goodsOnSale, hotSku, signIn, untilOnSale } from './stage.ts';
import { StockWatch } from './stock-watch.ts';

const { values } = parseArgs({
  options: {
    shoppers: { type: 'string', default: '300' },
    orders: { type: 'string', default: '2' },
    crowd: { type: 'string', default: '1000' },
    stock: { type: 'string', default: '100' },
  },
});

const count = (name: keyof typeof values): number => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 0 || value > 100_000)
    throw new Error(`--${name} is not a number: ${values[name]}`);
  return value;
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Long enough for a killed server to be back. */
const PATIENCE_MS = 45_000;
const AT_ONCE = 64;

async function main(): Promise<boolean> {
  const [shopperCount, orders, crowdCount, stock] = [
    count('shoppers'),
    count('orders'),
    count('crowd'),
    count('stock'),
  ];
  const system = await findOrStart('.haat-demo', { RATE_LIMIT_FACTOR: '1000', RESERVATION_SECONDS: '20' }, say);
  const api = new HttpClient(system.api, 512);
  const simulator = new HttpClient(system.simulator, 64);
  try {
    say(`shop ${system.api} · simulator ${system.simulator}`);
    const shop: Shop = { api, simulator, latencies: newLatencies(), patienceMs: PATIENCE_MS };
    const run = Date.now().toString(36);
    const goods = await goodsOnSale(api, 1_000);
    const hot = await hotSku(api, run, stock);
    say(`${goods.length} SKUs in stock · ${stock} units of ${hot.sku} for a crowd of ${crowdCount}`);

    const people = await openAccounts(shop, run, shopperCount + crowdCount);
    const shoppers = people.slice(0, shopperCount);
    const crowd = people.slice(shopperCount);
    const [first] = crowd;
    if (first) await untilOnSale(() => addToCart({ ...shop, patienceMs: 1_000 }, first, hot.sku, 1));
    await side(crowd.slice(1), AT_ONCE, async (shopper) => void (await addToCart(shop, shopper, hot.sku, 1)));

    const tallies = { shoppers: newTally(), crowd: newTally() };
    const row = (name: string, people: number, tally: (typeof tallies)['crowd']) => [
      name,
      people,
      tally.placed,
      tally.confirmed,
      tally.ended,
      tally.soldOut,
      tally.errors.length,
    ];
    const watch = new StockWatch(api, await signIn(api, 'ops'), hot.sku, stock);
    const began = performance.now();
    const live = new LiveTable(() => {
      const seconds = (performance.now() - began) / 1000;
      const confirmed = tallies.shoppers.confirmed + tallies.crowd.confirmed;
      const { checkout } = shop.latencies;
      return [
        ...table([
          ['', 'people', 'placed', 'confirmed', 'ended', 'sold out', 'errors'],
          row('shoppers', shopperCount, tallies.shoppers),
          row('crowd', crowdCount, tallies.crowd),
        ]),
        `${hot.sku}: ${watch.line}`,
        `${seconds.toFixed(1)} s · ${(confirmed / seconds).toFixed(0)} confirmed orders/s · checkout p50 ${checkout.quantile(0.5).toFixed(0)} ms, p99 ${checkout.quantile(0.99).toFixed(0)} ms`,
      ];
    });
    await Promise.all([
      side(shoppers, AT_ONCE, (shopper) => goShopping(shop, shopper, goods, orders, tallies.shoppers)),
      Promise.all(crowd.map((shopper) => grab(shop, shopper, tallies.crowd))),
    ]);
    watch.stop();
    live.end();

    say('');
    for (const line of table([
      ['step', 'requests', 'p50 ms', 'p99 ms'],
      ...Object.entries(shop.latencies)
        .filter(([, { count: requests }]) => requests > 0)
        .map(([step, latencies]) => [
          step,
          latencies.count,
          latencies.quantile(0.5).toFixed(1),
          latencies.quantile(0.99).toFixed(1),
        ]),
    ]))
      say(line);
    const errors = [...tallies.shoppers.errors, ...tallies.crowd.errors];
    for (const error of errors.slice(0, 10)) say(`error: ${error}`);

    const told = [...tallies.shoppers.told, ...tallies.crowd.told];
    const agreed = await reckon(system, { told, hot: { sku: hot.sku, units: stock, buyers: crowdCount } }, say);
    return agreed && errors.length === 0;
  } finally {
    api.close();
    simulator.close();
    await system.stop();
  }
}

async function openAccounts(shop: Shop, run: string, people: number): Promise<readonly Shopper[]> {
  const opened: Shopper[] = [];
  const live = new LiveTable(() => [`accounts opened: ${opened.length} of ${people}`]);
  await side(
    Array.from({ length: people }, (_, n) => n),
    16,
    async (n) => void opened.push(await register(shop, run, n)),
  );
  live.end();
  return opened;
}

process.exitCode = (await main()) ? 0 : 1;
