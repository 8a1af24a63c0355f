/** The simulator's books: orders, payments, refunds, and the webhooks it owes. A change is written before it is told. */
import type {
  EventName,
  Fact,
  Method,
  Notes,
  OrderRecord,
  Owed,
  PaymentRecord,
  RefundRecord,
  Webhook,
} from './facts.ts';
import { isPaid, refundedOf } from './facts.ts';
import { gatewayId } from './ids.ts';
import { Journal } from './journal.ts';

/** A refusal in Razorpay's words. */
export class Refused extends Error {
  readonly status: number;
  readonly field: string | undefined;
  constructor(status: number, description: string, field?: string) {
    super(description);
    this.name = 'Refused';
    this.status = status;
    this.field = field;
  }
}

export class Books {
  readonly #orders = new Map<string, OrderRecord>();
  readonly #byReceipt = new Map<string, OrderRecord[]>();
  readonly #payments = new Map<string, PaymentRecord>();
  readonly #refunds = new Map<string, RefundRecord>();
  readonly #refundByKey = new Map<string, RefundRecord>();
  readonly #owed = new Map<string, Webhook>();
  readonly #pending = new Set<RefundRecord>();
  #journal: Journal<Fact> | undefined;

  static async open(path: string): Promise<Books> {
    const books = new Books();
    await books.#read(path);
    return books;
  }

