/** Money that comes in: how much of it, as the customer's KYC allows. */
import { accept, type Decider, reject } from '../runtime/kind.ts';
import { standing } from './expiry.ts';
import { exceeded, roomToLoad } from './kyc-limits.ts';
import { isAmount, postingsOf } from './postings.ts';
import { MOST, type WalletContract, type WalletEvent, type WalletState } from './wallet.ts';

type TopUps = Pick<WalletContract, 'recordKyc' | 'openTopUp' | 'topUp'>;

export const topUps: Decider<TopUps, WalletState, WalletEvent> = {
  recordKyc({ kyc }, { level, reference }) {
    if (kyc.level === level && kyc.reference === reference) return accept([], null);
    return accept([{ type: 'KycRecorded', level, reference }], null);
  },

  openTopUp(state, { topUpId, amount, expiresAt }, now) {
    if (!isAmount(amount)) return reject({ type: 'invalid-amount' });
    const opened = state.openTopUps[topUpId];
    // One whose time is over is opened anew.
    const known = state.topUps[topUpId] ?? (opened !== undefined && opened.expiresAt > now ? opened : undefined);
    if (known !== undefined) return known.amount === amount ? accept([], null) : reject({ type: 'reference-reused' });
    const open = Object.values(state.openTopUps).filter((other) => other.expiresAt > now).length;
    if (open >= MOST.topUps) return reject({ type: 'too-many', most: MOST.topUps });
    const room = roomToLoad(state, now, 'with-open');
    if (amount > room.room) return reject(exceeded(room));
    return accept([...standing(state, now).lapses, { type: 'TopUpOpened', topUpId, amount, expiresAt }], null);
  },

  topUp(state, { topUpId, amount }, now) {
    if (!isAmount(amount)) return reject({ type: 'invalid-amount' });
    const known = state.topUps[topUpId];
    if (known !== undefined)
      return known.amount === amount ? accept([], { credited: known.credited }) : reject({ type: 'reference-reused' });
    // Room may have gone since it was opened: by a refund, or because it took longer than it was kept.
    const { room, limit } = roomToLoad(state, now, 'without-open');
    const { lapses } = standing(state, now);
    if (amount > room)
      return accept([...lapses, { type: 'TopUpRefused', topUpId, amount, why: limit }], { credited: false });
    const event: WalletEvent = { type: 'ToppedUp', topUpId, amount, postings: postingsOf.topUp(amount) };
    return accept([...lapses, event], { credited: true });
  },
};
