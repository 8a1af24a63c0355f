/**
 * An order that people look at before it is sent: it may be paid, and waits. Held by checkout, or when it is about to be
 * sent; cleared by operations, or cancelled as any order is.
 */
import type { Instant, UserId } from '../ids.ts';
import { accept, type Decider, reject } from '../runtime/kind.ts';
import type { InvalidTransition } from './order.ts';
import type { OrderState, PlacedState } from './state.ts';

/** Why, for who looks: which rule, its points, what was seen, and from above what it counts. */
export type ReviewReason = {
  readonly rule: string;
  readonly points: number;
  readonly seen: number;
  readonly over: number;
};

export type Suspicion = { readonly score: number; readonly reasons: readonly ReviewReason[] };

export type Review = Suspicion & {
  readonly status: 'open' | 'cleared';
  readonly openedAt: Instant;
  readonly clearedBy?: UserId;
  readonly clearedAt?: Instant;
  readonly note?: string;
};

export type ReviewEvent =
  | ({ readonly type: 'OrderHeldForReview' } & Suspicion)
  | { readonly type: 'OrderReviewCleared'; readonly by: UserId; readonly note: string };

export type UnderReview = { readonly type: 'under-review' };
export type NotUnderReview = { readonly type: 'not-under-review' };

export type ReviewContract = {
  /** Before it is sent. An order that was looked at once is not held again: no-op. */
  holdForReview: { input: Suspicion; result: null; rejection: InvalidTransition };
  /** Repeat: no-op. */
  clearReview: {
    input: { readonly by: UserId; readonly note: string };
    result: null;
    rejection: NotUnderReview;
  };
};

export const decideReview: Decider<ReviewContract, OrderState, ReviewEvent> = {
  holdForReview(state, { score, reasons }) {
    if (state.status !== 'CONFIRMED' && state.status !== 'PROCESSING')
      return reject({ type: 'invalid-transition', from: state.status });
    return accept(state.review === undefined ? [{ type: 'OrderHeldForReview', score, reasons }] : [], null);
  },

  clearReview(state, { by, note }) {
    const review = state.status === 'NONE' ? undefined : state.review;
    if (review === undefined) return reject({ type: 'not-under-review' });
    return accept(review.status === 'open' ? [{ type: 'OrderReviewCleared', by, note }] : [], null);
  },
};

export const isUnderReview = (state: OrderState): boolean => state.status !== 'NONE' && state.review?.status === 'open';

export const opened = ({ score, reasons }: Suspicion, openedAt: Instant): Review => ({
  status: 'open',
  score,
  reasons,
  openedAt,
});

export function withReview(state: PlacedState, event: ReviewEvent, at: Instant): PlacedState {
  if (event.type === 'OrderHeldForReview') return { ...state, review: opened(event, at) };
  const { by: clearedBy, note } = event;
  return state.review === undefined
    ? state
    : { ...state, review: { ...state.review, status: 'cleared', clearedBy, clearedAt: at, note } };
}
