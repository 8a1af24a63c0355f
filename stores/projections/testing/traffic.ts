/** A shop without a front door: real actors over a real event log, and orders that go every way an order can go. */
import type { OrderId, PaymentId, Pincode, ProductId, RefundId, SellerId, Sku, UserId } from '../../../actors/ids.ts';
import { paise } from '../../../actors/ids.ts';
import { order } from '../../../actors/order/kind.ts';
import type { OrderLine, OrderView } from '../../../actors/order/order.ts';
import { placedBy } from '../../../actors/order/testing/history.ts';
import { payment } from '../../../actors/payment/kind.ts';
import type { PaymentView } from '../../../actors/payment/payment.ts';
import { type ActorHost, createActorHost } from '../../../actors/runtime/host.ts';
import { sku } from '../../../actors/sku/kind.ts';
import type { Allocation, SkuView } from '../../../actors/sku/sku.ts';
import { wallet } from '../../../actors/wallet/kind.ts';
import type { WalletView } from '../../../actors/wallet/wallet.ts';
import type { EventLog } from '../../event-log.ts';

export const SKUS = ['KETTLE', 'CUP', 'LAMP', 'RUG'] as readonly string[] as readonly Sku[];
const WAREHOUSES = [
  { warehouseId: 'wh_del', pincode: '110037' },
  { warehouseId: 'wh_blr', pincode: '560048' },
] as const;
const PINCODE = '560001' as Pincode;

export type Fate = 'paid' | 'failed' | 'cancelled' | 'delivered' | 'pending' | 'lapsed';
export const FATES: readonly Fate[] = ['paid', 'failed', 'cancelled', 'delivered', 'pending', 'lapsed'];

export class Traffic {
  readonly host: ActorHost;
  readonly orders: OrderId[] = [];
  #commands = 0;

  constructor(log: EventLog) {
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    this.host = createActorHost({ log, kinds: [order, payment, sku, wallet], owns: () => true, logger });
  }

  async stock(units: number): Promise<void> {
    for (const id of SKUS)
      for (const warehouse of WAREHOUSES)
        await this.command('sku', id, 'setStock', { ...warehouse, onHand: units, reorderPoint: 5 });
  }

