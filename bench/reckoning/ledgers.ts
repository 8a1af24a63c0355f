/**
 * The books of the whole system, from its event streams: stock by SKU, orders by status, money by payment. Faults are
 * sentences; none is what "not one unit, not one rupee off" means.
 */
import type { NatsConnection } from '@nats-io/nats-core';
import { order } from '../../actors/order/kind.ts';
import type { OrderEvent } from '../../actors/order/order.ts';
import type { OrderState } from '../../actors/order/state.ts';
import { payment } from '../../actors/payment/kind.ts';
import type { PaymentEvent, PaymentState } from '../../actors/payment/payment.ts';
import { sku } from '../../actors/sku/kind.ts';
import type { SkuEvent, SkuState } from '../../actors/sku/sku.ts';
import { Histories, type History } from './histories.ts';
import { limitFaults } from './limits.ts';
import { transferFaults } from './transfers.ts';

export type Ledgers = {
  readonly skus: ReadonlyMap<string, History<SkuState, SkuEvent>>;
  readonly orders: ReadonlyMap<string, History<OrderState, OrderEvent>>;
  readonly payments: ReadonlyMap<string, History<PaymentState, PaymentEvent>>;
  readonly faults: readonly string[];
  /** The same by what they are about. `broken`: gaps in a history. */
  readonly about: {
    readonly broken: readonly string[];
    readonly stock: readonly string[];
    readonly money: readonly string[];
  };
};

export const readLedgers = (nc: NatsConnection): Promise<Ledgers> => new LedgerReader().read(nc);

/** Reads on from where it stopped: for many looks at streams that grow. */
export class LedgerReader {
  /** What was wrong with a stream at any instant stays so. */
  readonly #broken: string[] = [];
  readonly #stock: string[] = [];
  readonly #skus = new Histories(sku, this.#broken, (id, state) => this.#instant(id, stockFault(state)));
  readonly #payments = new Histories(payment, this.#broken);
  readonly #orders = new Histories(order, this.#broken);

  #instant(id: string, fault: string | undefined): undefined {
    if (fault !== undefined) this.#stock.push(`${id}: ${fault}`);
  }

  async read(nc: NatsConnection): Promise<Ledgers> {
    // In this order: an order that the SKUs know is then in `orders` too, unless it is younger than this reading; the
    // caller waits for the system to come to rest first.
    await this.#skus.catchUp(nc);
    await this.#payments.catchUp(nc);
    await this.#orders.catchUp(nc);
    const [skus, payments, orders] = [this.#skus.all, this.#payments.all, this.#orders.all];
    const about = {
      broken: this.#broken,
      stock: [
        ...this.#stock,
        ...transferFaults(skus),
        ...limitFaults({ skus, orders }),
        ...stockAgainstOrders(skus, orders),
      ],
      money: paymentsAgainstOrders(payments, orders),
    };
    return { skus, orders, payments, faults: [...about.broken, ...about.stock, ...about.money], about };
  }
}

/** available + reserved = onHand, each ≥ 0, per warehouse; received = on hand + sold. At every instant. */
export function stockFault(state: SkuState): string | undefined {
  let onHandTotal = 0;
  const held = new Map<string, number>();
  for (const { allocations } of Object.values(state.holds))
    for (const { warehouseId, quantity } of allocations) held.set(warehouseId, (held.get(warehouseId) ?? 0) + quantity);
  for (const [id, { onHand, reserved }] of Object.entries(state.warehouses)) {
    onHandTotal += onHand;
    if (onHand < 0 || reserved < 0 || reserved > onHand) return `${id}: ${onHand} on hand, ${reserved} reserved`;
    if (reserved !== (held.get(id) ?? 0)) return `${id}: ${reserved} reserved, but holds of ${held.get(id) ?? 0}`;
  }
  const { received, sold, restocked } = state;
  if (received - sold + restocked !== onHandTotal)
    return `${received} received − ${sold} sold + ${restocked} back ≠ ${onHandTotal} on hand`;
  return undefined;
}

/** What each order took from each SKU, net: sold and not given back. */
export function soldTo(history: History<SkuState, SkuEvent>): ReadonlyMap<string, number> {
  const sold = new Map<string, number>();
  for (const event of history.events) {
    if (event.type !== 'StockCommitted' && event.type !== 'StockRestocked') continue;
    const units = event.allocations.reduce((sum, { quantity }) => sum + quantity, 0);
    const sign = event.type === 'StockCommitted' ? 1 : -1;
    sold.set(event.orderId, (sold.get(event.orderId) ?? 0) + sign * units);
  }
  return sold;
}

const BOUGHT = new Set(['CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'RETURN_REQUESTED']);

/** A live line of a bought order has its units, once; nobody else has any. */
function stockAgainstOrders(skus: Ledgers['skus'], orders: Ledgers['orders']): string[] {
  const faults: string[] = [];
  const due = new Map<string, number>();
  for (const [id, { state }] of orders) {
    if (state.status === 'NONE' || !BOUGHT.has(state.status)) continue;
    const gone = 'ended' in state ? state.ended : {};
    for (const line of state.lines) {
      if (gone[line.sku] === 'CANCELLED' || gone[line.sku] === 'RETURNED') continue;
      due.set(`${id} ${line.ledger ?? line.sku}`, line.quantity);
    }
  }
  for (const [id, history] of skus) {
    for (const [orderId, units] of soldTo(history)) {
      const owed = due.get(`${orderId} ${id}`) ?? 0;
      due.delete(`${orderId} ${id}`);
      if (units !== owed) faults.push(`${orderId}: ${units} of ${id} were sold to it, ${owed} are in its live lines`);
    }
  }
  for (const [key, units] of due) faults.push(`${key}: ${units} bought, none sold`);
  return faults;
}

/** Prepaid: bought means captured in full, once; not bought means nothing kept. */
function paymentsAgainstOrders(payments: Ledgers['payments'], orders: Ledgers['orders']): string[] {
  const faults: string[] = [];
  const kept = new Map<string, number>();
  for (const [, { state }] of payments) {
    if (state.status === 'none') continue;
    kept.set(state.orderId, (kept.get(state.orderId) ?? 0) + keptOf(state));
  }
  for (const [id, { state }] of orders) {
    if (state.status === 'NONE') continue;
    const money = kept.get(id) ?? 0;
    const onDelivery = state.payment.method === 'cod' && 'paid' in state && !state.paid;
    const owed = 'charged' in state && !onDelivery ? state.charged : 0;
    if (money !== owed) faults.push(`${id} (${state.status}): ${money} paise kept, ${owed} owed`);
  }
  return faults;
}

/** Captured and neither refunded nor about to be. */
export function keptOf(state: PaymentState): number {
  if (state.status !== 'captured') return 0;
  const { capture, refunds } = state;
  const back = refunds.filter(
    (refund) => refund.gatewayPaymentId === capture.gatewayPaymentId && refund.status !== 'failed',
  );
  return capture.amount - back.reduce((sum, { amount }) => sum + amount, 0);
}
