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
  recordFailure: {
    input: { readonly gatewayPaymentId: string; readonly code: string; readonly description: string };
    result: null;
    rejection: UnknownPayment;
  };
  /** Refunds from the taken capture. `refundId` makes it once. */
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
      readonly capture?: { readonly gatewayPaymentId: string; readonly amount: Paise; readonly gatewayAt: Instant };
      readonly failures: number;
      readonly refunds: readonly RefundView[];
    };
