/**
 * Promotions as every gateway knows them: in memory, fed from their stream (stores/promotions). Nothing here waits or
 * asks anybody, so that carts can be priced with it for every request.
 */
import type { Instant, PromotionId } from '../../actors/ids.ts';
import type { Offer, OutOfReach } from '../../actors/pricing/offers/offer.ts';
import { type DeclaredPromotion, idOfCode, type PromotionState } from '../../actors/promotion/promotion.ts';
import { isLimited } from '../../actors/quota/quota.ts';

export type KnownPromotion = {
  readonly id: PromotionId;
  readonly version: number;
  readonly promotion: DeclaredPromotion;
};

/** What a PriceRequest takes (actors/pricing/request.ts). */
export type OffersFor = {
  readonly offers: readonly Offer[];
  readonly outOfReach: Readonly<Record<PromotionId, OutOfReach>>;
  /** Of these, those with a quota: to be claimed by an order that has them (actors/checkout/offers). */
  readonly limited: ReadonlySet<PromotionId>;
};

/** Of those that are over: kept for who asks what became of them. */
const REMEMBERED = 10_000;

export class LivePromotions {
  readonly #promotions = new Map<PromotionId, KnownPromotion>();
  /** Those that carts are tried with: no code, and neither ended nor over by time when last looked at. */
  readonly #automatic = new Map<PromotionId, KnownPromotion>();

  /** From the feed. */
  take(id: PromotionId, state: PromotionState, version: number): void {
    if (state.status === 'none' || (this.#promotions.get(id)?.version ?? 0) > version) return;
    const known = { id, version, promotion: state };
    this.#promotions.set(id, known);
    if (state.terms.code === undefined && state.status !== 'ended') this.#automatic.set(id, known);
    else this.#automatic.delete(id);
    this.#forget();
  }

  find(id: PromotionId): KnownPromotion | undefined {
    return this.#promotions.get(id);
  }

  /** The last declared first. */
  all(): readonly KnownPromotion[] {
    return [...this.#promotions.values()].sort(
      (a, b) => b.promotion.declaredAt - a.promotion.declaredAt || (a.id < b.id ? 1 : -1),
    );
  }

  /**
   * The automatic offers that are on now, and of the codes those that are known, on or not: who enters a code is told
   * why it does not count. Codes are upper case.
   */
  offersFor(codes: readonly string[], now: Instant): OffersFor {
    const offers: Offer[] = [];
    const limited = new Set<PromotionId>();
    const outOfReach: Record<PromotionId, OutOfReach> = {};
    const add = (id: PromotionId, { terms, limits }: DeclaredPromotion): void => {
      offers.push({ id, ...terms });
      if (isLimited(limits)) limited.add(id);
    };
    for (const [id, { promotion }] of this.#automatic) {
      if (now >= promotion.terms.endsAt) this.#automatic.delete(id);
      else if (promotion.status === 'active' && promotion.terms.startsAt <= now) add(id, promotion);
    }
    for (const id of new Set(codes.map(idOfCode))) {
      const promotion = this.#promotions.get(id)?.promotion;
      if (promotion === undefined) continue;
      add(id, promotion);
      if (promotion.status === 'paused') outOfReach[id] = 'offer-paused';
      if (promotion.status === 'ended') outOfReach[id] = 'offer-ended';
    }
    return { offers, outOfReach, limited };
  }

  #forget(): void {
    if (this.#promotions.size <= REMEMBERED) return;
    for (const [id, { promotion }] of this.#promotions) {
      if (promotion.status !== 'ended') continue;
      this.#promotions.delete(id);
      return;
    }
  }
}
