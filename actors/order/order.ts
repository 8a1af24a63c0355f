/**
 * One order, from checkout to return: the actor's id is the order's. The state machine of the API:
 *
 *   CREATED → PAYMENT_PENDING → CONFIRMED → PROCESSING → SHIPPED → DELIVERED → RETURN_REQUESTED → RETURNED
 *   CREATED → CANCELLED (out of stock) · PAYMENT_PENDING → PAYMENT_FAILED → CANCELLED
 *   PAYMENT_FAILED → PAYMENT_PENDING (another try to pay), CONFIRMED (the bank was late)
 *   CREATED, PAYMENT_PENDING → CANCELLED (expired, or by the customer) · CONFIRMED, PROCESSING → CANCELLED
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
import type { LineQuote, OrderOffer } from './quoted.ts';
import type { Review, ReviewContract, ReviewEvent, Suspicion, UnderReview } from './review.ts';

const DAY_MS = 24 * 3600 * 1000;
/** From delivery. */
export const RETURN_WINDOW_DAYS = 7;
export const RETURN_WINDOW_MS = RETURN_WINDOW_DAYS * DAY_MS;
export const REVIEW_REQUEST_MS = 3 * DAY_MS;
/** A reminder may come this much before its time by the node's clock, which is not the server's. */
export const CLOCK_SKEW_MS = 60_000;

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
  /** Where its units are held and sold: a bucket of a sale. Absent: the SKU's own ledger. */
  readonly ledger?: Sku;
  /** Absent: ordered before lines were quoted. */
  readonly quote?: LineQuote;
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
  /**
   * `not-collected`: the order ended and no money was taken. Cash on delivery is `pending` until it is delivered;
   * `authorised`: promised by a lender, and taken on delivery.
   */
  readonly status: 'pending' | 'authorised' | 'captured' | 'failed' | 'refund-pending' | 'refunded' | 'not-collected';
  readonly gatewayOrderId?: string;
  readonly paymentUrl?: string;
};

/** A try to pay: another way, or the same again, is another payment. */
export type PaymentAttempt = Pick<OrderPayment, 'id' | 'method' | 'gateway'>;
/** Of one order; so many gateways' pages may be open at once. */
export const MAX_PAYMENT_ATTEMPTS = 10;

/** `limit`: there are more, but one customer may have no more of them; `available` is what is left to this one. */
export type ShortLine = { readonly sku: Sku; readonly available: number; readonly limit?: number };

export type CancelReason =
  | 'out-of-stock'
  | 'payment-failed'
  | 'reservation-expired'
  | 'customer'
  | 'ops'
  | 'stock-lost';

