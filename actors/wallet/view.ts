import type { Instant } from '../ids.ts';
import { paise, sum, type TopUpId } from '../ids.ts';
import { holdsOf, standing, topUpsOf } from './expiry.ts';
import { limitsAt, loadedAt, roomToLoad } from './kyc-limits.ts';
import { creditOf, wholeOf } from './postings.ts';
import { TOP_UPS_SHOWN, type WalletState, type WalletView } from './wallet.ts';

export function view(state: WalletState, now: Instant): WalletView {
  const { balance, lots } = standing(state, now);
  const live = holdsOf(state).filter(([, { until }]) => until > now);
  const limits = limitsAt(state.kyc.level, now);
  const loaded = loadedAt(state, now);
  return {
    kyc: state.kyc,
    balance,
    credit: creditOf(lots),
    held: {
      own: sum(live.map(([, { own }]) => own)),
      credit: paise(live.reduce((total, [, { credit }]) => total + creditOf(credit), 0)),
    },
    credits: lots,
    holds: live.map(([orderId, hold]) => ({ orderId, amount: wholeOf(hold), until: hold.until })),
    topUps: shownTopUps(state, now),
    limits: {
      ...limits,
      loadedInMonth: loaded.month,
      loadedInYear: loaded.year,
      room: roomToLoad(state, now, 'with-open').room,
    },
  };
}

function shownTopUps(state: WalletState, now: Instant): WalletView['topUps'] {
  const open = topUpsOf(state).filter(([, { expiresAt }]) => expiresAt > now);
  // The keys are the ids that were put in.
  const ended = Object.entries(state.topUps).slice(-TOP_UPS_SHOWN) as [TopUpId, WalletState['topUps'][TopUpId]][];
  return [
    ...open.toReversed().map(([topUpId, { amount }]) => ({ topUpId, amount, status: 'pending' as const })),
    ...ended.toReversed().map(([topUpId, { amount, credited }]) => ({
      topUpId,
      amount,
      status: credited ? ('credited' as const) : ('refused' as const),
    })),
  ];
}
