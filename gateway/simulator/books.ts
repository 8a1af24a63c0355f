/** The simulator's books: orders, payments, refunds. Every change is in the journal before it is answered. */
import { gatewayId, type Notes, nowInSeconds, type Order, type Payment, type Refund } from './entities.ts';
import { Journal } from './journal.ts';

export type WebhookEvent = { readonly id: string; readonly body: string };
type Entry =
  | { readonly order: Order }
  | { readonly order: Order; readonly payment: Payment; readonly event?: WebhookEvent }
  | { readonly payment: Payment; readonly refund: Refund; readonly event?: WebhookEvent }
  | { readonly delivered: string };

/** A refusal in Razorpay's words. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, description: string) {
    super(description);
    this.name = 'Refused';
    this.status = status;
  }
}

export class Books {
  readonly #orders = new Map<string, Order>();
  readonly #payments = new Map<string, Payment>();
  readonly #paymentsOfOrder = new Map<string, string[]>();
  readonly #refunds = new Map<string, Refund>();
  readonly #refundsOfPayment = new Map<string, string[]>();
  readonly #undelivered = new Map<string, WebhookEvent>();
  #journal: Journal<Entry> | undefined;

  static async open(path: string): Promise<Books> {
    const books = new Books();
    books.#writeTo(await Journal.open<Entry>(path, (entry) => books.#apply(entry)));
    return books;
  }

  #writeTo(journal: Journal<Entry>): void {
    this.#journal = journal;
  }

  #apply(entry: Entry): void {
    if ('order' in entry) this.#orders.set(entry.order.id, entry.order);
    if ('payment' in entry) {
      const { payment } = entry;
      if (!this.#payments.has(payment.id)) push(this.#paymentsOfOrder, payment.order_id, payment.id);
      this.#payments.set(payment.id, payment);
    }
    if ('refund' in entry) {
      const { refund } = entry;
      if (!this.#refunds.has(refund.id)) push(this.#refundsOfPayment, refund.payment_id, refund.id);
      this.#refunds.set(refund.id, refund);
    }
    if ('event' in entry && entry.event) this.#undelivered.set(entry.event.id, entry.event);
    if ('delivered' in entry) this.#undelivered.delete(entry.delivered);
  }

  async #record(entry: Entry): Promise<void> {
    this.#apply(entry);
    await this.#journal?.append(entry);
  }

  async createOrder(input: { amount: number; receipt: string | null; notes: Notes }): Promise<Order> {
    const order: Order = {
      id: gatewayId('order'),
      entity: 'order',
      ...input,
      amount_paid: 0,
      amount_due: input.amount,
      currency: 'INR',
      offer_id: null,
      status: 'created',
      attempts: 0,
      created_at: nowInSeconds(),
    };
    await this.#record({ order });
    return order;
  }

  /** Throws Refused: unknown order, or paid already. */
  async pay(
    orderId: string,
    outcome: 'success' | 'failure',
    method: Payment['method'],
  ): Promise<{ payment: Payment; event: WebhookEvent }> {
    const order = this.order(orderId);
    if (order.status === 'paid') throw new Refused(409, 'The order has been paid already');
    const paid = outcome === 'success';
    const failure = {
      error_code: 'BAD_REQUEST_ERROR',
      error_description: "Payment was unsuccessful as it was declined by the customer's bank",
      error_source: 'bank',
      error_step: 'payment_authorization',
      error_reason: 'payment_failed',
    };
    const payment: Payment = {
      id: gatewayId('pay'),
      entity: 'payment',
      amount: order.amount,
      currency: 'INR',
      status: paid ? 'captured' : 'failed',
      order_id: order.id,
      invoice_id: null,
      international: false,
      method,
      amount_refunded: 0,
      refund_status: null,
      captured: paid,
      description: null,
      vpa: method === 'upi' ? 'customer@upi' : null,
      email: 'customer@example.com',
      contact: '+919000000000',
      notes: [],
      fee: paid ? Math.round(order.amount * 0.0236) : null,
      tax: paid ? Math.round(order.amount * 0.0036) : null,
      ...(paid
        ? { error_code: null, error_description: null, error_source: null, error_step: null, error_reason: null }
        : failure),
      created_at: nowInSeconds(),
    };
    const after: Order = {
      ...order,
      attempts: order.attempts + 1,
      ...(paid ? { status: 'paid', amount_paid: order.amount, amount_due: 0 } : { status: 'attempted' }),
    };
    const event = paid ? webhook('order.paid', { payment, order: after }) : webhook('payment.failed', { payment });
    await this.#record({ order: after, payment, event });
    return { payment, event };
  }

  /** Throws Refused: unknown payment, not captured, or more than is left of it. */
  async refund(
    paymentId: string,
    input: { amount?: number | undefined; notes: Notes; receipt: string | null },
  ): Promise<{ refund: Refund; event: WebhookEvent }> {
    const payment = this.payment(paymentId);
    if (!payment.captured) throw new Refused(400, 'The payment status should be captured for action to be taken');
    const left = payment.amount - payment.amount_refunded;
    const amount = input.amount ?? left;
    if (amount < 100 && amount !== left) throw new Refused(400, 'The amount must be atleast INR 1.00');
    if (amount <= 0 || amount > left) {
      throw new Refused(400, 'The total refund amount is greater than the refund payment amount');
    }
    const refund: Refund = {
      id: gatewayId('rfnd'),
      entity: 'refund',
      amount,
      currency: 'INR',
      payment_id: payment.id,
      notes: input.notes,
      receipt: input.receipt,
      status: 'processed',
      speed_requested: 'normal',
      speed_processed: 'normal',
      created_at: nowInSeconds(),
    };
    const refunded = payment.amount_refunded + amount;
    const whole = refunded === payment.amount;
    const after: Payment = {
      ...payment,
      amount_refunded: refunded,
      refund_status: whole ? 'full' : 'partial',
      status: whole ? 'refunded' : payment.status,
    };
    const event = webhook('refund.processed', { payment: after, refund });
    await this.#record({ payment: after, refund, event });
    return { refund, event };
  }

  order(id: string): Order {
    return this.#orders.get(id) ?? unknown();
  }

  payment(id: string): Payment {
    return this.#payments.get(id) ?? unknown();
  }

  refundById(id: string): Refund {
    return this.#refunds.get(id) ?? unknown();
  }

  ordersWithReceipt(receipt: string): readonly Order[] {
    return [...this.#orders.values()].filter((order) => order.receipt === receipt);
  }

  paymentsOf(orderId: string): readonly Payment[] {
    return (this.#paymentsOfOrder.get(this.order(orderId).id) ?? []).map((id) => this.payment(id));
  }

  refundsOf(paymentId: string): readonly Refund[] {
    return (this.#refundsOfPayment.get(this.payment(paymentId).id) ?? []).map((id) => this.refundById(id));
  }

  /** For reckonings: what was taken and given back, by order. Amounts in paise. */
  ledger(): readonly { gatewayOrderId: string; receipt: string | null; captured: number; refunded: number }[] {
    return [...this.#orders.values()]
      .filter(({ attempts }) => attempts > 0)
      .map(({ id, receipt }) => {
        const captured = this.paymentsOf(id).filter((payment) => payment.captured);
        return {
          gatewayOrderId: id,
          receipt,
          captured: captured.reduce((sum, { amount }) => sum + amount, 0),
          refunded: captured.reduce((sum, payment) => sum + payment.amount_refunded, 0),
        };
      });
  }

  undelivered(): readonly WebhookEvent[] {
    return [...this.#undelivered.values()];
  }

  delivered(eventId: string): Promise<void> {
    return this.#record({ delivered: eventId });
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }
}

const unknown = (): never => {
  throw new Refused(400, 'The id provided does not exist');
};

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** https://razorpay.com/docs/webhooks/payloads */
function webhook(event: string, entities: Readonly<Record<string, Order | Payment | Refund>>): WebhookEvent {
  const body = {
    entity: 'event',
    account_id: 'acc_HaatSimulator1',
    event,
    contains: Object.keys(entities),
    payload: Object.fromEntries(Object.entries(entities).map(([name, entity]) => [name, { entity }])),
    created_at: nowInSeconds(),
  };
  return { id: gatewayId('evt'), body: JSON.stringify(body) };
}
