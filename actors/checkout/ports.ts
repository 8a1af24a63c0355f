/** What the process managers need from outside the actors. Adapters: stores/ (reservations), gateway/… never. */
import type { Instant, OrderId, Paise, PaymentId, RefundId } from '../ids.ts';
import type { PaymentMethod } from '../order/order.ts';

/** The KV bucket `reservations`: a once-only claim with a durable deadline. */
export type Reservations = {
  /** `create` with a per-key TTL. False: somebody has claimed it before (an earlier run of the same checkout). */
  claim(orderId: OrderId, ttlMs: number): Promise<boolean>;
  /** Gone, without a marker that would wake anybody. Harmless when absent. */
  clear(orderId: OrderId): Promise<void>;
  /** There, for so long from now, whatever was there before: the order is woken then and not before. */
  keep(orderId: OrderId, ttlMs: number): Promise<void>;
};

export type GatewayOrder = { readonly gatewayOrderId: string; readonly paymentUrl: string };

/** The outside party did not answer, or not with sense. `retryable: false` = asking again will not help. */
export class GatewayError extends Error {
  readonly code: 'timeout' | 'unavailable' | 'refused' | 'invalid-answer';
  readonly retryable: boolean;
  constructor(code: GatewayError['code'], message: string, options?: { cause?: unknown; retryable?: boolean }) {
    super(message, options);
    this.name = 'GatewayError';
    this.code = code;
    this.retryable = options?.retryable ?? code !== 'refused';
  }
}

/** What a webhook of any gateway says, in our words. */
export type GatewayNotice =
  | {
      readonly type: 'captured';
      readonly paymentId: PaymentId;
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly gatewayAt: Instant;
      /** The gateway's own name for the card that paid, if one did: no number, nor anything that one could be made from. */
      readonly card?: string;
    }
  | {
      readonly type: 'failed';
      readonly paymentId: PaymentId;
      readonly gatewayPaymentId: string;
      readonly code: string;
      readonly description: string;
    }
  | {
      readonly type: 'refunded';
      readonly paymentId: PaymentId;
      readonly refundId: RefundId;
      readonly gatewayRefundId: string;
    }
  | {
      readonly type: 'refund-failed';
      readonly paymentId: PaymentId;
      readonly refundId: RefundId;
      readonly reason: string;
    }
  /** The money is promised, not taken: `capture` takes it, until `expiresAt`. Only of gateways that settle `on-capture`. */
  | {
      readonly type: 'authorised';
      readonly paymentId: PaymentId;
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly gatewayAt: Instant;
      readonly expiresAt: Instant;
    }
  /** The promise is off: voided by us, or run out. */
  | { readonly type: 'voided'; readonly paymentId: PaymentId; readonly gatewayPaymentId: string }
  /** A true message that asks nothing of us. */
  | { readonly type: 'ignored'; readonly event: string };

/** Who pays, as far as a gateway wants to know it; never kept, never logged. Phone: ten digits. */
export type PayingCustomer = { readonly name: string; readonly email?: string; readonly phone: string };

/**
 * `closed`: it answers. `open`: it did not answer lately and is not asked. `half-open`: time to ask once whether it does.
 */
export type GatewayHealth = 'closed' | 'half-open' | 'open';

/** What a lender says of a customer. `reason` is the lender's word, for the log and not for the customer. */
export type Eligibility =
  | { readonly eligible: true; readonly limit: Paise }
  | { readonly eligible: false; readonly reason: string };

/**
 * One way to take money. Every call has a time-out and is safe to repeat with the same ids. The parts marked optional
 * are abilities: a gateway has one if it has the function.
 */
export type PaymentGateway = {
  readonly name: string;
  readonly methods: readonly PaymentMethod[];
  /**
   * `prepaid`: the order waits for a capture. `on-capture`: it waits for an authorisation, the money is taken on delivery.
   * `on-delivery`: it is confirmed at once and nothing is opened outside.
   */
  readonly settles: 'prepaid' | 'on-capture' | 'on-delivery';
  /** Optional, of gateways that are asked over a network. */
  readonly health?: () => GatewayHealth;
  /** Throws GatewayError. */
  open(payment: {
    paymentId: PaymentId;
    orderId: OrderId;
    amount: Paise;
    method: PaymentMethod;
    customer?: PayingCustomer;
  }): Promise<GatewayOrder | undefined>;
  /** Throws GatewayError. `requested`: a later webhook will tell how it ended. */
  refund(refund: {
    paymentId: PaymentId;
    refundId: RefundId;
    gatewayPaymentId: string;
    amount: Paise;
    reason: string;
  }): Promise<{ readonly gatewayRefundId: string; readonly status: 'processed' | 'requested' }>;
  /**
   * Checks the signature over the raw body, in constant time, then reads it.
   * undefined: the signature is wrong. Throws GatewayError `invalid-answer` for a signed body that makes no sense.
   */
  readWebhook(
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): Promise<GatewayNotice | undefined>;
  /** Optional: whether this customer may pay so much in this way. Throws GatewayError. */
  readonly eligible?: (asked: { customer: PayingCustomer; amount: Paise }) => Promise<Eligibility>;
  /**
   * Optional: takes an authorised amount, or a part of it, once; the rest of the promise is off. Throws GatewayError,
   * `refused` if it was voided, has run out, or was captured in another amount.
   */
  readonly capture?: (capture: { paymentId: PaymentId; gatewayPaymentId: string; amount: Paise }) => Promise<void>;
  /** Optional: gives the promise back. Throws GatewayError, `refused` if it was captured: that is refunded. */
  readonly void?: (authorised: { paymentId: PaymentId; gatewayPaymentId: string }) => Promise<void>;
  /**
   * Optional: what its webhooks would have told of this payment so far, by asking; for those that never came. Attempts
   * first, then refunds. Nothing known yet: an empty list. Throws GatewayError.
   */
  readonly status?: (payment: { paymentId: PaymentId; gatewayOrderId: string }) => Promise<readonly GatewayNotice[]>;
};
