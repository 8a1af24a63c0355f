/**
 * One customer's wallet, a double-entry ledger: the actor's id is the customer's. Whatever moves is an event with its
 * postings, which sum to zero; a balance is the sum of an account's postings and nothing else. Own money and promotional
 * credit are accounts of their own: credit is spent first, what expires soonest first, and cannot be topped up.
 *
 * Every command may be repeated: by its command id, as all, and by what it is about (order, top-up, grant, refund).
 */
import type { GrantId, Instant, OrderId, Paise, RefundId, TopUpId } from '../ids.ts';
import type { KycLevel } from './kyc-limits.ts';

/** A reminder may come this much before its time by the node's clock, which is not the server's. */
export const CLOCK_SKEW_MS = 60_000;
/** Ended orders, top-ups, grants and refunds are known this long: a repeat that comes later is not seen to be one. */
export const KNOWN_MS = 400 * 86_400_000;
/** Credit that comes back with a refund can be spent this long at least, though it would have expired sooner. */
export const RESTORED_MS = 7 * 86_400_000;
/** At a time. */
export const MOST = { holds: 100, lots: 200, topUps: 20 } as const;
/** Ended top-ups that are shown. */
export const TOP_UPS_SHOWN = 20;

/**
 * The customer's: `balance` and `credit` can be spent, `held` and `credit-held` wait for an order. The other side:
 * `clearing` is what gateways owe for top-ups, `orders` what the shop was paid, `promotions` what credit costs it.
 */
export const ACCOUNTS = ['balance', 'held', 'credit', 'credit-held', 'clearing', 'orders', 'promotions'] as const;
export type Account = (typeof ACCOUNTS)[number];
/** With a sign: what comes to the account, or leaves it. */
export type Posting = { readonly account: Account; readonly amount: Paise };
type Posted = { readonly postings: readonly Posting[] };

/** Credit of one grant; what came back with a refund may expire later than the rest of it. */
export type Lot = { readonly grantId: GrantId; readonly amount: Paise; readonly expiresAt: Instant };
/** What an amount is made of. */
export type Parts = { readonly own: Paise; readonly credit: readonly Lot[] };
export type Total = { readonly own: Paise; readonly credit: Paise };

export type WalletEvent =
  | { readonly type: 'KycRecorded'; readonly level: KycLevel; readonly reference: string }
  /** Room for it is kept until then; nothing has moved. */
  | { readonly type: 'TopUpOpened'; readonly topUpId: TopUpId; readonly amount: Paise; readonly expiresAt: Instant }
  /** Not paid in time, as far as anybody has told: its room is free, and its gateway is asked. */
  | { readonly type: 'TopUpLapsed'; readonly topUpId: TopUpId; readonly amount: Paise }
  | (Posted & { readonly type: 'ToppedUp'; readonly topUpId: TopUpId; readonly amount: Paise })
  /** Paid, but there is no room for it any more: it goes back to where it came from. */
  | { readonly type: 'TopUpRefused'; readonly topUpId: TopUpId; readonly amount: Paise; readonly why: LimitName }
  | (Posted & Lot & { readonly type: 'CreditGranted'; readonly reason: string })
  | (Posted & Lot & { readonly type: 'CreditExpired' })
  | (Posted &
      Parts & {
        readonly type: 'MoneyHeld';
        readonly orderId: OrderId;
        /** What was asked for; less is held only if that was allowed. */
        readonly asked: Paise;
        readonly until: Instant;
      })
  /** Of an order that holds nothing: it is over, and a hold that comes late is refused. */
  | (Posted &
      Parts & { readonly type: 'HoldReleased'; readonly orderId: OrderId; readonly why: 'released' | 'expired' })
  | (Posted &
      Parts & {
        readonly type: 'OrderPaid';
        readonly orderId: OrderId;
        readonly asked: Paise;
        readonly from: 'hold' | 'balance';
      })
  /** Own money first. `from`: which of the order's credit it was; what comes back of it may expire later. */
  | (Posted &
      Parts & {
        readonly type: 'OrderRefunded';
        readonly orderId: OrderId;
        readonly refundId: RefundId;
        readonly from: readonly Lot[];
      })
  /** The reminder came early by this node's clock. */
  | { readonly type: 'ExpiryAwaited'; readonly until: Instant };

export type LimitName = 'no-kyc' | 'balance' | 'month' | 'year';
export type InvalidAmount = { readonly type: 'invalid-amount' };
export type InsufficientFunds = { readonly type: 'insufficient-funds'; readonly available: Paise };
/** What it is about is known already, with another amount or for something else: not a repeat. */
export type ReferenceReused = { readonly type: 'reference-reused' };
/** The order has ended: `released`, or it comes after its own deadline. */
export type HoldEnded = { readonly type: 'hold-ended' };
export type NoHold = { readonly type: 'no-hold' };
export type AlreadyPaid = { readonly type: 'already-paid' };
export type NothingToRefund = { readonly type: 'nothing-to-refund'; readonly refundable: Paise };
export type LimitExceeded = { readonly type: 'limit-exceeded'; readonly limit: LimitName; readonly room: Paise };
export type TooMany = { readonly type: 'too-many'; readonly most: number };