  /** `lines`: how many lines it has; many make a state too large to travel with every commit. */
  async buy(fate: Fate, lines = 2): Promise<OrderId> {
    const number = this.orders.length + 1;
    const id = `ord_${number.toString(16).padStart(32, '0')}` as OrderId;
    this.orders.push(id);
    const paymentId = id.replace('ord_', 'pay_') as PaymentId;
    const of = linesOf(number, lines);
    const { type: _, ...template } = placedBy();
    const total = paise(of.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0));
    await this.command('order', id, 'place', {
      ...template,
      userId: userOf(number),
      lines: of,
      totals: { items: total, discount: 0, shipping: 0, tax: 0, total },
      payment: { id: paymentId, method: 'upi', gateway: 'razorpay' },
      reservedUntil: Date.now() + 600_000,
    });
    const ours = of.filter(({ sku }) => SKUS.includes(sku));
    const expiresAt = fate === 'lapsed' ? Date.now() - 1_000 : Date.now() + 600_000;
    const held = new Map<Sku, readonly Allocation[]>();
    for (const line of ours) {
      const input = { orderId: id, quantity: line.quantity, pincode: PINCODE, expiresAt };
      const { allocations } = await this.command<{ allocations: Allocation[] }>('sku', line.sku, 'reserve', input);
      held.set(line.sku, allocations);
    }
    const offer = { gatewayOrderId: `gw_${number}`, paymentUrl: `https://pay.example/${number}` };
    await this.command('order', id, 'recordReservation', { allocations: Object.fromEntries(held), ...offer });
    const asked = { orderId: id, userId: userOf(number), amount: total, method: 'upi', gateway: 'razorpay' };
    await this.command('payment', paymentId, 'open', { ...asked, ...offer });
    await this.#meet(fate, id, paymentId, ours, held, total);
    await this.#keep(fate, id, number);
    return id;
  }

  /** Some of it through the customer's wallet. */
  async #keep(fate: Fate, orderId: OrderId, number: number): Promise<void> {
    const user = userOf(number);
    await this.command('wallet', user, 'recordKyc', { level: 'full', reference: 'kyc_1' });
    await this.command('wallet', user, 'topUp', { topUpId: `top_${number}`, amount: 500 });
    const expiresAt = Date.now() + 600_000;
    await this.command('wallet', user, 'grant', { grantId: `grt_${number}`, amount: 100, expiresAt, reason: 'test' });
    await this.command('wallet', user, 'hold', { orderId, amount: 300, until: expiresAt });
    if (fate === 'pending') return;
    const paid = fate === 'paid' || fate === 'delivered' || fate === 'cancelled';
    await this.command('wallet', user, paid ? 'commit' : 'release', { orderId });
    if (fate === 'cancelled')
      await this.command('wallet', user, 'refund', { orderId, refundId: `rfd_${number}`, amount: 250 });
  }

  async #meet(
    fate: Fate,
    id: OrderId,
    paymentId: PaymentId,
    lines: readonly OrderLine[],
    held: ReadonlyMap<Sku, readonly Allocation[]>,
    total: number,
  ): Promise<void> {
    const gatewayPaymentId = `g${paymentId}`;
    if (fate === 'pending') return;
    if (fate === 'failed') {
      await this.command('payment', paymentId, 'recordFailure', { gatewayPaymentId, code: 'NO', description: 'no' });
      await this.command('order', id, 'recordPaymentFailure', { reason: 'no' });
      for (const line of lines) await this.command('sku', line.sku, 'release', { orderId: id });
      await this.command('order', id, 'cancel', { cancellationId: 'failed', reason: 'no', by: 'customer' });
      return;
    }
    await this.command('payment', paymentId, 'recordCapture', {
      gatewayPaymentId,
      amount: total,
      gatewayAt: Date.now(),
    });
    await this.command('order', id, 'recordPayment', { paymentId });
    for (const { sku, quantity } of lines) {
      // Somebody asks for the stock in between: what has expired is taken back, and the sale is served afresh.
      if (fate === 'lapsed') await this.command('sku', sku, 'adjustStock', { ...adjusted, delta: 1, reason: 'found' });
      await this.command('sku', sku, 'commit', { orderId: id, quantity, pincode: PINCODE });
    }
    if (fate === 'cancelled') await this.#cancel(id, paymentId, held, total);
    if (fate !== 'delivered') return;
    for (const step of ['startProcessing', 'ship', 'deliver']) await this.command('order', id, step, {});
    await this.command('order', id, 'requestReturn', { returnId: 'ret_1', reason: 'too small', skus: [lines[0]?.sku] });
  }

  async #cancel(id: OrderId, paymentId: PaymentId, held: ReadonlyMap<Sku, readonly Allocation[]>, amount: number) {
    await this.command('order', id, 'cancel', { cancellationId: `cancel-${id}`, reason: 'no more', by: 'customer' });
    for (const [sku, allocations] of held)
      await this.command('sku', sku, 'restock', { orderId: id, reference: 'cancel', allocations });
    const refundId = id.replace('ord_', 'rfd_') as RefundId;
    await this.command('payment', paymentId, 'requestRefund', { refundId, amount, reason: 'cancelled' });
    await this.command('payment', paymentId, 'recordRefund', { refundId, gatewayRefundId: `g${refundId}` });
    await this.command('order', id, 'recordRefund', { refundId, amount });
  }

  async command<R = unknown>(kind: string, id: string, type: string, input: object): Promise<R> {
    const commandId = `cmd_${++this.#commands}`;
    const reply = await this.host.command({ kind, id, type, input, commandId, deadline: Date.now() + 20_000 });
    if ('failure' in reply || !reply.ok) throw new Error(`${kind} ${id} ${type}: ${JSON.stringify(reply)}`);
    return reply.result as R;
  }

  order = (id: string) => this.#read<OrderView>('order', id);
  payment = (id: string) => this.#read<PaymentView>('payment', id);
  sku = (id: string) => this.#read<SkuView>('sku', id);
  wallet = (id: string) => this.#read<WalletView>('wallet', id);

  async #read<V>(kind: string, id: string): Promise<{ readonly version: number; readonly view: V }> {
    const reply = await this.host.read(kind, id, Date.now() + 20_000);
    if ('failure' in reply) throw new Error(`${kind} ${id}: ${reply.failure}`);
    return reply as { version: number; view: V };
  }
}

const adjusted = { warehouseId: 'wh_blr' };
export const userOf = (number: number): UserId => `usr_${number % 3}` as UserId;

/** The first two are of the SKUs in stock. */
const linesOf = (number: number, count: number): readonly OrderLine[] =>
  Array.from({ length: count }, (_, n) => ({
    sku: (n < 2 ? SKUS[(number + n) % SKUS.length] : `EXTRA-${n}`) as Sku,
    productId: `prd_${n}` as ProductId,
    sellerId: 'sel_1' as SellerId,
    name: `A thing with a name, number ${n}`,
    quantity: 1 + (number % 2),
    unitPrice: paise(10_000 + n),
  }));
