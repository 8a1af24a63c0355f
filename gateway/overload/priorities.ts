/**
 * What is refused first when not everything can be done. The mission's three classes; class 1 is what the rest is shed
 * for. Within it there is an order as well: what finishes a purchase goes before what begins one, so that above the
 * capacity for orders those that are under way end, instead of all of them ending half-way.
 */
export type Rank = {
  readonly class: 1 | 2 | 3;
  /** 0 goes last. */
  readonly rank: number;
  /** What one makes the system do, in requests for a page; roughly (an order's CPU by step, docs/performance.md). */
  readonly cost: number;
  /** Whose places in flight it takes: a checkout may wait for a slow payment gateway, which is no load. */
  readonly room: 'buying' | 'other';
  /** Of the places of its room: when so many are taken, no more of this rank. The rest is for those above. */
  readonly share: number;
};

export const PRIORITIES = {
  /** Money that has moved: payment notices and pay pages. */
  payment: { class: 1, rank: 0, cost: 4, room: 'buying', share: 1 },
  /** Checkout of a cart that is filled, and the state of an order. */
  order: { class: 1, rank: 1, cost: 6, room: 'buying', share: 0.9 },
  /** What leads to a checkout: cart, sign-in, addresses, places in a queue. */
  cart: { class: 1, rank: 2, cost: 3, room: 'other', share: 1 },
  /** Core search: finding goods, and the page of one. */
  find: { class: 1, rank: 3, cost: 1, room: 'other', share: 0.7 },
  /** Recommendations, reviews, wishlist, browsing by category, profile, history; the work of sellers and operations. */
  second: { class: 2, rank: 4, cost: 1, room: 'other', share: 0.5 },
  /** Recently viewed, price history, similar goods, ledgers, documents about the API. */
  third: { class: 3, rank: 5, cost: 1, room: 'other', share: 0.4 },
} as const satisfies Readonly<Record<string, Rank>>;

export type ShedPriority = keyof typeof PRIORITIES;

/** `always`: health and metrics, without which nobody could tell an overload from a death. Never shed, not counted. */
export type Priority = ShedPriority | 'always';

/** First to go last. */
export const BY_RANK: readonly Rank[] = Object.values(PRIORITIES).toSorted((a, b) => a.rank - b.rank);
