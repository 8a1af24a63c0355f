/**
 * Typed clients of the actors. Only types are imported from the kinds: a caller never loads an actor's code.
 *
 *   const cart = await actors.cart(userId).addItem({ sku, quantity, offer });
 *   if (!cart.ok) … cart.rejection.type is 'quantity-limit' | 'cart-full'
 *   const { version, view } = await actors.order.read(orderId);
 *   const next = await actors.order.watch(orderId, { after: version, timeoutMs: 25_000 });
 */
import type { CartContract, CartView } from './cart/cart.ts';
import type { SaleContract, SaleView } from './flash-sale/sale.ts';
import type { OrderId, PaymentId, PromotionId, SaleId, Sku, UserId } from './ids.ts';
import type { OrderContract, OrderView } from './order/order.ts';
import type { PaymentContract, PaymentView } from './payment/payment.ts';
import type { PromotionContract, PromotionView } from './promotion/promotion.ts';
import type { QuotaContract, QuotaView } from './quota/quota.ts';
import type { Outcome, Read } from './runtime/envelope.ts';
import type { Contract } from './runtime/kind.ts';
import type { SkuContract, SkuView } from './sku/sku.ts';
import type { WalletContract, WalletView } from './wallet/wallet.ts';

export type CallOptions = {
  /** Default: a fresh id. Give one where a repeat must get the first outcome. */
  readonly commandId?: string;
  /** Over all retries. Default 5,000 ms. */
  readonly timeoutMs?: number;
  readonly ifVersion?: number;
  readonly trace?: string;
};

/** Throws ActorUnavailable when the machinery fails for longer than the time-out. */
export type ActorHandle<C extends Contract> = {
  readonly [K in keyof C]: (
    input: C[K]['input'],
    options?: CallOptions,
  ) => Promise<Outcome<C[K]['result'], C[K]['rejection']>>;
};

export type ActorClient<Id extends string, C extends Contract, V> = {
  (id: Id): ActorHandle<C>;
  read(id: Id, options?: { timeoutMs?: number }): Promise<Read<V>>;
  /** Answers as soon as the version is above `after`; with the unchanged state when the time is over. */
  watch(id: Id, options: { after: number; timeoutMs: number }): Promise<Read<V>>;
};

export type Actors = {
  readonly cart: ActorClient<UserId, CartContract, CartView>;
  readonly sku: ActorClient<Sku, SkuContract, SkuView>;
  readonly order: ActorClient<OrderId, OrderContract, OrderView>;
  readonly payment: ActorClient<PaymentId, PaymentContract, PaymentView>;
  readonly sale: ActorClient<SaleId, SaleContract, SaleView>;
  readonly promotion: ActorClient<PromotionId, PromotionContract, PromotionView>;
  readonly quota: ActorClient<PromotionId, QuotaContract, QuotaView>;
  readonly wallet: ActorClient<UserId, WalletContract, WalletView>;
};
