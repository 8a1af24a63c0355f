/** A crowd at the ledgers of one SKU, until its sale is sold out. */
import { Refills } from '../../actors/checkout/buckets/refills.ts';
import { setAside } from '../../actors/checkout/buckets/set-aside.ts';
import { homeOf, survey } from '../../actors/checkout/buckets/survey.ts';
import type { Actors } from '../../actors/clients.ts';
import { type Pincode, paise, type Sku, type WarehouseId } from '../../actors/ids.ts';
import { newId } from '../../config/ids.ts';

export type Sold = {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly sold: number;
  readonly moves: number;
};

const IN_FLIGHT = 512;
const pincode = '110037' as Pincode;

/** Every customer takes one; as many come as there are units, and then some. */
export async function sellOut(actors: Actors, count: number, units: number): Promise<Sold> {
  const id = newId('sal');
  const goods = `HOT-${id.slice(-12)}` as Sku;
  const warehouseId = 'wh_del' as WarehouseId;
  await actors.sku(goods).setStock({ warehouseId, pincode, onHand: units });
  const stock = { sku: goods, saleId: id, count };
  const item = { sku: goods, price: paise(1), units, limitPerCustomer: 1, buckets: count };
  if ((await setAside(actors, id, item)) !== undefined) throw new Error('the units could not be set aside');
  const before = (await survey(actors, stock)).moves;
  const refills = new Refills(actors, Date.now);
  const latencies: number[] = [];
  let granted = 0;
  let soldOut = false;
  const began = performance.now();

  const one = async (): Promise<void> => {
    const customer = newId('usr');
    const ledger = homeOf(stock, customer);
    const order = { orderId: newId('ord'), quantity: 1, pincode, customer };
    const sent = performance.now();
    for (;;) {
      const held = await actors.sku(ledger).reserve({ ...order, expiresAt: Date.now() + 600_000 });
      if (held.ok) break;
      if (!(await refills.refill(ledger, 1)).found) {
        soldOut = true;
        return;
      }
    }
    await actors.sku(ledger).commit(order);
    granted++;
    if (granted % 16 === 0) latencies.push(performance.now() - sent);
  };
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (!soldOut) await one();
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  const { sold, available, moves } = await survey(actors, stock);
  if (sold !== units || granted !== units || available !== 0)
    throw new Error(`sold ${sold} of ${units}, ${granted} times`);
  const sorted = latencies.toSorted((a, b) => a - b);
  const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  return { perSecond: units / seconds, p99Ms, sold, moves: (moves - before) / 2 };
}