export type OrderEvent =
  | {
      readonly type: 'OrderPlaced';
      readonly userId: UserId;
      readonly lines: readonly OrderLine[];
      readonly totals: Totals;
      readonly shippingAddress: ShippingAddress;
      readonly payment: { readonly id: PaymentId; readonly method: PaymentMethod; readonly gateway: string };
      readonly reservedUntil: Instant;
      /** Absent: none. */
      readonly offers?: readonly OrderOffer[];
      /** Of `totals.shipping`, what cash on delivery costs. Absent: nothing. */
      readonly codFee?: Paise;
      /** It may be paid, but people look at it before it is sent. */
      readonly suspicion?: Suspicion;
    }
  /** Some lines are short: what is held for the others is given back, and then the order ends. */
  | { readonly type: 'ReservationAbandoned'; readonly short: readonly ShortLine[] }
  /** Every line is held; → PAYMENT_PENDING. Where nothing is to be paid OrderConfirmed follows at once. */
  | {
      readonly type: 'OrderReserved';
      readonly allocations: Readonly<Record<Sku, readonly Allocation[]>>;
      readonly gatewayOrderId?: string;
      readonly paymentUrl?: string;
      /** That took the payment, if not the one that was meant. */
      readonly gateway?: string;
    }
  /** A gateway answered late, or a new try was opened; the customer can pay now. `gateway` as in OrderReserved. */
  | {
      readonly type: 'PaymentOffered';
      readonly gatewayOrderId: string;
      readonly paymentUrl: string;
      readonly gateway?: string;
    }
  /** The customer tries again, perhaps in another way; → PAYMENT_PENDING. A page for it is offered next. */
  | { readonly type: 'PaymentRetried'; readonly payment: PaymentAttempt }
  /** Paid, promised by a lender, or cash on delivery; → CONFIRMED. `paymentId`: by an earlier try than the last. */
  | { readonly type: 'OrderConfirmed'; readonly paid: boolean; readonly paymentId?: PaymentId }
  | { readonly type: 'OrderPaymentFailed'; readonly reason: string }
  | {
      readonly type: 'OrderCancelled';
      readonly reason: CancelReason;
      readonly note?: string;
      /** The lines that ended with it: all that were still live. */
      readonly skus: readonly Sku[];
      /** The customer's or the operator's request, to tell a repeat. */
      readonly cancellationId?: string;
      /** The SKUs that were short, for `out-of-stock` and `stock-lost`. */
      readonly short?: readonly ShortLine[];
      /** What the process manager owes after it: a refund of this much (0 = nothing was paid). */
      readonly refund: Paise;
    }
  /** Some lines only; the rest goes on. */
  | {
      readonly type: 'LinesCancelled';
      readonly cancellationId: string;
      readonly skus: readonly Sku[];
      readonly reason: string;
      /** What the lines were charged at: what the customer no longer owes. */
      readonly value: Paise;
      /** What of it has been paid, and is to be given back. */
      readonly refund: Paise;
    }
  /** A lapsed hold was served again from other warehouses. */
  | { readonly type: 'LineReallocated'; readonly sku: Sku; readonly allocations: readonly Allocation[] }
  | { readonly type: 'ProcessingStarted' }
  | { readonly type: 'OrderShipped'; readonly carrier?: string; readonly trackingNumber?: string }
  /** `collected`: cash taken at the door, 0 for what was paid before. */
  | { readonly type: 'OrderDelivered'; readonly collected: Paise }
  | {
      readonly type: 'ReturnRequested';
      readonly returnId: ReturnId;
      readonly skus: readonly Sku[];
      readonly reason: string;
    }
  /** The goods are back and in order: refund and restock follow. */
  | {
      readonly type: 'ReturnReceived';
      readonly returnId: ReturnId;
      readonly skus: readonly Sku[];
      readonly refund: Paise;
    }
  | { readonly type: 'OrderRefunded'; readonly refundId: RefundId; readonly amount: Paise }
  | ReviewEvent
  | { readonly type: 'ReviewRequested' }
  | { readonly type: 'ReturnWindowEnded' };

export type InvalidTransition = { readonly type: 'invalid-transition'; readonly from: OrderStatus | 'NONE' };
export type UnknownLine = { readonly type: 'unknown-line'; readonly sku: Sku };
export type NotDue = { readonly type: 'not-due'; readonly dueAt: Instant };
export type ReturnWindowClosed = { readonly type: 'return-window-closed'; readonly closedAt: Instant };
/** An offer that the order has is for other ways to pay. */
export type MethodNotEligible = {
  readonly type: 'payment-method-not-eligible';
  readonly methods: readonly PaymentMethod[];
};
export type TooManyAttempts = { readonly type: 'too-many-attempts'; readonly limit: number };
/** The order has ended without this payment, or was paid by another: give the money back. */
export type PaymentNotWanted = { readonly type: 'payment-not-wanted'; readonly status: OrderStatus | 'NONE' };

