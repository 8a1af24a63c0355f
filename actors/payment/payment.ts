/**
 * One order's payment: the actor's id is the payment's. It records what the gateway says happened and decides
 * what follows from it once: a capture is taken once, whatever repeats or comes out of order; money that came
 * twice, or in the wrong amount, is refunded.
 */
import type { Instant, OrderId, Paise, PaymentId, RefundId, UserId } from '../ids.ts';
import type { PaymentMethod } from '../order/order.ts';

export type PaymentEvent =
  | {
      readonly type: 'PaymentOpened';
      readonly orderId: OrderId;
      readonly userId: UserId;
      readonly amount: Paise;
      readonly method: PaymentMethod;
      readonly gateway: string;
      readonly gatewayOrderId?: string;
      readonly paymentUrl?: string;
    }
  | { readonly type: 'GatewayOrderAttached'; readonly gatewayOrderId: string; readonly paymentUrl: string }
  | {
      readonly type: 'PaymentCaptured';
      readonly orderId: OrderId;
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly gatewayAt: Instant;
    }
  | {
      readonly type: 'PaymentAttemptFailed';
      readonly orderId: OrderId;
      readonly gatewayPaymentId: string;
      readonly code: string;
      readonly description: string;
    }
  /** A second capture, or one in the wrong amount: never used, always refunded (RefundRequested follows in the same commit). */
  | {
      readonly type: 'ExtraCaptureSeen';
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly why: 'duplicate' | 'wrong-amount';
    }
  | {
      readonly type: 'RefundRequested';
      readonly orderId: OrderId;
      readonly refundId: RefundId;
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly reason: string;
    }
  | {
      readonly type: 'RefundProcessed';
      readonly orderId: OrderId;
      readonly refundId: RefundId;
      readonly gatewayRefundId: string;
      readonly amount: Paise;
    }
  | { readonly type: 'RefundFailed'; readonly orderId: OrderId; readonly refundId: RefundId; readonly reason: string };

/** Failed attempts remembered by their gateway id, to tell a repeated notice from a new attempt. */
export const REMEMBERED_ATTEMPTS = 20;

export type UnknownPayment = { readonly type: 'unknown-payment' };
export type NothingToRefund = { readonly type: 'nothing-to-refund'; readonly refundable: Paise };
export type UnknownRefund = { readonly type: 'unknown-refund' };

export type PaymentContract = {
  open: {
    input: Omit<Extract<PaymentEvent, { type: 'PaymentOpened' }>, 'type'>;
    result: null;
    rejection: never;
  };
  attachGatewayOrder: {
    input: { readonly gatewayOrderId: string; readonly paymentUrl: string };
    result: null;
    rejection: UnknownPayment;
  };
  recordCapture: {
    input: { readonly gatewayPaymentId: string; readonly amount: Paise; readonly gatewayAt: Instant };
    result: { readonly taken: boolean };
    rejection: UnknownPayment;
  };
  /** Cash, taken at the door: it may be less than what was asked at first, if lines were cancelled since. */
  recordCollection: { input: { readonly amount: Paise }; result: null; rejection: UnknownPayment };
  /** After a capture it says nothing any more (accepted, no event). */
  recordFailure: {
    input: { readonly gatewayPaymentId: string; readonly code: string; readonly description: string };
    result: null;
    rejection: UnknownPayment;
  };
  /**
   * Refunds from the taken capture, never more than it. `refundId` makes it once; the same again after it has failed
   * asks the gateway again.
   */
  requestRefund: {
    input: { readonly refundId: RefundId; readonly amount: Paise; readonly reason: string };
    result: null;
    rejection: UnknownPayment | NothingToRefund;
  };
  recordRefund: {
    input: { readonly refundId: RefundId; readonly gatewayRefundId: string };
    result: null;
    rejection: UnknownRefund;
  };
  recordRefundFailure: {
    input: { readonly refundId: RefundId; readonly reason: string };
    result: null;
    rejection: UnknownRefund;
  };
};

export type Refund = {
  readonly refundId: RefundId;
  readonly gatewayPaymentId: string;
  readonly amount: Paise;
  readonly reason: string;
} & (
  | { readonly status: 'requested' }
  | { readonly status: 'processed'; readonly gatewayRefundId: string }
  | { readonly status: 'failed'; readonly why: string }
);

export type Capture = { readonly gatewayPaymentId: string; readonly amount: Paise; readonly gatewayAt: Instant };

type Opened = {
  readonly id: PaymentId;
  readonly orderId: OrderId;
  readonly userId: UserId;
  readonly amount: Paise;
  readonly method: PaymentMethod;
  readonly gateway: string;
  readonly offer: { readonly gatewayOrderId: string; readonly paymentUrl: string } | null;
  readonly attempts: readonly string[];
  readonly failures: number;
  /** Gateway payment ids of money that came without being asked for. */
  readonly extras: readonly string[];
  readonly refunds: readonly Refund[];
};

export type PaymentState =
  | { readonly status: 'none'; readonly id: PaymentId }
  | (Opened & { readonly status: 'open' })
  | (Opened & { readonly status: 'captured'; readonly capture: Capture });

export type OpenedPayment = Exclude<PaymentState, { status: 'none' }>;

export type RefundView = {
  readonly refundId: RefundId;
  readonly gatewayPaymentId: string;
  readonly gatewayRefundId?: string;
  readonly amount: Paise;
  readonly reason: string;
  readonly status: 'requested' | 'processed' | 'failed';
};

export type PaymentView =
  | { readonly status: 'none' }
  | {
      readonly status: 'open' | 'captured';
      readonly id: PaymentId;
      readonly orderId: OrderId;
      readonly userId: UserId;
      readonly amount: Paise;
      readonly method: PaymentMethod;
      readonly gateway: string;
      readonly gatewayOrderId?: string;
      readonly paymentUrl?: string;
      readonly capture?: Capture;
      readonly failures: number;
      readonly refunds: readonly RefundView[];
    };
