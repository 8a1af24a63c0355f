/**
 * An offer as operations declare it: its terms and limits, and whether it is on. The actor's id is the offer's: for a
 * coupon made from its code, so that a code can be given out once only; and the quota of the same id counts its uses.
 * Few things happen to it and every gateway hears of them: what happens with every order is the quota's.
 *
 *   active ⇄ paused        active, paused ─▶ ended
 */
import type { Instant, PromotionId } from '../ids.ts';
import type { OfferTerms } from '../pricing/offers/offer.ts';
import type { QuotaLimits } from '../quota/quota.ts';

/** A coupon's id. Those of automatic offers are longer than any code, so that the two cannot meet. */
export const idOfCode = (code: string): PromotionId => `prm_${code}` as PromotionId;

export type PromotionEvent =
  | { readonly type: 'PromotionDeclared'; readonly terms: OfferTerms; readonly limits: QuotaLimits }
  | { readonly type: 'PromotionLimitsSet'; readonly limits: QuotaLimits }
  | { readonly type: 'PromotionPaused' }
  | { readonly type: 'PromotionResumed' }
  | { readonly type: 'PromotionEnded' };

/** There is one already, with other terms. */
export type CodeTaken = { readonly type: 'code-taken' };
export type PromotionOver = { readonly type: 'promotion-over'; readonly status: 'none' | 'ended' };

export type PromotionContract = {
  /** A repeat with the same terms and limits changes nothing. */
  declare: {
    input: { readonly terms: OfferTerms; readonly limits: QuotaLimits };
    result: null;
    rejection: CodeTaken;
  };
  setLimits: { input: { readonly limits: QuotaLimits }; result: null; rejection: PromotionOver };
  pause: { input: object; result: null; rejection: PromotionOver };
  resume: { input: object; result: null; rejection: PromotionOver };
  /** For ever. */
  end: { input: object; result: null; rejection: PromotionOver };
};

export type PromotionState =
  | { readonly status: 'none' }
  | {
      readonly status: 'active' | 'paused' | 'ended';
      readonly terms: OfferTerms;
      readonly limits: QuotaLimits;
      readonly declaredAt: Instant;
    };

export type PromotionView = PromotionState;
export type DeclaredPromotion = Exclude<PromotionView, { status: 'none' }>;
