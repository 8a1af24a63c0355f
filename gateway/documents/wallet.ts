/** Wallets as customers are shown them, and as operations keep them. */
import { z } from 'zod';
import type { UserId } from '../../actors/ids.ts';
import { KYC_LEVELS } from '../../actors/wallet/kyc-limits.ts';
import type { WalletView } from '../../actors/wallet/wallet.ts';
import type { WalletEntry } from '../../stores/projections/port.ts';
import { currency, cursor, instant, isoTime, limit, money, pageOf, text, version } from './scalars.ts';

const MOST_AT_ONCE = 20_000_000;
const amount = z.int().min(100, 'Must be at least ₹1').max(MOST_AT_ONCE, 'Must be at most ₹2,00,000').describe('Paise');
const nullable = money.nullable().describe('Paise; null: no such limit');

export const walletParams = z.object({
  userId: z
    .string()
    .regex(/^usr_[A-Za-z0-9]{1,64}$/)
    .transform((value) => value as UserId)
    .describe('`usr_…`'),
});

export const wallet = z
  .object({
    userId: z.string(),
    available: money.describe('Paise; what can be spent: `balance` and `credit`'),
    balance: money.describe('Paise; own money'),
    credit: money.describe('Paise; promotional credit, which is spent first'),
    held: money.describe('Paise; waits for orders'),
    currency,
    credits: z.array(z.object({ id: z.string(), amount: money, expiresAt: instant })),
    holds: z.array(z.object({ orderId: z.string(), amount: money, until: instant })),
    topUps: z.array(z.object({ id: z.string(), amount: money, status: z.enum(['pending', 'credited', 'refused']) })),
    kyc: z.object({ level: z.enum(KYC_LEVELS) }),
    limits: z.object({
      balance: nullable,
      month: nullable,
      year: nullable,
      loadedInMonth: money,
      loadedInYear: money,
      room: money.describe('Paise; what could be topped up now'),
    }),
    version,
  })
  .meta({ id: 'Wallet' });

export const topUp = z
  .strictObject({ amount, method: z.enum(['upi', 'card']) })
  .meta({ id: 'TopUpRequest', examples: [{ amount: 50_000, method: 'upi' }] });

export const topUpAnswer = z
  .object({
    id: z.string().describe('`top_…`'),
    paymentId: z.string(),
    amount: money,
    currency,
    status: z.literal('pending'),
    paymentUrl: z.string().describe('Where to pay'),
    expiresAt: instant.describe(
      'Room is kept until then; what is paid later is credited if there is room, else refunded',
    ),
  })
  .meta({ id: 'TopUp' });

const TYPES = {
  ToppedUp: 'top-up',
  CreditGranted: 'credit',
  CreditExpired: 'credit-expired',
  MoneyHeld: 'hold',
  HoldReleased: 'release',
  OrderPaid: 'payment',
  OrderRefunded: 'refund',
} as const satisfies Record<WalletEntry['type'], string>;

export const statementQuery = z.strictObject({ limit, cursor });
export const statementPage = pageOf(
  z
    .object({
      id: z.int().describe('Counts up'),
      at: instant,
      type: z.enum(Object.values(TYPES)),
      reference: z.string().describe('The order, top-up or credit that it is about'),
      amount: money,
      balanceChange: money.describe('Paise; 0 for the payment of what was held'),
      creditChange: money,
      balance: money.describe('Paise; after it'),
      credit: money,
      currency,
    })
    .meta({ id: 'WalletEntry' }),
).meta({ id: 'WalletStatementPage' });

export const kyc = z
  .strictObject({
    level: z.enum(KYC_LEVELS),
    reference: text(100).describe('Of whoever has verified it; no number of a document'),
  })
  .meta({ id: 'WalletKyc', examples: [{ level: 'minimum', reference: 'kyc-provider-81723' }] });

export const grant = z
  .strictObject({ amount, expiresAt: z.iso.datetime().describe('ISO 8601, UTC'), reason: text(200) })
  .meta({
    id: 'WalletGrant',
    examples: [{ amount: 10_000, expiresAt: '2027-01-31T18:30:00Z', reason: 'Late parcel' }],
  });

export function walletDocument(userId: UserId, view: WalletView, version: number) {
  const { balance, credit, held, credits, holds, topUps, kyc, limits } = view;
  return {
    userId,
    available: balance + credit,
    balance,
    credit,
    held: held.own + held.credit,
    currency: 'INR',
    credits: credits.map(({ grantId, amount, expiresAt }) => ({ id: grantId, amount, expiresAt: isoTime(expiresAt) })),
    holds: holds.map(({ orderId, amount, until }) => ({ orderId, amount, until: isoTime(until) })),
    topUps: topUps.map(({ topUpId, amount, status }) => ({ id: topUpId, amount, status })),
    kyc: { level: kyc.level },
    limits,
    version,
  };
}

export const entryDocument = ({ version, at, type, ownChange, ...entry }: WalletEntry) => ({
  id: version,
  at: isoTime(at),
  type: TYPES[type],
  reference: entry.reference,
  amount: entry.amount,
  balanceChange: ownChange,
  creditChange: entry.creditChange,
  balance: entry.balance,
  credit: entry.credit,
  currency: 'INR',
});