  async #read(path: string): Promise<void> {
    this.#journal = await Journal.open<Fact>(path, (fact) => this.#apply(fact));
  }

  #apply(fact: Fact): void {
    switch (fact.type) {
      case 'order': {
        const { id, amount, receipt, notes, at } = fact;
        const order = { id, amount, receipt, notes, at, payments: [] };
        this.#orders.set(id, order);
        if (receipt === null) return;
        const same = this.#byReceipt.get(receipt);
        if (same) same.push(order);
        else this.#byReceipt.set(receipt, [order]);
        return;
      }
      case 'payment': {
        const { id, method, captured, at, owed } = fact;
        const order = this.order(fact.order);
        const payment = { id, order, method, captured, at, refunds: [] };
        this.#payments.set(id, payment);
        order.payments.push(payment);
        for (const one of owed) this.#owed.set(one.id, { ...one, at, of: payment });
        return;
      }
      case 'refund': {
        const { id, amount, receipt, notes, key, at } = fact;
        const payment = this.payment(fact.payment);
        const refund: RefundRecord = { id, payment, amount, receipt, notes, at, status: 'pending' };
        this.#refunds.set(id, refund);
        payment.refunds.push(refund);
        this.#pending.add(refund);
        if (key !== null) this.#refundByKey.set(key, refund);
        return;
      }
      case 'refund-ended': {
        const refund = this.refundById(fact.id);
        refund.status = fact.as;
        this.#pending.delete(refund);
        this.#owed.set(fact.owed.id, { ...fact.owed, at: fact.at, of: refund });
        return;
      }
      case 'delivered':
        this.#owed.delete(fact.id);
        return;
      default:
        fact satisfies never;
    }
  }

  #record(fact: Fact): Promise<void> {
    this.#apply(fact);
    return this.#journal?.append(fact) ?? Promise.resolve();
  }

  async createOrder(input: { amount: number; receipt: string | null; notes: Notes }): Promise<OrderRecord> {
    const id = gatewayId('order');
    await this.#record({ type: 'order', id, ...input, at: now() });
    return this.order(id);
  }

  /** Throws Refused: unknown order, or paid already. `tells`: the events of a success. */
  async pay(
    orderId: string,
    outcome: 'success' | 'failure',
    method: Method,
    tells: readonly EventName[],
  ): Promise<{ payment: PaymentRecord; owed: readonly Webhook[] }> {
    const order = this.order(orderId);
    if (isPaid(order)) throw new Refused(409, 'The order has been paid already');
    const id = gatewayId('pay');
    const captured = outcome === 'success';
    const owed = (captured ? tells : (['payment.failed'] as const)).map(newlyOwed);
    await this.#record({ type: 'payment', id, order: orderId, method, captured, at: now(), owed });
    return { payment: this.payment(id), owed: this.#webhooks(owed) };
  }

  /**
   * A refund with the key of an earlier one is that one; https://razorpay.com/docs/api/refunds/normal-refunds-idempotent
   * Throws Refused: unknown payment, not captured, more than is left of it, or the key of a different refund.
   */
  async refund(
    paymentId: string,
    input: { amount?: number | undefined; notes: Notes; receipt: string | null; key: string | null },
  ): Promise<RefundRecord> {
    const payment = this.payment(paymentId);
    const { notes, receipt, key } = input;
    const left = payment.order.amount - refundedOf(payment);
    const earlier = key === null ? undefined : this.#refundByKey.get(key);
    if (earlier) {
      const same = earlier.payment === payment && (input.amount ?? earlier.amount) === earlier.amount;
      if (!same || JSON.stringify(earlier.notes) !== JSON.stringify(notes))
        throw new Refused(400, 'Different request with the same idempotency key has already been processed.');
      return earlier;
    }
    if (!payment.captured) throw new Refused(400, 'The payment status should be captured for action to be taken');
    if (left === 0) throw new Refused(400, 'The payment has been fully refunded already');
    const amount = input.amount ?? left;
    if (amount < 100) throw new Refused(400, 'The amount must be at least INR 1.00', 'amount');
    if (amount > left)
      throw new Refused(400, 'The total refund amount is greater than the refund payment amount', 'amount');
    const id = gatewayId('rfnd');
    await this.#record({ type: 'refund', id, payment: paymentId, amount, receipt, notes, key, at: now() });
    return this.refundById(id);
  }

  /** How the bank took it. undefined: it was known. */
  async endRefund(refund: RefundRecord, as: 'processed' | 'failed'): Promise<Webhook | undefined> {
    if (refund.status !== 'pending') return undefined;
    const owed = newlyOwed(`refund.${as}`);
    await this.#record({ type: 'refund-ended', id: refund.id, as, at: now(), owed });
    return this.#owed.get(owed.id);
  }

  order(id: string): OrderRecord {
    return this.#orders.get(id) ?? unknown();
  }

  payment(id: string): PaymentRecord {
    return this.#payments.get(id) ?? unknown();
  }

  refundById(id: string): RefundRecord {
    return this.#refunds.get(id) ?? unknown();
  }

  ordersWithReceipt(receipt: string): readonly OrderRecord[] {
    return this.#byReceipt.get(receipt) ?? [];
  }

  /** The last ones made, newest first. */
  latest(count: number): readonly OrderRecord[] {
    return [...this.#orders.values()].slice(-count).reverse();
  }

  /** For reckonings: what was taken and given back, by order that anybody tried to pay. Amounts in paise. */
  ledger() {
    return [...this.#orders.values()]
      .filter(({ payments }) => payments.length > 0)
      .map((order) => ({
        gatewayOrderId: order.id,
        receipt: order.receipt,
        amount: order.amount,
        paid: isPaid(order),
        attempts: order.payments.length,
        captured: isPaid(order) ? order.amount : 0,
        refunded: order.payments.reduce((total, { refunds }) => total + processed(refunds), 0),
      }));
  }

  owed(): readonly Webhook[] {
    return [...this.#owed.values()];
  }

  pendingRefunds(): readonly RefundRecord[] {
    return [...this.#pending];
  }

  delivered(id: string): Promise<void> {
    return this.#record({ type: 'delivered', id });
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }

  #webhooks(owed: readonly Owed[]): readonly Webhook[] {
    return owed.flatMap(({ id }) => this.#owed.get(id) ?? []);
  }
}

const unknown = (): never => {
  throw new Refused(400, 'The id provided does not exist');
};

const now = (): number => Math.floor(Date.now() / 1_000);

const newlyOwed = (name: EventName): Owed => ({ id: gatewayId('evt'), name });

const processed = (refunds: readonly RefundRecord[]): number =>
  refunds.reduce((total, { status, amount }) => total + (status === 'processed' ? amount : 0), 0);
