/**
 * The one table from what went wrong to HTTP (RFC 9457 problem details). A code is stable: clients branch on it.
 * The actors' rejections carry the same words, so `refusalOf` needs no second table for them.
 */
import type { OfferRefusal } from '../actors/pricing/offers/offer.ts';

export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not valid; `errors` names the fields' },
  'malformed-json': { status: 400, title: 'The body is not JSON' },
  'malformed-request': { status: 400, title: 'The request is not HTTP as it should be' },
  'invalid-cursor': { status: 400, title: 'The cursor is not one that this list has given out' },
  'idempotency-key-required': { status: 400, title: 'This request needs an Idempotency-Key header' },
  'idempotency-key-invalid': { status: 400, title: 'The Idempotency-Key is not 1 to 255 visible ASCII characters' },
  'not-signed-in': { status: 401, title: 'A valid access token is required' },
  'bad-credentials': { status: 401, title: 'No account has these credentials' },
  'invalid-refresh-token': { status: 401, title: 'The refresh token is not valid any more; log in again' },
  'bad-signature': { status: 401, title: 'The signature does not fit the body' },
  forbidden: { status: 403, title: 'The account may not do this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'unknown-sku': { status: 404, title: 'There is no such SKU on sale' },
  'unknown-address': { status: 404, title: 'The account has no such address' },
  'unknown-warehouse': { status: 404, title: 'There is no such warehouse' },
  'not-in-cart': { status: 404, title: 'The SKU is not in the cart' },
  'unknown-payment-gateway': { status: 404, title: 'There is no such payment gateway' },
  'method-not-allowed': { status: 405, title: 'The resource has no such method; see Allow' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'email-taken': { status: 409, title: 'An account has this e-mail address' },
  'phone-taken': { status: 409, title: 'An account has this phone number' },
  'sku-taken': { status: 409, title: 'Another product has this SKU' },
  'out-of-stock': { status: 409, title: 'There is not enough in stock; `errors` names each short SKU' },
  'purchase-limit': { status: 409, title: 'One customer may not have as many in this sale; `errors` names each SKU' },
  'sale-overlap': { status: 409, title: 'An item is in another sale at that time; `errors` names it' },
  'item-unavailable': { status: 409, title: 'An item in the cart is no longer on sale; `errors` names it' },
  'cart-empty': { status: 409, title: 'The cart is empty' },
  'order-ended': { status: 409, title: 'The order ended before it could be paid' },
  'invalid-transition': { status: 409, title: 'The order is not in a state that allows this' },
  'under-review': { status: 409, title: 'The order is looked at before it is sent' },
  'not-under-review': { status: 409, title: 'Nobody has to look at the order' },
  'too-many-attempts': { status: 409, title: 'The order has been tried to be paid too often' },
  'return-window-closed': { status: 409, title: 'The time for returns is over' },
  'below-reserved': { status: 409, title: 'More is reserved than would be left' },
  'stock-set-aside': { status: 409, title: 'Some of the stock is set aside for a flash sale' },
  'request-running': { status: 409, title: 'The first request with this Idempotency-Key is still running' },
  'sold-out': { status: 409, title: 'What was waited for is sold out' },
  'sale-over': { status: 409, title: 'The sale has ended' },
  'code-taken': { status: 409, title: 'Another offer has this code, or had it' },
  'total-changed': { status: 409, title: 'The order comes to another total than was asked for; `totals` has it' },
  'promotion-over': { status: 409, title: 'The offer has ended' },
  'wallet-limit': { status: 409, title: 'The wallet may not take as much; `room` says how much' },
  'below-claimed': { status: 409, title: 'More of the offer is claimed than the limits would leave' },
  'precondition-failed': { status: 412, title: 'The document has another version than If-Match says' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be application/json' },
  'quantity-limit': { status: 422, title: 'More units of one item than a cart takes' },
  'too-many-addresses': { status: 422, title: 'The account has as many addresses as it takes' },
  'cart-full': { status: 422, title: 'More different items than a cart takes' },
  'unknown-line': { status: 422, title: 'The order has no such line' },
  'order-declined': { status: 422, title: 'The order is not taken' },
  'payment-method-unavailable': { status: 422, title: 'No payment gateway takes this method' },
  'unknown-state': { status: 422, title: 'The address is in no state of India that we know' },
  'unknown-coupon': { status: 422, title: 'There is no such coupon' },
  'offer-paused': { status: 422, title: 'The offer is paused' },
  'offer-ended': { status: 422, title: 'The offer has ended' },
  'offer-not-started': { status: 422, title: 'The offer has not begun' },
  'offer-exhausted': { status: 422, title: 'Nothing is left of the offer' },
  'customer-limit': { status: 422, title: 'The customer has had the offer as often as it is given' },
  'not-first-order': { status: 422, title: 'The offer is for first orders' },
  'not-in-segment': { status: 422, title: 'The offer is for others' },
  'payment-method-not-eligible': { status: 422, title: 'The offer is for other ways to pay' },
  'bank-not-eligible': { status: 422, title: 'The offer is for cards of other banks' },
  'no-eligible-items': { status: 422, title: 'The offer is for none of these items' },
  'below-minimum': { status: 422, title: 'The items come to less than the offer asks for; `missing` says how much' },
  'too-few-items': { status: 422, title: 'The offer asks for more items' },
  'better-offer-applied': { status: 422, title: 'Without the offer it costs less, or as much' },
  'no-benefit': { status: 422, title: 'The offer would take nothing off' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used with another request' },
  'too-many-requests': { status: 429, title: 'Too many requests; see Retry-After' },
  'too-many-streams': { status: 429, title: 'Too many event streams are open for this account' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'internal-error': { status: 500, title: 'Something is wrong on our side' },
  unavailable: { status: 503, title: 'A part of the system does not answer; try again' },
  'waiting-room': { status: 503, title: 'There is a queue; `enter` is where to take a place' },
  overloaded: { status: 503, title: 'Too much is asked of this at once; try again' },
  'checkout-in-progress': {
    status: 503,
    title: 'The order is still being placed; send the same request again with the same Idempotency-Key',
  },
  'not-ready': { status: 503, title: 'No order could be placed now' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Why an offer is refused is a code here: the compiler sees that none is missing. */
export const OFFER_PROBLEMS = [
  'unknown-coupon',
  'offer-paused',
  'offer-ended',
  'offer-not-started',
  'offer-exhausted',
  'customer-limit',
  'not-first-order',
  'not-in-segment',
  'payment-method-not-eligible',
  'bank-not-eligible',
  'no-eligible-items',
  'below-minimum',
  'too-few-items',
  'better-offer-applied',
  'no-benefit',
] as const satisfies readonly (ProblemCode & OfferRefusal)[];

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);

/** `path` as in the request: `items[0].quantity`, `query.limit`, `header.If-Match`; for a SKU `items[<sku>]`. */
export type FieldError = { readonly path: string; readonly message: string; readonly [more: string]: unknown };

/** An expected refusal: a value that a handler returns. */
export type Refusal = {
  readonly problem: ProblemCode;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the document (RFC 9457 §3.2). */
  readonly extra?: Readonly<Record<string, unknown>>;
};

export const refuse = (problem: ProblemCode, more: Omit<Refusal, 'problem'> = {}): Refusal => ({ problem, ...more });

/** Seconds: long enough for a node's partitions to have found another owner. */
const RETRY_AFTER_S = '1';

export const headersOf = (refusal: Refusal): Readonly<Record<string, string>> =>
  PROBLEMS[refusal.problem].status === 503
    ? { 'retry-after': RETRY_AFTER_S, ...refusal.headers }
    : (refusal.headers ?? {});

/** `type` is a relative reference that this gateway answers: `GET /problems/{code}`. */
export function problemDocument(refusal: Refusal, instance: string): string {
  const { status, title } = PROBLEMS[refusal.problem];
  return JSON.stringify({
    type: `/problems/${refusal.problem}`,
    title,
    status,
    ...(refusal.detail === undefined ? {} : { detail: refusal.detail }),
    instance,
    code: refusal.problem,
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
    ...refusal.extra,
  });
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
