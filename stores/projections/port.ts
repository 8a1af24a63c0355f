/** What is read of orders and stock in lists and reports: tables that the projections keep. */
import type { Instant, OrderId, Paise, Sku, UserId } from '../../actors/ids.ts';
import type { OrderStatus } from '../../actors/order/order.ts';
import type { WalletEvent } from '../../actors/wallet/wallet.ts';
import type { Page, PageRequest } from '../catalogue/port.ts';

export type OrderSummary = {
  readonly id: OrderId;
  readonly status: OrderStatus;
  readonly total: Paise;
  readonly itemCount: number;
  readonly items: readonly {
    readonly sku: Sku;
    readonly name: string;
    readonly quantity: number;
    readonly unitPrice: Paise;
    readonly status: OrderStatus;
  }[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
};

export type OrderHistory = {
  /** Newest first. */
  ofUser(userId: UserId, filter: { status?: OrderStatus }, page: PageRequest): Promise<Page<OrderSummary>>;
};

/** One movement of stock in one warehouse, read from the event stream (not from PostgreSQL). */
export type LedgerEntry = {
  /** Of its event: the movements of one event, in several warehouses, share it. */
  readonly version: number;
  readonly at: Instant;
  readonly type: string;
  readonly warehouseId: string | null;
  /**
   * Units, with a sign. StockSet, StockAdjusted, StockCommitted (−) and StockRestocked move what is on hand, and add up
   * to it; StockReserved, StockReleased (−) and HoldLapsed (−) move what is reserved.
   */
  readonly quantity: number;
  readonly orderId: OrderId | null;
  readonly reason: string | null;
};

export type StockLedger = {
  /** Newest first. */
  of(sku: Sku, page: PageRequest): Promise<Page<LedgerEntry>>;
};

export type WalletEntry = {
  /** Of its event. */
  readonly version: number;
  readonly at: Instant;
  readonly type: Extract<WalletEvent, { readonly postings: unknown }>['type'];
  /** The order, top-up or grant that it is about. */
  readonly reference: string;
  readonly amount: Paise;
  /** What it did to own money and to promotional credit that can be spent, and what there was after it. */
  readonly ownChange: Paise;
  readonly creditChange: Paise;
  readonly balance: Paise;
  readonly credit: Paise;
};

export type WalletStatement = {
  /** Newest first. */
  of(userId: UserId, page: PageRequest): Promise<Page<WalletEntry>>;
};
