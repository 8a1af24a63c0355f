/**
 * What the simulator remembers, and how it writes it down. Facts are small, the entities of the API are made from them
 * when they are asked for (entities.ts): a day of selling stays in memory.
 */
export type Notes = Readonly<Record<string, string>>;
export type Method = 'upi' | 'card' | 'netbanking';
export type EventName = 'payment.captured' | 'order.paid' | 'payment.failed' | 'refund.processed' | 'refund.failed';
/** A webhook that is owed: its id and what it is of. Its body is made when it is sent, the same every time. */
export type Owed = { readonly id: string; readonly name: EventName };

/** Times are seconds since the epoch, amounts paise. One line of the journal each. */
export type Fact =
  | {
      readonly type: 'order';
      readonly id: string;
      readonly amount: number;
      readonly receipt: string | null;
      readonly notes: Notes;
      readonly at: number;
    }
  | {
      readonly type: 'payment';
      readonly id: string;
      readonly order: string;
      readonly method: Method;
      readonly captured: boolean;
      readonly at: number;
      readonly owed: readonly Owed[];
    }
  | {
      readonly type: 'refund';
      readonly id: string;
      readonly payment: string;
      readonly amount: number;
      readonly receipt: string | null;
      readonly notes: Notes;
      /** `X-Refund-Idempotency`. */
      readonly key: string | null;
      readonly at: number;
    }
  | {
      readonly type: 'refund-ended';
      readonly id: string;
      readonly as: 'processed' | 'failed';
      readonly at: number;
      readonly owed: Owed;
    }
  | { readonly type: 'delivered'; readonly id: string };

export type OrderRecord = Omit<Extract<Fact, { type: 'order' }>, 'type'> & { readonly payments: PaymentRecord[] };

export type PaymentRecord = {
  readonly id: string;
  readonly order: OrderRecord;
  readonly method: Method;
  readonly captured: boolean;
  readonly at: number;
  readonly refunds: RefundRecord[];
};

export type RefundRecord = {
  readonly id: string;
  readonly payment: PaymentRecord;
  readonly amount: number;
  readonly receipt: string | null;
  readonly notes: Notes;
  readonly at: number;
  status: 'pending' | 'processed' | 'failed';
};

export type Webhook = Owed & { readonly at: number; readonly of: PaymentRecord | RefundRecord };

export const isPaid = (order: OrderRecord): boolean => order.payments.some(({ captured }) => captured);

/** What of a payment has been given back or is on its way; a refund that failed is not. */
export const refundedOf = (payment: PaymentRecord, upTo?: RefundRecord): number => {
  let total = 0;
  for (const refund of payment.refunds) {
    if (refund.status !== 'failed') total += refund.amount;
    if (refund === upTo) break;
  }
  return total;
};
