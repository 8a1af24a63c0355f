/**
 * One try of a customer to pay an order, in one way: the actor's id is the payment's; another try is another payment. It
 * records what gateways say happened and decides what follows from it once: a capture is taken once, whatever repeats or
 * comes out of order; money that came twice, or in the wrong amount, is refunded. Where the money is promised first
 * (`on-capture`), it also says when to take it and when to let it go.
 *
 * More than one gateway may hold the payment, if one gave no answer and the next was asked: events name the gateway they
 * are about (`gateway`) where it is not the payment's own.
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
      /** Gateways that were asked before, in vain. */
      readonly tries?: readonly GatewayTry[];
    }
  /** `gateway`: that it was opened with, from now on the payment's own. */
  | {
      readonly type: 'GatewayOrderAttached';
      readonly gatewayOrderId: string;
      readonly paymentUrl: string;
      readonly gateway?: string;
      readonly tries?: readonly GatewayTry[];
    }
  /** The money is promised until `expiresAt`; CaptureRequested takes it, VoidRequested lets it go. */
  | {
      readonly type: 'PaymentAuthorised';
      readonly orderId: OrderId;
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly gatewayAt: Instant;
      readonly expiresAt: Instant;
      readonly gateway?: string;
    }
  /** So much of what is promised; the rest of the promise is off. */
  | {
      readonly type: 'CaptureRequested';
      readonly orderId: OrderId;
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
    }
  | {
      readonly type: 'VoidRequested';
      readonly orderId: OrderId;
      readonly gatewayPaymentId: string;
      readonly reason: string;
      readonly gateway?: string;
    }
  /** The promise is off: by us, by the gateway, or because its time was over. */
  | { readonly type: 'PaymentVoided'; readonly orderId: OrderId; readonly gatewayPaymentId: string }
  | {
      readonly type: 'PaymentCaptured';
      readonly orderId: OrderId;
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly gatewayAt: Instant;
      readonly gateway?: string;
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
      readonly gateway?: string;
    }
  | {
      readonly type: 'RefundRequested';
      readonly orderId: OrderId;
      readonly refundId: RefundId;
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly reason: string;
      readonly gateway?: string;
    }
  | {
      readonly type: 'RefundProcessed';
      readonly orderId: OrderId;
      readonly refundId: RefundId;
      readonly gatewayRefundId: string;
      readonly amount: Paise;
    }
  | { readonly type: 'RefundFailed'; readonly orderId: OrderId; readonly refundId: RefundId; readonly reason: string };

/** A gateway that was asked to open the payment, and did not. */
export type GatewayTry = { readonly gateway: string; readonly why: string };

/** Failed attempts remembered by their gateway id, to tell a repeated notice from a new attempt. */
export const REMEMBERED_ATTEMPTS = 20;

export type UnknownPayment = { readonly type: 'unknown-payment' };
export type NothingToRefund = { readonly type: 'nothing-to-refund'; readonly refundable: Paise };
export type UnknownRefund = { readonly type: 'unknown-refund' };
/** Nothing is promised that could be taken or let go: not yet, not any more, or because it was taken. */
export type NothingPromised = { readonly type: 'nothing-promised'; readonly status: PaymentStatus };

export type PaymentContract = {
  open: {
    input: Omit<Extract<PaymentEvent, { type: 'PaymentOpened' }>, 'type'>;
    result: null;
    rejection: never;
  };
  attachGatewayOrder: {
    input: {
      readonly gatewayOrderId: string;
      readonly paymentUrl: string;
      readonly gateway?: string;
      readonly tries?: readonly GatewayTry[];
    };
    result: null;
    rejection: UnknownPayment;
  };
  /** `gateway`: who says it. Default: the payment's own. A promise that is not wanted is let go. */
  recordAuthorisation: {
    input: {
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly gatewayAt: Instant;
      readonly expiresAt: Instant;
      readonly gateway?: string;
    };
    result: { readonly taken: boolean };
    rejection: UnknownPayment;
  };
  recordVoid: { input: { readonly gatewayPaymentId: string }; result: null; rejection: UnknownPayment };
  /** Takes what is promised, or a part of it, once. Repeat, or taken already: no-op. */
  requestCapture: { input: { readonly amount: Paise }; result: null; rejection: UnknownPayment | NothingPromised };
  /** Lets the promise go. Repeat, or let go already: no-op. Refused once it is taken: that is refunded. */
  requestVoid: { input: { readonly reason: string }; result: null; rejection: UnknownPayment | NothingPromised };
  recordCapture: {
    input: {
      readonly gatewayPaymentId: string;
      readonly amount: Paise;
      readonly gatewayAt: Instant;
      readonly gateway?: string;
    };
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
  readonly gateway?: string;
} & (
  | { readonly status: 'requested' }
  | { readonly status: 'processed'; readonly gatewayRefundId: string }
  | { readonly status: 'failed'; readonly why: string }
);

export type Capture = {
  readonly gatewayPaymentId: string;
  readonly amount: Paise;
  readonly gatewayAt: Instant;
  readonly gateway?: string;
};

export type Authorisation = Capture & { readonly expiresAt: Instant };

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
  /** Promises that were not asked for, by their gateway payment ids. */
  readonly letGo?: readonly string[];
  readonly refunds: readonly Refund[];
  readonly tries?: readonly GatewayTry[];
};

export type PaymentStatus = 'none' | 'open' | 'authorised' | 'voided' | 'captured';

export type PaymentState =
  | { readonly status: 'none'; readonly id: PaymentId }
  | (Opened & { readonly status: 'open' })
  /** `ending`: it was asked to be taken, or to be let go; not both. */
  | (Opened & {
      readonly status: 'authorised';
      readonly authorisation: Authorisation;
      readonly ending: { readonly as: 'capture'; readonly amount: Paise } | { readonly as: 'void' } | null;
    })
  | (Opened & { readonly status: 'voided'; readonly authorisation: Authorisation })
  | (Opened & { readonly status: 'captured'; readonly capture: Capture });

export type OpenedPayment = Exclude<PaymentState, { status: 'none' }>;

export type RefundView = {
  readonly refundId: RefundId;
  readonly gatewayPaymentId: string;
  readonly gatewayRefundId?: string;
  readonly amount: Paise;
  readonly reason: string;
  readonly status: 'requested' | 'processed' | 'failed';
  /** Where the money came from, if not the payment's own gateway. */
  readonly gateway?: string;
};

export type PaymentView =
  | { readonly status: 'none' }
  | {
      readonly status: Exclude<PaymentStatus, 'none'>;
      readonly id: PaymentId;
      readonly orderId: OrderId;
      readonly userId: UserId;
      readonly amount: Paise;
      readonly method: PaymentMethod;
      readonly gateway: string;
      readonly gatewayOrderId?: string;
      readonly paymentUrl?: string;
      readonly authorisation?: Authorisation;
      readonly ending?: 'capture' | 'void';
      readonly capture?: Capture;
      readonly failures: number;
      readonly refunds: readonly RefundView[];
      readonly tries?: readonly GatewayTry[];
    };
