/**
 * How much a wallet may hold and take in, by what is known of its customer: data with the day from which it holds.
 *
 * Source: Reserve Bank of India, Master Directions on Prepaid Payment Instruments, RBI/DPSS/2021-22/82, 2021-08-27 (as
 * updated to 2024-12-27).
 *  - Small PPI without cash loading (9.1(ii); minimum details: mobile number verified by OTP, self-declared name and number
 *    of an officially valid document): ₹10,000 outstanding at any time, ₹10,000 loaded in a month, ₹1,20,000 in a financial
 *    year. Nothing is loaded in cash here, so there is no limit on what is spent in a month (9.1(i)).
 *  - Full-KYC PPI (9.2): ₹2,00,000 outstanding at any time.
 *  - Without KYC no PPI is issued: nothing can be loaded.
 * Refunds of what the instrument paid are applied at once, even beyond the limits; refunds of other ways to pay are not
 * credited to it (RBI's FAQ on PPIs). Promotional credit is the shop's discount and no stored value: it is not counted.
 *
 * A draft of new directions (2026-04-22) was out for comment; no entry for it is here until it is in force.
 */
import { type Instant, type Paise, paise } from '../ids.ts';
import { dayBegins } from '../pricing/tax/dates.ts';
import { periodOf } from './calendar.ts';
import type { LimitExceeded, LimitName, WalletState } from './wallet.ts';

export const KYC_LEVELS = ['none', 'minimum', 'full'] as const;
export type KycLevel = (typeof KYC_LEVELS)[number];
/** null: no such limit. */
export type KycLimits = { readonly balance: Paise | null; readonly month: Paise | null; readonly year: Paise | null };

const rupees = (amount: number): Paise => paise(amount * 100);

/** The oldest first. */
export const KYC_LIMITS: readonly { readonly from: string; readonly levels: Readonly<Record<KycLevel, KycLimits>> }[] =
  [
    {
      from: '2021-08-27',
      levels: {
        none: { balance: rupees(0), month: rupees(0), year: rupees(0) },
        minimum: { balance: rupees(10_000), month: rupees(10_000), year: rupees(120_000) },
        full: { balance: rupees(200_000), month: null, year: null },
      },
    },
  ];

const NOTHING: KycLimits = { balance: paise(0), month: paise(0), year: paise(0) };

export function limitsAt(level: KycLevel, now: Instant): KycLimits {
  const inForce = KYC_LIMITS.findLast(({ from }) => dayBegins(from) <= now);
  return inForce?.levels[level] ?? NOTHING;
}

export function loadedAt({ loaded }: WalletState, now: Instant): { readonly month: Paise; readonly year: Paise } {
  const { month, year } = periodOf(now);
  return {
    month: loaded.month === month ? loaded.inMonth : paise(0),
    year: loaded.year === year ? loaded.inYear : paise(0),
  };
}

export type RoomToLoad = { readonly room: Paise; readonly limit: LimitName };

/** What may be loaded now, and which limit says so. Open top-ups count as loaded (`open`), unless it is one of them. */
export function roomToLoad(state: WalletState, now: Instant, open: 'with-open' | 'without-open'): RoomToLoad {
  const { level } = state.kyc;
  if (level === 'none') return { room: paise(0), limit: 'no-kyc' };
  const limits = limitsAt(level, now);
  const loaded = loadedAt(state, now);
  let pending = 0;
  if (open === 'with-open')
    for (const { amount, expiresAt } of Object.values(state.openTopUps)) if (expiresAt > now) pending += amount;
  // What is held is still the customer's.
  const outstanding = state.accounts.balance + state.accounts.held;
  const rooms = [
    { limit: 'balance', most: limits.balance, used: outstanding },
    { limit: 'month', most: limits.month, used: loaded.month },
    { limit: 'year', most: limits.year, used: loaded.year },
  ] as const;
  let least: RoomToLoad = { room: paise(Number.MAX_SAFE_INTEGER), limit: 'balance' };
  for (const { limit, most, used } of rooms) {
    if (most === null) continue;
    const room = paise(Math.max(0, most - used - pending));
    if (room < least.room) least = { room, limit };
  }
  return least;
}

export const exceeded = ({ room, limit }: RoomToLoad): LimitExceeded => ({ type: 'limit-exceeded', limit, room });
