/** The caller's own cart. From here to a confirmed order no database is asked. */
import type { CartView } from '../../actors/cart/cart.ts';
import type { GatewayDeps } from '../deps.ts';
import { cart, cartDocument, itemParams, itemToAdd, newQuantity } from '../documents/cart.ts';
import { type Answer, answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { refuse } from '../problems.ts';
import { refusalOf } from '../refusals.ts';
import type { Sales } from '../sales/port.ts';
import { SITE, type WaitingRooms } from '../waiting-room/waiting-rooms.ts';

const tag = 'Cart';

type Parts = Pick<GatewayDeps, 'actors' | 'offers'> & {
  readonly sales: Sales;
  readonly waiting: Pick<WaitingRooms, 'guard'>;
};

export function cartRoutes({ actors, offers, sales, waiting }: Parts): readonly Endpoint[] {
  const shown = async (view: CartView, version: number): Promise<Answer> =>
    answer(200, await cartDocument(view, version, offers, sales), { etag: versionTag(version) });
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
      answers,
      async handle({ principal }) {
        const { view, version } = await actors.cart.read(principal.userId);
        return shown(view, version);
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
        return outcome.ok ? shown(outcome.result, outcome.version) : refusalOf(outcome.rejection);
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
        return outcome.ok ? shown(outcome.result, outcome.version) : refusalOf(outcome.rejection);
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
        return outcome.ok ? shown(outcome.result, outcome.version) : refusalOf(outcome.rejection);
      },
    }),
  ];
}
