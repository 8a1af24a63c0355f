/**
 * What is refused first when not everything can be done. The mission's three classes; class 1 is what the rest is shed
 * for. Within it there is an order as well: what finishes a purchase goes before what begins one, so that above the
 * capacity for orders those that are under way end, instead of all of them ending half-way.
 */
export const PRIORITIES = {
  /** Money that has moved: payment notices and pay pages. */
  payment: { class: 1, rank: 0 },
  /** Checkout of a cart that is filled, and the state of an order. */
  order: { class: 1, rank: 1 },
  /** What leads to a checkout: cart, sign-in, addresses, places in a queue. */
  cart: { class: 1, rank: 2 },
  /** Core search: finding goods, and the page of one. */
  find: { class: 1, rank: 3 },
  /** Recommendations, reviews, wishlist, browsing by category, profile, history; the work of sellers and operations. */
  second: { class: 2, rank: 4 },
  /** Recently viewed, price history, similar goods, ledgers, documents about the API. */
  third: { class: 3, rank: 5 },
} as const satisfies Readonly<Record<string, { readonly class: 1 | 2 | 3; readonly rank: number }>>;

export type ShedPriority = keyof typeof PRIORITIES;

/** `always`: health and metrics, without which nobody could tell an overload from a death. Never shed, not counted. */
export type Priority = ShedPriority | 'always';

/** First to go last. */
export const BY_RANK: readonly ShedPriority[] = ['payment', 'order', 'cart', 'find', 'second', 'third'];
