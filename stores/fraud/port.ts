import type { OrderId, UserId } from '../../actors/ids.ts';

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
