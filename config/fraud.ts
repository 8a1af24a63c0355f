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
  /** For the people who review. */
  readonly says: string;
};

export const FRAUD_RULES: readonly FraudRule[] = [
  // Velocity.
  {
    name: 'account-orders-hour',
    at: 'payment',
    fact: 'ordersOfAccountInHour',
    over: 10,
    points: 30,
    says: 'Many orders of one account within an hour',
  },
  {
    name: 'account-orders-day',
    at: 'payment',
    fact: 'ordersOfAccountInDay',
    over: 25,
    points: 30,
    says: 'Many orders of one account within a day',
  },
  {
    name: 'address-accounts',
    at: 'payment',
    fact: 'accountsAtAddressInDay',
    over: 4,
    points: 35,
    says: 'Many accounts send to one address',
  },
  {
    name: 'device-accounts',
    at: 'payment',
    fact: 'accountsOnDeviceInDay',
    over: 3,
    points: 40,
    says: 'Many accounts order from one device',
  },
  {
    name: 'failed-payments',
    at: 'payment',
    fact: 'failedPaymentsInHour',
    over: 4,
    points: 30,
    says: 'Payments of this account failed again and again: cards being tried',
  },
  {
    name: 'shared-card',
    at: 'payment',
    fact: 'sharedCardsInDay',
    over: 0,
    points: 45,
    says: 'A card that this account paid with also paid for several others',
  },
  // Mismatch.
  {
    name: 'pincode-state',
    at: 'payment',
    fact: 'pincodeOutsideState',
    over: 0,
    points: 20,
    says: 'The pincode is not in the state that is named',
  },
  {
    name: 'new-account-amount',
    at: 'payment',
    fact: 'amountOfNewAccount',
    over: 50_000_00,
    points: 30,
    says: 'A large first order of an account that is less than a day old',
  },
  // Cash on delivery.
  {
    name: 'cod-open',
    at: 'payment',
    fact: 'codOrdersInDay',
    over: 3,
    points: 50,
    says: 'Several orders on delivery within a day',
  },
  {
    name: 'cod-new-account',
    at: 'payment',
    fact: 'codAmountOfNewAccount',
    over: 10_000_00,
    points: 50,
    says: 'A large order on delivery of an account that is less than a day old',
  },
  // Coupons.
  {
    name: 'coupon-accounts-device',
    at: 'payment',
    fact: 'couponAccountsOnDeviceInDay',
    over: 1,
    points: 35,
    says: 'One device uses coupons with several accounts',
  },
  {
    name: 'coupon-accounts-address',
    at: 'payment',
    fact: 'couponAccountsAtAddressInDay',
    over: 2,
    points: 25,
    says: 'Several accounts use coupons for one address',
  },
  // What the shop's own books say, looked up before goods leave.
  {
    name: 'cod-refused',
    at: 'shipping',
    fact: 'codOrdersRefused',
    over: 2,
    points: 60,
    says: 'Orders on delivery were called off or sent back before',
  },
  {
    name: 'returns',
    at: 'shipping',
    fact: 'returnedPercent',
    over: 60,
    points: 30,
    says: 'Most of what this account was sent came back',
  },
  {
    name: 'payment-tries',
    at: 'shipping',
    fact: 'paymentTries',
    over: 4,
    points: 30,
    says: 'This order was paid at the fifth try or later',
  },
];

/** Points from which an order is looked at by people, and from which it is not taken at all. */
export const FRAUD_LIMITS = { review: 50, decline: 90 } as const;

/** A card that more accounts than these paid with is a shared one. */
export const SHARED_CARD_OVER = 2;

/** Younger is new. Milliseconds. */
export const NEW_ACCOUNT_MS = 24 * 3_600_000;
