import { type Instant, type OrderId, type Paise, paise } from '../ids.ts';
import { accept, type Decider, reject } from '../runtime/kind.ts';
import { topUps } from './decide-top-ups.ts';
import { availableOf, orderAt, released, reminders, type Standing, standing } from './expiry.ts';
import { isAmount, postingsOf, take, takeBack, totalOf, wholeOf } from './postings.ts';
import {
  CLOCK_SKEW_MS,
  type InsufficientFunds,
  type Lot,
  MOST,
  type Parts,
  RESTORED_MS,
  type WalletContract,
  type WalletEvent,
  type WalletState,
} from './wallet.ts';

/** How much later than by the server's clock it is asked again. */
const EARLY_MS = 5_000;

const insufficient = (now: Standing): InsufficientFunds => ({
  type: 'insufficient-funds',
  available: availableOf(now),
});

export const decide: Decider<WalletContract, WalletState, WalletEvent> = {
  ...topUps,

  grant(state, { grantId, amount, expiresAt, reason }, now) {
    if (!isAmount(amount)) return reject({ type: 'invalid-amount' });
    const known = state.grants[grantId];
    if (known !== undefined)
      return known.amount === amount && known.expiresAt === expiresAt
        ? accept([], null)
        : reject({ type: 'reference-reused' });
    if (expiresAt <= now) return reject({ type: 'expired' });
    const { lapses, lots } = standing(state, now);
    if (lots.length >= MOST.lots) return reject({ type: 'too-many', most: MOST.lots });
    const postings = postingsOf.grant(amount);
    return accept([...lapses, { type: 'CreditGranted', grantId, amount, expiresAt, reason, postings }], null);
  },

  hold(state, { orderId, amount, until, upTo = false }, now) {
    if (!isAmount(amount)) return reject({ type: 'invalid-amount' });
    const known = orderAt(state, orderId, now);
    if (known?.status === 'held')
      return known.asked === amount ? accept([], totalOf(known)) : reject({ type: 'reference-reused' });
    if (known?.status === 'paid') return reject({ type: 'already-paid' });
    if (known?.status === 'released' || until <= now) return reject({ type: 'hold-ended' });
    const free = standing(state, now);
    if (Object.keys(state.holds).length >= MOST.holds) return reject({ type: 'too-many', most: MOST.holds });
    const parts = taken(free, upTo ? paise(Math.min(amount, availableOf(free))) : amount);
    if (parts === undefined) return reject(insufficient(free));
    const held: WalletEvent = {
      type: 'MoneyHeld',
      orderId,
      asked: amount,
      until,
      ...parts,
      postings: postingsOf.hold(parts),
    };
    return accept([...free.lapses, held], totalOf(parts));
  },

  commit(state, { orderId }, now) {
    const known = orderAt(state, orderId, now);
    if (known === undefined) return reject({ type: 'no-hold' });
    if (known.status === 'paid') return accept([], known.total);
    if (known.status === 'released') return reject({ type: 'hold-ended' });
    const free = standing(state, now);
    if (known.status === 'lapsed') return paid(free, orderId, known.asked, wholeOf(known));
    const { asked, own, credit } = known;
    const parts = { own, credit };
    const postings = postingsOf.commit(parts);
    const event: WalletEvent = { type: 'OrderPaid', orderId, asked, from: 'hold', ...parts, postings };
    return accept([...free.lapses, event], totalOf(parts));
  },

  release(state, { orderId }, now) {
    const known = orderAt(state, orderId, now);
    if (known?.status === 'paid') return reject({ type: 'already-paid' });
    if (known?.status === 'released') return accept([], null);
    const { lapses } = standing(state, now);
    const parts: Parts = known?.status === 'held' ? { own: known.own, credit: known.credit } : NOTHING;
    // Its credit may have run out while it was held.
    const gone = parts.credit
      .filter(({ expiresAt }) => expiresAt <= now)
      .map((lot): WalletEvent => ({ type: 'CreditExpired', ...lot, postings: postingsOf.expiry(lot.amount) }));
    return accept([...lapses, released(orderId, parts, 'released'), ...gone], null);
  },

  pay(state, { orderId, amount }, now) {
    if (!isAmount(amount)) return reject({ type: 'invalid-amount' });
    const known = orderAt(state, orderId, now);
    if (known?.status === 'paid')
      return known.asked === amount ? accept([], known.total) : reject({ type: 'reference-reused' });
    if (known?.status === 'held') return reject({ type: 'reference-reused' });
    if (known?.status === 'released') return reject({ type: 'hold-ended' });
    return paid(standing(state, now), orderId, amount, amount);
  },

  refund(state, { refundId, orderId, amount }, now) {
    if (!isAmount(amount)) return reject({ type: 'invalid-amount' });
    const known = state.refunds[refundId];
    if (known !== undefined) {
      const same = known.orderId === orderId && known.total.own + known.total.credit === amount;
      return same ? accept([], known.total) : reject({ type: 'reference-reused' });
    }
    const order = state.orders[orderId];
    const refundable = order?.status === 'paid' ? wholeOf(order) : paise(0);
    if (order === undefined || amount > refundable) return reject({ type: 'nothing-to-refund', refundable });
    const { own, credit: from } = takeBack(order, amount);
    const parts: Parts = { own, credit: from.map((lot) => restored(lot, now)) };
    const event: WalletEvent = {
      type: 'OrderRefunded',
      orderId,
      refundId,
      ...parts,
      from,
      postings: postingsOf.refund(parts),
    };
    return accept([...standing(state, now).lapses, event], totalOf(parts));
  },

  remind(state, _input, now) {
    const { lapses } = standing(state, now);
    if (lapses.length > 0) return accept(lapses, null);
    const [next] = reminders(state);
    if (next === undefined || next.at > now + CLOCK_SKEW_MS) return accept([], null);
    return accept([{ type: 'ExpiryAwaited', until: next.at + EARLY_MS }], null);
  },
};

const NOTHING: Parts = { own: paise(0), credit: [] };

const taken = ({ lots, balance }: Standing, amount: Paise): Parts | undefined =>
  amount === 0 ? undefined : take(lots, balance, amount);

/** `amount` out of what is free now. */
function paid(free: Standing, orderId: OrderId, asked: Paise, amount: Paise) {
  const parts = taken(free, amount);
  if (parts === undefined) return reject(insufficient(free));
  const postings = postingsOf.pay(parts);
  const event: WalletEvent = { type: 'OrderPaid', orderId, asked, from: 'balance', ...parts, postings };
  return accept([...free.lapses, event], totalOf(parts));
}

/** The customer gets some time to spend it again. */
const restored = (lot: Lot, now: Instant): Lot => ({ ...lot, expiresAt: Math.max(lot.expiresAt, now + RESTORED_MS) });
