/** What an order knows in each status: what cannot be cannot be written. */
import type { Instant, Paise, RefundId, ReturnId, Sku, UserId } from '../ids.ts';
import type { Allocation } from '../sku/sku.ts';
import type { OrderCancellation, OrderLine, PaymentAttempt, ShippingAddress, StatusReached, Totals } from './order.ts';
import type { OrderOffer } from './quoted.ts';
import type { Review } from './review.ts';

type Placed = {
  readonly userId: UserId;
  readonly lines: readonly OrderLine[];
  readonly totals: Totals;
  readonly shippingAddress: ShippingAddress;
  /** The last try to pay, or the one that paid. */
  readonly payment: PaymentAttempt;
  readonly otherPayments?: readonly PaymentAttempt[];
  readonly reservedUntil: Instant;
  readonly offers?: readonly OrderOffer[];
  readonly codFee?: Paise;
  readonly review?: Review;
  readonly timeline: readonly StatusReached[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Refunds that the gateway has made, also of a payment that came too late. */
  readonly refunds: readonly { readonly refundId: RefundId; readonly amount: Paise }[];
};

type Held = Placed & {
  readonly allocations: Readonly<Record<Sku, readonly Allocation[]>>;
  readonly offer: { readonly gatewayOrderId: string; readonly paymentUrl: string } | null;
};

type Bought = Held & {
  readonly paid: boolean;
  /** What the lines that are still live were charged at, with the shipping: paid, or to be collected. */
  readonly charged: Paise;
  /** Promised back so far; `refunds` says what of it has been made. */
  readonly owed: Paise;
  /** Lines that went another way than the order. */
  readonly ended: Readonly<Record<Sku, 'CANCELLED' | 'RETURN_REQUESTED' | 'RETURNED'>>;
  readonly cancellations: readonly string[];
};

type Delivered = Bought & {
  readonly deliveredAt: Instant;
  readonly returns: Readonly<Record<ReturnId, { readonly skus: readonly Sku[]; readonly received: boolean }>>;
  readonly returnWindow: 'open' | 'ended';
  readonly reviewRequested: boolean;
};

type Cancelled = Held & {
  readonly paid: boolean;
  readonly owed: Paise;
  readonly cancelled: OrderCancellation;
  readonly cancellations: readonly string[];
};

export type OrderState =
  | { readonly status: 'NONE' }
  | (Placed & { readonly status: 'CREATED'; readonly abandoned: boolean })
  | (Held & { readonly status: 'PAYMENT_PENDING' | 'PAYMENT_FAILED' })
  | (Bought & { readonly status: 'CONFIRMED' | 'PROCESSING' | 'SHIPPED' })
  | (Delivered & { readonly status: 'DELIVERED' | 'RETURN_REQUESTED' | 'RETURNED' })
  | (Cancelled & { readonly status: 'CANCELLED' });

/** The states by what they know. */
export type PlacedState = Exclude<OrderState, { status: 'NONE' }>;
export type BoughtState = Extract<OrderState, Bought>;
export type DeliveredState = Extract<OrderState, Delivered>;
