/** What actors, stores and Fastify say of a failure, in the words of the table in problems.ts. */
import type { CartFull, NotInCart, QuantityLimit } from '../actors/cart/cart.ts';
import { GatewayError } from '../actors/checkout/ports.ts';
import type {
  InvalidTransition,
  MethodNotEligible,
  NotDue,
  ReturnWindowClosed,
  TooManyAttempts,
  UnknownLine,
} from '../actors/order/order.ts';
import type { NotUnderReview, UnderReview } from '../actors/order/review.ts';
import { ActorUnavailable } from '../actors/runtime/envelope.ts';
import type { BelowReserved, OutOfStock, UnknownWarehouse } from '../actors/sku/sku.ts';
import { TooManyAddresses, UnknownUser } from '../stores/accounts/addresses.ts';
import { SkuTaken } from '../stores/catalogue/port.ts';
import { InvalidCursor } from '../stores/cursor.ts';
import { type ProblemCode, type Refusal, refuse } from './problems.ts';

export type ActorRejection =
  | QuantityLimit
  | CartFull
  | NotInCart
  | OutOfStock
  | BelowReserved
  | UnknownWarehouse
  | InvalidTransition
  | UnknownLine
  | ReturnWindowClosed
  | TooManyAttempts
  | UnderReview
  | NotUnderReview
  | MethodNotEligible
  | NotDue;

export function refusalOf(rejection: ActorRejection): Refusal {
  switch (rejection.type) {
    case 'quantity-limit':
      return refuse('quantity-limit', { detail: `At most ${rejection.limit} units of one item.` });
    case 'cart-full':
      return refuse('cart-full', { detail: `At most ${rejection.limit} different items.` });
    case 'not-in-cart':
      return refuse('not-in-cart', { detail: rejection.sku });
    case 'out-of-stock':
      return refuse('out-of-stock', { detail: `${rejection.available} available.` });
    case 'below-reserved':
      return refuse('below-reserved', { detail: `${rejection.reserved} reserved.` });
    case 'unknown-warehouse':
      return refuse('unknown-warehouse', { detail: rejection.warehouseId });
    case 'invalid-transition':
      return rejection.from === 'NONE'
        ? refuse('not-found')
        : refuse('invalid-transition', { detail: `The order is ${rejection.from}.`, extra: { from: rejection.from } });
    case 'unknown-line':
      return refuse('unknown-line', { detail: rejection.sku });
    case 'return-window-closed':
      return refuse('return-window-closed', { detail: `Closed at ${new Date(rejection.closedAt).toISOString()}.` });
    case 'too-many-attempts':
      return refuse('too-many-attempts', { detail: `At most ${rejection.limit} tries.` });
    case 'under-review':
    case 'not-under-review':
      return refuse(rejection.type);
    case 'payment-method-not-eligible':
      return refuse('payment-method-not-eligible', { detail: `By ${rejection.methods.join(', ')}.` });
    case 'not-due':
      return refuse('invalid-transition', { detail: 'Not due yet.' });
    default:
      return rejection satisfies never;
  }
}

/** undefined: nobody expected this error; it is a defect, answered with 500 and logged. */
export function refusalOfError(error: unknown): Refusal | undefined {
  if (error instanceof ActorUnavailable) {
    if (error.code === 'version-mismatch') return refuse('precondition-failed');
    if (error.code === 'mailbox-full') return refuse('overloaded');
    return error.code === 'unknown-command' ? undefined : refuse('unavailable');
  }
  if (error instanceof SkuTaken) return refuse('sku-taken', { detail: error.sku });
  // A token that outlived its account.
  if (error instanceof UnknownUser) return refuse('not-found');
  if (error instanceof TooManyAddresses) return refuse('too-many-addresses');
  if (error instanceof InvalidCursor) return refuse('invalid-cursor');
  if (error instanceof GatewayError) return refuse('unavailable', { detail: 'The payment gateway does not answer.' });
  if (!(error instanceof Error)) return undefined;
  return refusalOfFastify(error) ?? refusalOfServer(error);
}

const FASTIFY: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed-request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed-json',
  FST_ERR_BAD_URL: 'malformed-request',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: 'unsupported-media-type',
};

/** secure-json-parse throws a SyntaxError for `__proto__`, with a status that Fastify puts on it. */
function refusalOfFastify(error: Error & { code?: unknown; statusCode?: unknown }): Refusal | undefined {
  const known = typeof error.code === 'string' ? FASTIFY[error.code] : undefined;
  if (known !== undefined) return refuse(known);
  if (error instanceof SyntaxError && error.statusCode === 400) return refuse('malformed-json');
  const status = error.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? refuse('malformed-request') : undefined;
}

/** SQLSTATE classes of a server that is away, starting, stopping, full, or too slow. */
const DATABASE_AWAY = /^(?:08|53|57|58)[0-9A-Z]{3}$|^(?:25P03|40001|40P01|55P03)$/;
/** The text had something that PostgreSQL does not store: ours to have refused before, but never our defect. */
const DATABASE_REFUSES_DATA = /^22[0-9A-Z]{3}$/;
const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);
const AWAY_NAMES = new Set([
  'TimeoutError',
  'NoRespondersError',
  'RequestError',
  'ConnectionError',
  'ClosedConnectionError',
  'DrainingConnectionError',
]);
/** node-postgres and its pool have no codes for these. */
const AWAY_MESSAGES =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end)/;

function refusalOfServer(error: Error & { code?: unknown; retryable?: unknown }): Refusal | undefined {
  const code = typeof error.code === 'string' ? error.code : '';
  if (DATABASE_REFUSES_DATA.test(code)) return refuse('invalid-request');
  const away =
    error.retryable === true ||
    SOCKET.has(code) ||
    DATABASE_AWAY.test(code) ||
    AWAY_NAMES.has(error.name) ||
    AWAY_MESSAGES.test(error.message);
  return away ? refuse('unavailable') : undefined;
}