export type OrderContract = ReviewContract & {
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
      readonly gateway?: string;
    };
    result: null;
    rejection: InvalidTransition;
  };
  /**
   * Decides, before anything is given back, that no run of the checkout can succeed any more: a hold of an order that
   * may still be paid is never released.
   */
  abandonReservation: {
    input: { readonly short: readonly ShortLine[] };
    result: null;
    rejection: InvalidTransition;
  };
  /** When nothing is held for it. */
  rejectForStock: {
    input: { readonly short: readonly ShortLine[] };
    result: null;
    rejection: InvalidTransition;
  };
  /** `paymentId`: the try that it is for; a page of an earlier one is offered no more. */
  offerPayment: {
    input: {
      readonly gatewayOrderId: string;
      readonly paymentUrl: string;
      readonly gateway?: string;
      readonly paymentId?: PaymentId;
    };
    result: null;
    rejection: InvalidTransition;
  };
  /** While the stock is held. Earlier tries stay good: whichever is paid first pays the order. Repeat: no-op. */
  retryPayment: {
    input: { readonly payment: PaymentAttempt };
    result: null;
    rejection: InvalidTransition | TooManyAttempts | MethodNotEligible;
  };
  /** Refused once the order has ended, or when `now` is past `reservedUntil` (its stock may be gone): refund it. Repeat after CONFIRMED: no-op. */
  recordPayment: { input: { readonly paymentId: PaymentId }; result: null; rejection: PaymentNotWanted };
  /** As recordPayment, for money that is taken on delivery. */
  recordAuthorisation: { input: { readonly paymentId: PaymentId }; result: null; rejection: PaymentNotWanted };
  /** Of an earlier try than the last: moot. The stock stays held for another try, until its time is over. */
  recordPaymentFailure: {
    input: { readonly reason: string; readonly paymentId?: PaymentId };
    result: null;
    rejection: InvalidTransition;
  };
  /** The reservation's time is over. Moot once the order is paid or has ended (accepted, no event). */
  expire: { input: object; result: null; rejection: NotDue };
  /** A confirmed order whose hold had lapsed and could not be served again. */
  recordStockLost: { input: { readonly skus: readonly Sku[] }; result: null; rejection: InvalidTransition };
  /** A confirmed line's stock comes from elsewhere than it was held. Moot once the line has ended. */
  recordReallocation: {
    input: { readonly sku: Sku; readonly allocations: readonly Allocation[] };
    result: null;
    rejection: InvalidTransition;
  };
  /** Without `skus`: the whole order. Some lines only: once it is confirmed (before, the amount to pay stands). */
  cancel: {
    input: {
      readonly cancellationId: string;
      readonly reason: string;
      readonly by: 'customer' | 'ops';
      readonly skus?: readonly Sku[];
    };
    result: null;
    rejection: InvalidTransition | UnknownLine;
  };
  startProcessing: { input: object; result: null; rejection: InvalidTransition | UnderReview };
  ship: {
    input: { readonly carrier?: string; readonly trackingNumber?: string };
    result: null;
    rejection: InvalidTransition | UnderReview;
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
  /** Of a payment that is not the order's, because another try paid it: moot. */
  recordRefund: {
    input: { readonly refundId: RefundId; readonly amount: Paise; readonly paymentId?: PaymentId };
    result: null;
    rejection: never;
  };
  remind: { input: { readonly name: string }; result: null; rejection: never };
};

export type StatusReached = { readonly status: OrderStatus; readonly at: Instant; readonly version: number };

export type OrderCancellation = {
  readonly reason: CancelReason;
  readonly note?: string;
  readonly short?: readonly ShortLine[];
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
      /** Tries to pay besides `payment`, the last one or the one that paid. */
      readonly otherPayments?: readonly PaymentAttempt[];
      readonly reservedUntil: Instant;
      readonly offers?: readonly OrderOffer[];
      readonly codFee?: Paise;
      readonly review?: Review;
      readonly allocations: Readonly<Record<Sku, readonly Allocation[]>>;
      /** Why it was cancelled, if it was. */
      readonly cancelled?: OrderCancellation;
      readonly refunded: Paise;
      /** Each status reached, with the actor version at which it was. */
      readonly timeline: readonly StatusReached[];
      readonly createdAt: Instant;
      readonly updatedAt: Instant;
    };

export type PlacedOrder = Exclude<OrderView, { status: 'NONE' }>;
