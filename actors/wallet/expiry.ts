/**
 * What has run out by now. An expired hold is free and expired credit is gone the moment anyone asks, by whatever asks
 * first; the reminder only sees to it that somebody does, so that the books say so too.
 */
import { type Instant, type OrderId, type Paise, paise, sum, type TopUpId } from '../ids.ts';
import type { Reminder } from '../runtime/kind.ts';
import { creditOf, postingsOf, withLots } from './postings.ts';
import type { EndedOrder, Hold, Lot, OpenTopUp, WalletEvent, WalletState } from './wallet.ts';

/** What can be spent now; `lapses` are the events that make it so. */
export type Standing = {
  readonly lapses: readonly WalletEvent[];
  readonly balance: Paise;
  readonly lots: readonly Lot[];
};

export function standing(state: WalletState, now: Instant): Standing {
  const freed = holdsOf(state).filter(([, { until }]) => until <= now);
  const all = withLots(
    state.lots,
    freed.flatMap(([, { credit }]) => credit),
  );
  const expired = all.filter(({ expiresAt }) => expiresAt <= now);
  return {
    lapses: [
      ...topUpsOf(state)
        .filter(([, { expiresAt }]) => expiresAt <= now)
        .map(([topUpId, { amount }]): WalletEvent => ({ type: 'TopUpLapsed', topUpId, amount })),
      ...freed.map(([orderId, { own, credit }]) => released(orderId, { own, credit }, 'expired')),
      ...expired.map(
        (lot): WalletEvent => ({ type: 'CreditExpired', ...lot, postings: postingsOf.expiry(lot.amount) }),
      ),
    ],
    balance: sum([state.accounts.balance, ...freed.map(([, { own }]) => own)]),
    lots: all.filter(({ expiresAt }) => expiresAt > now),
  };
}

export const released = (
  orderId: OrderId,
  { own, credit }: Pick<Hold, 'own' | 'credit'>,
  why: 'released' | 'expired',
): WalletEvent => ({
  type: 'HoldReleased',
  orderId,
  own,
  credit,
  why,
  postings: postingsOf.release({ own, credit }),
});

export const availableOf = ({ balance, lots }: Standing): Paise => paise(balance + creditOf(lots));

// The keys are the ids that were put in.
export const holdsOf = (state: WalletState) => Object.entries(state.holds) as [OrderId, Hold][];
export const topUpsOf = (state: WalletState) => Object.entries(state.openTopUps) as [TopUpId, OpenTopUp][];

/** The order as it stands now: a hold whose time is over is one that has lapsed. */
export function orderAt(
  state: WalletState,
  orderId: OrderId,
  now: Instant,
): (Hold & { readonly status: 'held' }) | Omit<EndedOrder, 'at'> | undefined {
  const hold = state.holds[orderId];
  if (hold === undefined) return state.orders[orderId];
  const { own, credit } = hold;
  return hold.until > now
    ? { ...hold, status: 'held' }
    : { status: 'lapsed', asked: hold.asked, own, credit, total: { own, credit: creditOf(credit) } };
}

const firstExpiry = ({ lots, openTopUps, holds }: WalletState): Instant =>
  Math.min(
    ...[...lots, ...Object.values(openTopUps)].map(({ expiresAt }) => expiresAt),
    ...Object.values(holds).map(({ until }) => until),
  );

export function reminders(state: WalletState): readonly Reminder[] {
  const at = firstExpiry(state);
  return at === Number.POSITIVE_INFINITY ? [] : [{ name: 'expiry', at: Math.max(at, state.awaitUntil) }];
}
