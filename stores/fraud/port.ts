import type { Instant, OrderId, Paise, UserId } from '../../actors/ids.ts';
import type { ReviewReason } from '../../actors/order/review.ts';
import type { Page, PageRequest } from '../catalogue/port.ts';

/** What the books say of a customer, of the last half year, and of one order's payment. */
export type Past = {
  /** On delivery, and called off or sent back. */
  readonly codOrdersRefused: number;
  readonly delivered: number;
  /** Of those delivered. */
  readonly returned: number;
  /** Failed tries to pay this order. */
  readonly failedPayments: number;
};

export type PastOrders = {
  /** Rejects when PostgreSQL does not answer. */
  of(userId: UserId, orderId: OrderId): Promise<Past>;
};

export type ReviewSummary = {
  readonly orderId: OrderId;
  readonly userId: UserId;
  /** `closed`: the order ended otherwise. */
  readonly status: 'open' | 'cleared' | 'closed';
  readonly score: number;
  readonly reasons: readonly ReviewReason[];
  readonly total: Paise;
  readonly openedAt: Instant;
  readonly clearedBy: UserId | null;
  readonly clearedAt: Instant | null;
  readonly note: string | null;
};

export type Reviews = {
  /** Those that wait longest first. */
  list(status: ReviewSummary['status'], page: PageRequest): Promise<Page<ReviewSummary>>;
};
