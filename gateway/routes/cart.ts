/** The caller's own cart. From here to a confirmed order no database is asked. */
import type { CartView } from '../../actors/cart/cart.ts';
import type { Pincode, UserId } from '../../actors/ids.ts';
import type { PaymentMethod } from '../../actors/order/order.ts';
import type { Place } from '../../actors/pricing/shipping/zones.ts';
import type { StateCode } from '../../actors/pricing/tax/states.ts';
import type { GatewayDeps } from '../deps.ts';
import { cart, cartDocument, cartQuery, couponToApply, itemParams, itemToAdd, newQuantity } from '../documents/cart.ts';
import { type Answer, answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { type Cashier, placeOf, pricedItem } from '../pricing/cashier.ts';
import { OFFER_PROBLEMS, refuse } from '../problems.ts';
import { refusalOf } from '../refusals.ts';
import type { Sales } from '../sales/port.ts';
import { SITE, type WaitingRooms } from '../waiting-room/waiting-rooms.ts';

const tag = 'Cart';

type Parts = Pick<GatewayDeps, 'actors' | 'offers' | 'addressBook'> & {
  readonly cashier: Cashier;
  readonly sales: Sales;
  readonly waiting: Pick<WaitingRooms, 'guard'>;
};

/** As if it were ordered in this way. */
type Meant = { readonly to?: Place | undefined; readonly method?: PaymentMethod | undefined };

/** Where its shipping is shown to somebody without an address. */
const SOMEWHERE: Place = { pincode: '560048' as Pincode, state: '29' as StateCode };

export function cartRoutes({ actors, offers, sales, waiting, addressBook, cashier }: Parts): readonly Endpoint[] {
  /** An address that cannot be read keeps nobody from their cart: shipping is then shown as to somebody without. */
  const home = async (userId: UserId): Promise<Place> => {
    const address = await addressBook.home(userId).catch(() => undefined);
    return (address === undefined ? undefined : placeOf(address)) ?? SOMEWHERE;
  };

  const billed = async (userId: UserId, view: CartView, { to, method }: Meant = {}) => {
    const [deliverTo, ...live] = await Promise.all([
      to ?? home(userId),
      ...view.lines.map(({ sku }) => offers.find(sku)),
    ]);
    const lines = view.lines.map((line, index) => ({ line, offer: live[index] ?? line.offer }));
    const bill = await cashier.bill({
      items: lines.map(({ line: { sku, quantity }, offer }) => pricedItem({ ...offer, sku }, quantity)),
      coupon: view.coupon,
      deliverTo,
      customer: { id: userId, orders: view.orders ?? 0 },
      payment: method === undefined ? undefined : { method },
    });
    return { lines, bill };
  };

  const shown = async (userId: UserId, view: CartView, version: number, meant?: Meant): Promise<Answer> => {
    const { lines, bill } = await billed(userId, view, meant);
    return answer(200, cartDocument(view, version, lines, bill, sales), { etag: versionTag(version) });
  };
  const answers = { 200: { description: 'The cart as it is now', schema: cart, headers: ['ETag'] } } as const;

  return [
    endpoint({
      method: 'GET',
      path: '/api/cart',
      tag,
      summary: 'The cart, at the prices of now',
      access: 'signed-in',
      limit: 'cart',
      priority: 'cart',
      query: cartQuery,
      answers,
      problems: ['unknown-address', 'unknown-state'],
      async handle({ principal, query }) {
        const { userId } = principal;
        const { addressId, method } = query;
        const [{ view, version }, address] = await Promise.all([
          actors.cart.read(userId),
          addressId === undefined ? undefined : addressBook.find(userId, addressId),
        ]);
        if (addressId === undefined) return shown(userId, view, version, { method });
        if (address === undefined) return refuse('unknown-address', { detail: addressId });
        const to = placeOf(address);
        if (to === undefined) return refuse('unknown-state', { detail: address.state });
        return shown(userId, view, version, { to, method });
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/cart/items',
      tag,
      summary: 'Put an item into the cart',
      detail: 'Adds to a line that is there. Nothing is reserved: stock is held from the order on.',
      access: 'signed-in',
      limit: 'cart',
      priority: 'cart',
      conditional: true,
      takes: ['AdmissionPass'],
      body: itemToAdd,
      answers,
      problems: ['unknown-sku', 'out-of-stock', 'quantity-limit', 'cart-full', 'waiting-room'],
      async handle({ principal, body: { sku, quantity }, intent, options, request }) {
        const offer = await offers.find(sku);
        if (offer === undefined) return refuse('unknown-sku', { detail: sku });
        // Known here, so that a crowd that comes too late costs no actor anything.
        const inSale = sales.offerOf(sku);
        if (inSale?.soldOut) {
          const errors = [{ path: `items[${sku}]`, message: 'Sold out', sku, requested: quantity, available: 0 }];
          return refuse('out-of-stock', { errors, extra: { soldOut: true } });
        }
        const pass = request.headers['x-admission-pass'];
        const mustWait = await waiting.guard(inSale?.saleId ?? SITE, principal.userId, pass);
        if (mustWait !== undefined) return mustWait;
        const { productId, sellerId, name, unitPrice } = offer;
        // A repeat after an answer that never came, or a 503, adds nothing twice.
        const once = { ...options, commandId: `add:${intent.seed}` };
        const outcome = await actors
          .cart(principal.userId)
          .addItem({ sku, quantity, offer: { productId, sellerId, name, unitPrice } }, once);
        return outcome.ok ? shown(principal.userId, outcome.result, outcome.version) : refusalOf(outcome.rejection);
      },
    }),

    endpoint({
      method: 'PUT',
      path: '/api/cart/items/{sku}',
      tag,
      summary: 'Change a quantity',
      access: 'signed-in',
      limit: 'cart',
      priority: 'cart',
      conditional: true,
      params: itemParams,
      body: newQuantity,
      answers,
      problems: ['not-in-cart', 'quantity-limit'],
      async handle({ principal, params: { sku }, body: { quantity }, options }) {
        const outcome = await actors.cart(principal.userId).setQuantity({ sku, quantity }, options);
        return outcome.ok ? shown(principal.userId, outcome.result, outcome.version) : refusalOf(outcome.rejection);
      },
    }),

    endpoint({
      method: 'DELETE',
      path: '/api/cart/items/{sku}',
      tag,
      summary: 'Take an item out',
      access: 'signed-in',
      limit: 'cart',
      priority: 'cart',
      conditional: true,
      params: itemParams,
      answers,
      problems: ['not-in-cart'],
      async handle({ principal, params: { sku }, options }) {
        const outcome = await actors.cart(principal.userId).removeItem({ sku }, options);
        return outcome.ok ? shown(principal.userId, outcome.result, outcome.version) : refusalOf(outcome.rejection);
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/cart/coupon',
      tag,
      summary: 'Enter a coupon',
      detail:
        'In place of one that was there. Refused where it would not count, with the reason in `code`; one for a way to pay ' +
        'is kept, and counts when it is paid so. Whether it counts is told with the cart from then on.',
      access: 'signed-in',
      limit: 'cart',
      priority: 'cart',
      conditional: true,
      body: couponToApply,
      answers,
      problems: [...OFFER_PROBLEMS],
      async handle({ principal: { userId }, body: { code }, options }) {
        const { view } = await actors.cart.read(userId);
        const { bill } = await billed(userId, { ...view, coupon: code });
        const { problem, missing } = bill.coupon ?? {};
        if (problem !== undefined && !OF_PAYMENT.has(problem))
          return refuse(problem, { detail: code, ...(missing === undefined ? {} : { extra: { missing } }) });
        const outcome = await actors.cart(userId).applyCoupon({ code }, options);
        return outcome.ok ? shown(userId, outcome.result, outcome.version) : refusalOf(outcome.rejection);
      },
    }),

    endpoint({
      method: 'DELETE',
      path: '/api/cart/coupon',
      tag,
      summary: 'Take the coupon out',
      access: 'signed-in',
      limit: 'cart',
      priority: 'cart',
      conditional: true,
      answers,
      async handle({ principal: { userId }, options }) {
        const outcome = await actors.cart(userId).removeCoupon({}, options);
        return outcome.ok ? shown(userId, outcome.result, outcome.version) : refusalOf(outcome.rejection);
      },
    }),
  ];
}

/** Known only with the order. */
const OF_PAYMENT: ReadonlySet<string> = new Set(['payment-method-not-eligible', 'bank-not-eligible']);
