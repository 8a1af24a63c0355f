/**
 * What counts against an order, and what follows from it. Every rule looks at one fact (gateway/fraud/facts.ts), so that a
 * decision can be explained by the facts alone. Points add up. Amounts are paise.
 */
import type { FactName } from '../gateway/fraud/facts.ts';

export type Stage = 'payment' | 'shipping';

export type FraudRule = {
  /** Stable: it is stored with each decision. */
  readonly name: string;
  readonly at: Stage;
  readonly fact: FactName;
  /** Counts from above this. */
  readonly over: number;
  readonly points: number;
  /** `often`: how many within a while; RATE_LIMIT_FACTOR multiplies `over`. */
  readonly counts: 'often' | 'once';
  /** For the people who review. */
  readonly says: string;
};

const often = (name: string, fact: FactName, over: number, points: number, says: string): FraudRule => ({
  name,
  at: 'payment',
  fact,
  over,
  points,
  counts: 'often',
  says,
});
const once = (at: Stage, name: string, fact: FactName, over: number, points: number, says: string): FraudRule => ({
  name,
  at,
  fact,
  over,
  points,
  counts: 'once',
  says,
});

export const FRAUD_RULES: readonly FraudRule[] = [
  // Velocity.
  often('account-orders-hour', 'ordersOfAccountInHour', 30, 30, 'Many orders of one account within an hour'),
  often('account-orders-day', 'ordersOfAccountInDay', 48, 30, 'Very many orders of one account within a day'),
  often('address-accounts', 'accountsAtAddressInDay', 8, 25, 'Many accounts send to one address'),
  often('device-accounts', 'accountsOnDeviceInDay', 3, 40, 'Many accounts order from one device'),
  often('failed-payments', 'failedPaymentsInHour', 5, 30, 'Payments fail again and again: cards being tried'),
  often('shared-card', 'sharedCardsInDay', 0, 45, 'A card of this account paid for several others, too'),
  // Mismatch.
  once('payment', 'pincode-state', 'pincodeOutsideState', 0, 20, 'The pincode is not in the state that is named'),
  once('payment', 'new-account-amount', 'amountOfNewAccount', 5_00_000_00, 30, 'A very large order of a new account'),
  // Cash on delivery.
  often('cod-orders', 'codOrdersInDay', 12, 30, 'Many orders on delivery within a day'),
  once('payment', 'cod-new-account', 'codAmountOfNewAccount', 50_000_00, 40, 'On delivery, large, of a new account'),
  // Coupons.
  often('coupons-device', 'couponAccountsOnDeviceInDay', 1, 35, 'One device uses coupons with several accounts'),
  often('coupons-address', 'couponAccountsAtAddressInDay', 4, 25, 'Several accounts use coupons for one address'),
  // What the shop's own books say, looked up before goods leave.
  once('shipping', 'cod-refused', 'codOrdersRefused', 3, 60, 'Orders on delivery were called off or sent back before'),
  once('shipping', 'returns', 'returnedPercent', 60, 30, 'Most of what this account was sent came back'),
  once('shipping', 'payment-tries', 'paymentTries', 5, 30, 'Paid at the sixth try or later'),
];

/** Points from which an order is looked at by people, and from which it is not taken at all. */
export const FRAUD_LIMITS = { review: 50, decline: 100 } as const;

/** A card that more accounts than these paid with is a shared one. */
export const SHARED_CARD_OVER = 2;

/** Younger is new. Milliseconds. */
export const NEW_ACCOUNT_MS = 24 * 3_600_000;
