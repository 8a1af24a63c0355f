import type { Instant } from '../ids.ts';
import { paise, sum } from '../ids.ts';
import { holdsOf, standing } from './expiry.ts';
import { limitsAt, loadedAt, roomToLoad } from './kyc-limits.ts';
import { creditOf, wholeOf } from './postings.ts';
import type { WalletState, WalletView } from './wallet.ts';

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
    limits: {
      ...limits,
      loadedInMonth: loaded.month,
      loadedInYear: loaded.year,
      room: roomToLoad(state, now, 'with-open').room,
    },
  };
}
