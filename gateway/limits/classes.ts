/**
 * How often who may do what. A class belongs to a group of routes; `by` says whose requests are counted together.
 * The quotas are multiplied by RATE_LIMIT_FACTOR.
 */
export type Quota = { readonly by: 'address' | 'user'; readonly requests: number; readonly seconds: number };

export const LIMITS = {
  /** New accounts from one address. */
  registration: { by: 'address', requests: 20, seconds: 600 },
  /** Login, refresh, logout. argon2id makes a login dear for us as well. */
  credentials: { by: 'address', requests: 30, seconds: 60 },
  catalogue: { by: 'address', requests: 600, seconds: 60 },
  account: { by: 'user', requests: 120, seconds: 60 },
  cart: { by: 'user', requests: 300, seconds: 60 },
  checkout: { by: 'user', requests: 30, seconds: 60 },
  orders: { by: 'user', requests: 600, seconds: 60 },
  operations: { by: 'user', requests: 1_200, seconds: 60 },
  /** Someone who follows a payment link; needs no account. */
  payment: { by: 'address', requests: 300, seconds: 60 },
} as const satisfies Readonly<Record<string, Quota>>;

/** Failed logins for one account, whatever the address: guessing from many places is slow too. */
export const FAILED_LOGINS: Quota = { by: 'user', requests: 10, seconds: 900 };

/** Payment notices with a wrong signature: an address that sends more is shed first when there is too much to do. */
export const FORGED_NOTICES: Quota = { by: 'address', requests: 60, seconds: 60 };

/**
 * `none`: health, metrics, documents about the API; and webhooks, which come in bursts from few addresses and are
 * bounded by their size and signature.
 */
export type LimitClass = keyof typeof LIMITS | 'none';
