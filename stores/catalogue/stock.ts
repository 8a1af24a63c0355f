/**
 * First stock for many SKUs: spread over the warehouses in a way that the SKU itself determines, and given only to
 * a warehouse that this SKU has never been in, so that doing it again never puts back what was sold since.
 */
import type { Actors } from '../../actors/clients.ts';
import type { Sku } from '../../actors/ids.ts';
import { hash32 } from '../../config/subjects.ts';
import { WAREHOUSES, type Warehouse } from '../../config/warehouses.ts';

export type StockPlan = { readonly warehouse: Warehouse; readonly onHand: number; readonly reorderPoint: number };
export type SkuStock = { readonly sku: Sku; readonly units: number };

/** One to three warehouses; the units as evenly as they divide. No units: out of stock in one of them. */
export function planStock({ sku, units }: SkuStock): readonly StockPlan[] {
  const hash = hash32(sku);
  const sites = Math.max(1, Math.min(units, 1 + ((hash >>> 8) % 3)));
  return Array.from({ length: sites }, (_, site) => {
    const warehouse = WAREHOUSES[(hash + site * 2) % WAREHOUSES.length] ?? WAREHOUSES[0];
    const onHand = Math.floor(units / sites) + (site < units % sites ? 1 : 0);
    return { warehouse, onHand, reorderPoint: Math.min(10, Math.floor(onHand / 5)) };
  });
}

/** Returns how many SKUs got stock. Rejects with the first failure; what was done stays, and is not done again. */
export async function stockUp(
  actors: Pick<Actors, 'sku'>,
  stocks: readonly SkuStock[],
  { concurrency = 128 } = {},
): Promise<number> {
  let next = 0;
  let stocked = 0;
  const worker = async (): Promise<void> => {
    for (let stock = stocks[next++]; stock !== undefined; stock = stocks[next++]) {
      if (await stockOne(actors, stock)) stocked += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, stocks.length) }, worker));
  return stocked;
}

async function stockOne(actors: Pick<Actors, 'sku'>, stock: SkuStock): Promise<boolean> {
  const { view } = await actors.sku.read(stock.sku, { timeoutMs: 10_000 });
  const known = new Set(view.warehouses.map((each) => each.warehouseId));
  const missing = planStock(stock).filter(({ warehouse }) => !known.has(warehouse.id));
  // At once: the actor puts them into one commit.
  await Promise.all(
    missing.map(({ warehouse, onHand, reorderPoint }) =>
      actors.sku(stock.sku).setStock(
        { warehouseId: warehouse.id, pincode: warehouse.pincode, onHand, reorderPoint },
        // One id for one intent: a retry after a lost answer is the same command.
        { commandId: `first-stock:${stock.sku}:${warehouse.id}`, timeoutMs: 10_000 },
      ),
    ),
  );
  return missing.length > 0;
}
