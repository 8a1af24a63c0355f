/**
 * One order, from checkout to return: the actor's id is the order's. The state machine of the API:
 *
 *   CREATED → PAYMENT_PENDING → CONFIRMED → PROCESSING → SHIPPED → DELIVERED → RETURN_REQUESTED → RETURNED
 *   CREATED → CANCELLED (out of stock) · PAYMENT_PENDING → PAYMENT_FAILED → CANCELLED
 *   PAYMENT_PENDING → CANCELLED (expired, or by the customer) · CONFIRMED, PROCESSING → CANCELLED
 *
 * Every line has a status of its own; the order's is the furthest that all its live lines share.
 */
import type {
  AddressId,
  Instant,

  Paise,
  PaymentId,
  Pincode,
  ProductId,
  RefundId,
  ReturnId,
  SellerId,
  Sku,
  UserId,
} from '../ids.ts';
import type { Allocation } from '../sku/sku.ts';

export const ORDER_STATUSES = [
  'CREATED',
  'PAYMENT_PENDING',
  'PAYMENT_FAILED',
  'CONFIRMED',
  'PROCESSING',
  'SHIPPED',
  'DELIVERED',
  'RETURN_REQUESTED',
  'RETURNED',
  'CANCELLED',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export type PaymentMethod = 'upi' | 'card' | 'netbanking' | 'paylater' | 'wallet' | 'cod';

export type OrderLine = {
  readonly sku: Sku;
  readonly productId: ProductId;
  readonly sellerId: SellerId;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Paise;
};

/** Prices are tax-inclusive; `tax` is the part included. total = items − discount + shipping. */
export type Totals = {
  readonly items: Paise;
  readonly discount: Paise;
  readonly shipping: Paise;
  readonly tax: Paise;
  readonly total: Paise;
};

export type ShippingAddress = {
  readonly id: AddressId;
  readonly name: string;
  readonly phone: string;
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  readonly state: string;
  readonly pincode: Pincode;
};

export type OrderPayment = {
  readonly id: PaymentId;
  readonly method: PaymentMethod;
  /** The adapter's name: `razorpay`, `cod`, … */
  readonly gateway: string;
  readonly status: 'pending' | 'captured' | 'failed' | 'refund-pending' | 'refunded' | 'not-collected';
  readonly gatewayOrderId?: string;
  readonly paymentUrl?: string;
};

export type CancelReason = 'out-of-stock' | 'payment-failed' | 'reservation-expired' | 'customer' | 'ops' | 'stock-lost';

export type OrderEvent =
  | {
      readonly type: 'OrderPlaced';
      readonly userId: UserId;
      readonly lines: readonly OrderLine[];
      readonly totals: Totals;
      readonly shippingAddress: ShippingAddress;
      readonly payment: { readonly id: PaymentId; readonly method: PaymentMethod; readonly gateway: string };
      readonly reservedUntil: Instant;
    }
  /** Every line is held; → PAYMENT_PENDING. */
  | {
      readonly type: 'OrderReserved';
      readonly allocations: Readonly<Record<Sku, readonly Allocation[]>>;
      readonly gatewayOrderId?: string;
      readonly paymentUrl?: string;
    }
  /** The gateway answered late; the customer can pay now. */
  | { readonly type: 'PaymentOffered'; readonly gatewayOrderId: string; readonly paymentUrl: string }
  /** Paid, or cash on delivery; → CONFIRMED. */
  | { readonly type: 'OrderConfirmed'; readonly paid: boolean }
  | { readonly type: 'OrderPaymentFailed'; readonly reason: string }
  | {
      readonly type: 'OrderCancelled';
      readonly reason: CancelReason;
      readonly note?: string;
      /** The SKUs that were short, for `out-of-stock`. */
      readonly short?: readonly { readonly sku: Sku; readonly available: number }[];
      /** What the process manager owes after it: a refund of this much (0 = nothing was paid). */
      readonly refund: Paise;
    }
  /** Some lines only; the rest goes on. */
  | {
      readonly type: 'LinesCancelled';
      readonly cancellationId: string;
      readonly skus: readonly Sku[];
      readonly reason: string;
      readonly refund: Paise;
    }
  | { readonly type: 'ProcessingStarted' }
  | { readonly type: 'OrderShipped'; readonly carrier?: string; readonly trackingNumber?: string }
  | { readonly type: 'OrderDelivered' }
  | {
      readonly type: 'ReturnRequested';
      readonly returnId: ReturnId;
      readonly skus: readonly Sku[];
      readonly reason: string;
    }
  /** The goods are back and in order: refund and restock follow. */
  | { readonly type: 'ReturnReceived'; readonly returnId: ReturnId; readonly skus: readonly Sku[]; readonly refund: Paise }
  | { readonly type: 'OrderRefunded'; readonly refundId: RefundId; readonly amount: Paise };

export type InvalidTransition = { readonly type: 'invalid-transition'; readonly from: OrderStatus | 'NONE' };
export type UnknownLine = { readonly type: 'unknown-line'; readonly sku: Sku };
export type NotDue = { readonly type: 'not-due'; readonly dueAt: Instant };
export type ReturnWindowClosed = { readonly type: 'return-window-closed'; readonly closedAt: Instant };
/** The order has ended without this payment: give the money back. */
export type PaymentNotWanted = { readonly type: 'payment-not-wanted'; readonly status: OrderStatus };

export type OrderContract = {
  place: {
    input: Omit<Extract<OrderEvent, { type: 'OrderPlaced' }>, 'type'>;
    result: null;
    rejection: InvalidTransition;
  };
  /** Repeat: no-op. On an order that has ended meanwhile: invalid-transition (the caller then releases). */
  recordReservation: {
    input: {
      readonly allocations: Readonly<Record<Sku, readonly Allocation[]>>;
      readonly gatewayOrderId?: string;
      readonly paymentUrl?: string;
    };
    result: null;
    rejection: InvalidTransition;
  };
  rejectForStock: {
    input: { readonly short: readonly { readonly sku: Sku; readonly available: number }[] };
    result: null;
    rejection: InvalidTransition;
  };
  offerPayment: {
    input: { readonly gatewayOrderId: string; readonly paymentUrl: string };
    result: null;
    rejection: InvalidTransition;
  };
  /** Refused once the order has ended, or when `now` is past `reservedUntil` (its stock may be gone): refund it. Repeat after CONFIRMED: no-op. */
  recordPayment: { input: { readonly paymentId: PaymentId }; result: null; rejection: PaymentNotWanted };
  recordPaymentFailure: { input: { readonly reason: string }; result: null; rejection: InvalidTransition };
  /** After PAYMENT_FAILED and the release of its stock. */
  closeFailed: { input: object; result: null; rejection: InvalidTransition };
  /** The reservation's time is over. Moot in any state but CREATED and PAYMENT_PENDING (accepted, no event). */
  expire: { input: object; result: null; rejection: NotDue };
  /** A confirmed order whose hold had lapsed and could not be served again. */
  recordStockLost: { input: { readonly sku: Sku }; result: null; rejection: InvalidTransition };
  /** Without `skus`: the whole order. */
  cancel: {
    input: { readonly cancellationId: string; readonly reason: string; readonly by: 'customer' | 'ops'; readonly skus?: readonly Sku[] };
    result: null;
    rejection: InvalidTransition | UnknownLine;
  };
  startProcessing: { input: object; result: null; rejection: InvalidTransition };
  ship: {
    input: { readonly carrier?: string; readonly trackingNumber?: string };
    result: null;
    rejection: InvalidTransition;
  };
  deliver: { input: object; result: null; rejection: InvalidTransition };
  requestReturn: {
    input: { readonly returnId: ReturnId; readonly reason: string; readonly skus?: readonly Sku[] };
    result: null;
    rejection: InvalidTransition | UnknownLine | ReturnWindowClosed;
  };
  receiveReturn: {
    input: { readonly returnId: ReturnId };
    result: null;
    rejection: InvalidTransition;
  };
  recordRefund: { input: { readonly refundId: RefundId; readonly amount: Paise }; result: null; rejection: never };
  remind: { input: { readonly name: string }; result: null; rejection: never };
};

export type OrderView =
  | { readonly status: 'NONE' }
  | {
      readonly status: OrderStatus;
      readonly userId: UserId;
      readonly lines: readonly (OrderLine & { readonly status: OrderStatus })[];
      readonly totals: Totals;
      readonly shippingAddress: ShippingAddress;
      readonly payment: OrderPayment;
      readonly reservedUntil: Instant;
      readonly allocations: Readonly<Record<Sku, readonly Allocation[]>>;
      /** Why it was cancelled, if it was. */
      readonly cancelled?: {
        readonly reason: CancelReason;
        readonly note?: string;
        readonly short?: readonly { readonly sku: Sku; readonly available: number }[];
      };
      readonly refunded: Paise;
      /** Each status reached, with the actor version at which it was. */
      readonly timeline: readonly { readonly status: OrderStatus; readonly at: Instant; readonly version: number }[];
      readonly createdAt: Instant;
      readonly updatedAt: Instant;
    };

export type PlacedOrder = Exclude<OrderView, { status: 'NONE' }>;
