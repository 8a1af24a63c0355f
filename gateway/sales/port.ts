/**
 * Flash sales as every gateway knows them: in memory, fed from the stream of the sales (sales-feed.ts). Nothing here
 * waits or asks anybody, so that it may be called for every request.
 */
import type { Instant, Paise, SaleId, Sku } from '../../actors/ids.ts';

/** `upcoming`: declared, its stock set aside or about to be. `sold-out`: open, with nothing left of any item for now. */
export type SaleStatus = 'upcoming' | 'open' | 'sold-out' | 'ended';

/** An item of a sale that is open now. */
export type SaleOffer = {
  readonly saleId: SaleId;
  readonly sku: Sku;
  readonly price: Paise;
  readonly limitPerCustomer: number;
  readonly buckets: number;
  readonly endsAt: Instant;
  readonly soldOut: boolean;
};

export type Sales = {
  /** undefined: no sale of this id, or one that was refused for want of stock. */
  statusOf(saleId: string): SaleStatus | undefined;
  /** The open sale that a SKU is in; undefined: it is sold as always. */
  offerOf(sku: Sku): SaleOffer | undefined;
  /**
   * Called at once when a sale's status has become another, also when what was sold out is available again
   * (`sold-out` → `open`). The answer ends it. A listener must not throw and must not take long.
   */
  onStatus(listener: (saleId: SaleId, status: SaleStatus) => void): () => void;
  /** Of these, only `sold-out`. */
  onSoldOut(listener: (saleId: SaleId) => void): () => void;
};

/** A gateway without sales. */
export const NO_SALES: Sales = {
  statusOf: () => undefined,
  offerOf: () => undefined,
  onStatus: () => () => {},
  onSoldOut: () => () => {},
};
