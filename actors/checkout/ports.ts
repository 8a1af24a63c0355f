/** What the process managers need from outside the actors. Adapters: stores/ (reservations), gateway/… never. */
import type { Instant, OrderId, Paise, PaymentId, RefundId } from '../ids.ts';
import type { PaymentMethod } from '../order/order.ts';

/** The KV bucket `reservations`: a once-only claim with a durable deadline. */
export type Reservations = {
  /** `create` with a per-key TTL. False: somebody has claimed it before (an earlier run of the same checkout). */
  claim(orderId: OrderId, ttlMs: number): Promise<boolean>;
  /** Gone, without a marker that would wake anybody. Harmless when absent. */
  clear(orderId: OrderId): Promise<void>;
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
  /** A true message that asks nothing of us. */
  | { readonly type: 'ignored'; readonly event: string };

/**
 * One way to take money. Razorpay, cash on delivery; PayU, a BNPL provider and the wallet fit the same port.
 * Every call has a time-out and is safe to repeat with the same ids.
 */
export type PaymentGateway = {
  readonly name: string;
  readonly methods: readonly PaymentMethod[];
  /** `prepaid`: the order waits for a capture. `on-delivery`: it is confirmed at once and nothing is opened outside. */
  readonly settles: 'prepaid' | 'on-delivery';
  /** Throws GatewayError. */
  open(payment: {
    paymentId: PaymentId;
    orderId: OrderId;
    amount: Paise;
    method: PaymentMethod;
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
};
