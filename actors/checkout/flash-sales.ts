/**
 * What follows from a sale: its stock set aside, what is left of it given back, and a second look at what is said to be
 * sold out. The sale waits for its stock, so a sale that can be bought from has it.
 */

import type { SaleEvent, SaleItem } from '../flash-sale/sale.ts';
import type { SaleId } from '../ids.ts';
import { type Reactor, RetryAt } from '../runtime/reactor.ts';
import { bringBack, overlapOf, setAside, shortOf } from './buckets/set-aside.ts';
import { carry, survey } from './buckets/survey.ts';
import type { CheckoutDependencies } from './dependencies.ts';
import { Unsettled } from './dependencies.ts';
import { together } from './together.ts';

/** How soon it is looked again whether anything is still held for a sale that is over. */
const SETTLE_RETRY_MS = 5_000;
/** How soon what is held of a sale that is sold out is looked at again. */
const HELD_RETRY_MS = 2_000;
const STALE_RETRY_MS = 250;

export function flashSalesReactor({
  actors,
  clock,
}: Pick<CheckoutDependencies, 'actors' | 'clock'>): Reactor<SaleEvent, SaleId> {
  async function saleOf(id: SaleId, version: number) {
    const read = await actors.sale.read(id);
    if (read.version < version) throw new RetryAt(clock() + STALE_RETRY_MS, `${id} was read before event ${version}`);
    if (read.view.status === 'none') throw new Unsettled(`${id} has events but no state`);
    return read.view;
  }

  async function giveBack(id: SaleId, items: readonly SaleItem[]): Promise<void> {
    let held = 0;
    for (const item of items) held += await bringBack(actors, id, item);
    if (held > 0) throw new RetryAt(clock() + SETTLE_RETRY_MS, `${held} units of ${id} are still held`);
  }

  return {
    name: 'flash-sales',
    kind: 'sale',
    on: {
      async SaleDeclared({ id, version }) {
        const { status, items, startsAt, endsAt } = await saleOf(id, version);
        if (status !== 'declared') return;
        const short = [...(await shortOf(actors, id, items))];
        // Nothing is moved for a sale that cannot be.
        if (short.length === 0) {
          for (const item of items) {
            const missing =
              (await setAside(actors, id, item)) ?? (await overlapOf(actors, id, { startsAt, endsAt }, item));
            if (missing !== undefined) short.push(missing);
          }
        }
        // Refused in turn: it was ended meanwhile, and that event gives everything back.
        if (short.length > 0) await actors.sale(id).refuse({ short });
        else await actors.sale(id).recordStocked({});
      },

      async SaleRefused({ id, version }) {
        await giveBack(id, (await saleOf(id, version)).items);
      },

      async SaleEnded({ id, version }) {
        await giveBack(id, (await saleOf(id, version)).items);
        await actors.sale(id).recordSettled({});
      },

      /**
       * Something may have come back between the look that found nothing and its being told. And for as long as anything
       * is held it is looked again: who gives a hold back tells so, but one that a dead run of the checkout has left
       * behind lapses, and nobody asks a bucket of what is told to be sold out. All such items of the sale, as the later
       * events of this sale wait meanwhile.
       */
      async ItemSoldOut({ id, version }) {
        const { status, items, soldOut } = await saleOf(id, version);
        if (status !== 'stocked' && status !== 'open') return;
        let held = 0;
        for (const { sku, buckets } of items.filter((item) => soldOut.includes(item.sku))) {
          const { available, onTheirWay, reserved } = await survey(actors, { sku, saleId: id, count: buckets });
          await together(onTheirWay, (transfer) => carry(actors, transfer));
          if (available > 0 || onTheirWay.length > 0) await actors.sale(id).recordAvailable({ sku });
          else held += reserved;
        }
        if (held > 0) throw new RetryAt(clock() + HELD_RETRY_MS, `${held} units of ${id} are held, the rest is sold`);
      },
    },
  };
}
