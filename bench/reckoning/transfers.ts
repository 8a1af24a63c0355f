/** Units between ledgers: what left one came to another, once and whole, or is still on its way. */
import type { SkuEvent, SkuState } from '../../actors/sku/sku.ts';
import type { History } from './histories.ts';

type Skus = ReadonlyMap<string, History<SkuState, SkuEvent>>;

const unitsOf = (units: readonly { readonly quantity: number }[]): number =>
  units.reduce((sum, { quantity }) => sum + quantity, 0);

/** All ledgers are in one stream, so that a reading of it is of one moment. */
export function transferFaults(skus: Skus): string[] {
  const faults: string[] = [];
  const sent = new Map<string, string>();
  for (const [from, { events }] of skus) {
    for (const event of events) {
      if (event.type !== 'StockSent') continue;
      const key = `${from} → ${event.to} #${event.number}`;
      if (sent.has(key)) faults.push(`${key} was sent twice`);
      sent.set(key, JSON.stringify(event.units));
    }
  }
  for (const [to, { events }] of skus) {
    for (const event of events) {
      if (event.type !== 'StockArrived') continue;
      const key = `${event.from} → ${to} #${event.number}`;
      const units = sent.get(key);
      if (units === undefined) faults.push(`${key} arrived, and was not sent or arrived before`);
      else if (units !== JSON.stringify(event.units)) faults.push(`${key} arrived as something else`);
      sent.delete(key);
    }
  }
  const onTheirWay = new Set(
    [...skus].flatMap(([from, { state }]) => state.outgoing.map(({ to, number }) => `${from} → ${to} #${number}`)),
  );
  for (const key of sent.keys()) if (!onTheirWay.has(key)) faults.push(`${key} was forgotten on its way`);
  return faults;
}

/** Over all ledgers of a SKU and its sales. */
export function altogether(skus: Skus, sku: string) {
  const total = { received: 0, sold: 0, reserved: 0, available: 0, onTheirWay: 0 };
  for (const [id, { state }] of skus) {
    if (id !== sku && !id.startsWith(`${sku}~`)) continue;
    total.received += state.received;
    total.sold += state.sold - state.restocked;
    for (const { onHand, reserved } of Object.values(state.warehouses)) {
      total.reserved += reserved;
      total.available += onHand - reserved;
    }
    // What has arrived is counted there already.
    for (const { to, number, units } of state.outgoing) {
      const arrivals = skus.get(to)?.state.arrived[id as keyof SkuState['arrived']];
      const isThere = arrivals !== undefined && (number <= arrivals.upTo || arrivals.beyond.includes(number));
      if (!isThere) total.onTheirWay += unitsOf(units);
    }
  }
  return total;
}