export type WalletContract = {
  /** As somebody has verified it; `reference` is theirs. */
  recordKyc: {
    input: { readonly level: KycLevel; readonly reference: string };
    result: null;
    rejection: never;
  };
  /** Keeps room under the limits for a payment that is about to be made. */
  openTopUp: {
    input: { readonly topUpId: TopUpId; readonly amount: Paise; readonly expiresAt: Instant };
    result: null;
    rejection: InvalidAmount | LimitExceeded | ReferenceReused | TooMany;
  };
  /** The payment was captured. Once credited or refused it stays so, whatever room there is later. */
  topUp: {
    input: { readonly topUpId: TopUpId; readonly amount: Paise };
    result: { readonly credited: boolean };
    rejection: InvalidAmount | ReferenceReused;
  };
  grant: {
    input: Lot & { readonly reason: string };
    result: null;
    rejection: InvalidAmount | ReferenceReused | TooMany | { readonly type: 'expired' };
  };
  /** `upTo`: as much of it as there is, if there is anything. A hold frees itself at `until`. */
  hold: {
    input: { readonly orderId: OrderId; readonly amount: Paise; readonly until: Instant; readonly upTo?: boolean };
    result: Total;
    rejection: InvalidAmount | InsufficientFunds | ReferenceReused | HoldEnded | AlreadyPaid | TooMany;
  };
  /** A hold that has expired meanwhile is taken afresh, if there is as much. */
  commit: {
    input: { readonly orderId: OrderId };
    result: Total;
    rejection: NoHold | HoldEnded | InsufficientFunds;
  };
  release: { input: { readonly orderId: OrderId }; result: null; rejection: AlreadyPaid };
  /** At once, without a hold. */
  pay: {
    input: { readonly orderId: OrderId; readonly amount: Paise };
    result: Total;
    rejection: InvalidAmount | InsufficientFunds | ReferenceReused | HoldEnded;
  };
  /** Of what the wallet paid for the order, never more; it may exceed the limits (kyc-limits.ts). */
  refund: {
    input: { readonly refundId: RefundId; readonly orderId: OrderId; readonly amount: Paise };
    result: Total;
    rejection: InvalidAmount | ReferenceReused | NothingToRefund;
  };
  remind: { input: { readonly name: string }; result: null; rejection: never };
};

export type Hold = Parts & { readonly asked: Paise; readonly until: Instant };
/** `own` and `credit`: of a `paid` order what can still be refunded. `total`: what it was. */
export type EndedOrder = Parts & {
  readonly status: 'lapsed' | 'released' | 'paid';
  readonly asked: Paise;
  readonly total: Total;
  readonly at: Instant;
};

export type OpenTopUp = { readonly amount: Paise; readonly expiresAt: Instant };

/** Changed in place by `evolve`: see ActorKind.evolve. Known references: the oldest first. */
export type WalletState = {
  kyc: { readonly level: KycLevel; readonly reference: string };
  accounts: Record<Account, Paise>;
  /** Expiring soonest first. Their sum is the account `credit`. */
  lots: Lot[];
  holds: Record<OrderId, Hold>;
  orders: Record<OrderId, EndedOrder>;
  openTopUps: Record<TopUpId, OpenTopUp>;
  topUps: Record<TopUpId, { readonly amount: Paise; readonly credited: boolean; readonly at: Instant }>;
  grants: Record<GrantId, Omit<Lot, 'grantId'> & { readonly at: Instant }>;
  refunds: Record<RefundId, { readonly orderId: OrderId; readonly total: Total; readonly at: Instant }>;
  /** Topped up in the month and the financial year of the last top-up. */
  loaded: { readonly month: string; readonly inMonth: Paise; readonly year: string; readonly inYear: Paise };
  awaitUntil: Instant;
};

/** As it is at that moment: what has expired is shown as such. */
export type WalletView = {
  readonly kyc: WalletState['kyc'];
  readonly balance: Paise;
  readonly credit: Paise;
  readonly held: Total;
  readonly credits: readonly Lot[];
  readonly holds: readonly { readonly orderId: OrderId; readonly amount: Paise; readonly until: Instant }[];
  /** The newest first. */
  readonly topUps: readonly {
    readonly topUpId: TopUpId;
    readonly amount: Paise;
    readonly status: 'pending' | 'credited' | 'refused';
  }[];
  /** null: no limit. `room`: what could be topped up now. */
  readonly limits: {
    readonly balance: Paise | null;
    readonly month: Paise | null;
    readonly year: Paise | null;
    readonly loadedInMonth: Paise;
    readonly loadedInYear: Paise;
    readonly room: Paise;
  };
};
