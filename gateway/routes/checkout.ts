/**
 * From the cart to an order: prices and address are fixed here, everything else is the order's process manager's.
 *
 * The order's id and its commands' come from the Idempotency-Key's seed. A repeat (after a lost answer, a 503, or the
 * death of this gateway) therefore meets the order that is there and waits for it, even if the cart has been emptied
 * into it meanwhile: what would refuse a new order is only said when there is none.
 */

import { homeOf } from '../../actors/checkout/buckets/survey.ts';
import type { OrderId, Sku, UserId } from '../../actors/ids.ts';
import type { OrderLine, OrderView, PaymentMethod, PlacedOrder } from '../../actors/order/order.ts';
import { totalsOf } from '../../actors/pricing/totals.ts';
import type { Read } from '../../actors/runtime/envelope.ts';
import { idFrom } from '../../config/ids.ts';
import type { Address } from '../../stores/accounts/port.ts';
import { gatewayMeant } from '../../stores/payments/routes/meant.ts';
import type { GatewayDeps } from '../deps.ts';
import { checkout, order, orderDocument } from '../documents/orders.ts';
import { type Answer, answer, type Endpoint, endpoint, type Intent } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { type FieldError, type Refusal, refuse } from '../problems.ts';
import type { Sales } from '../sales/port.ts';
import { SITE, type WaitingRooms } from '../waiting-room/waiting-rooms.ts';

type Parts = Pick<GatewayDeps, 'actors' | 'offers' | 'addressBook' | 'gateways' | 'settings'> & {
  readonly sales: Sales;
  readonly waiting: Pick<WaitingRooms, 'guard'>;
};

/** As a header comes. */
type Pass = string | readonly string[] | undefined;

const CHECKOUT_TIMEOUT_MS = 8_000;

export function checkoutRoutes({
  actors,
  offers,
  sales,
  waiting,
  addressBook,
  gateways,
  settings,
}: Parts): readonly Endpoint[] {
  const timeoutMs = settings.checkoutTimeoutMs ?? CHECKOUT_TIMEOUT_MS;

  /** The cart's lines at the prices of now; what is not on sale any more is named. What is sold out is known here. */
  const priceLines = async (userId: UserId): Promise<readonly OrderLine[] | Refusal> => {
    const { view } = await actors.cart.read(userId);
    if (view.lines.length === 0) return refuse('cart-empty');
    const live = await Promise.all(view.lines.map(({ sku }) => offers.find(sku)));
    const lines: OrderLine[] = [];
    const gone: FieldError[] = [];
    const soldOut: FieldError[] = [];
    const limited: FieldError[] = [];
    view.lines.forEach(({ sku, quantity }, index) => {
      const offer = live[index];
      const path = `items[${sku}]`;
      if (offer === undefined) {
        gone.push({ path, message: 'No longer on sale' });
        return;
      }
      const inSale = sales.offerOf(sku);
      if (inSale === undefined) {
        lines.push({ sku, quantity, ...pick(offer) });
        return;
      }
      const { saleId, limitPerCustomer: limit, price: unitPrice, buckets: count } = inSale;
      if (inSale.soldOut) soldOut.push({ path, message: 'Sold out', sku, requested: quantity, available: 0, saleId });
      else if (quantity > limit) limited.push(overLimit(sku, quantity, limit, limit));
      else lines.push({ sku, quantity, ...pick(offer), unitPrice, ledger: homeOf({ sku, saleId, count }, userId) });
    });
    if (gone.length > 0) return refuse('item-unavailable', { errors: gone });
    if (soldOut.length > 0) return refuse('out-of-stock', { errors: soldOut, extra: { soldOut: true } });
    return limited.length > 0 ? refuse('purchase-limit', { errors: limited }) : lines;
  };

  /** A pass for each sale that the cart is of, or for the shop. */
  const mustWait = async (userId: UserId, lines: readonly OrderLine[], pass: Pass) => {
    const inSale = new Set(lines.flatMap(({ sku }) => sales.offerOf(sku)?.saleId ?? []));
    for (const room of inSale.size === 0 ? [SITE] : inSale) {
      const refused = await waiting.guard(room, userId, pass);
      if (refused !== undefined) return refused;
    }
    return undefined;
  };

  const draft = async (
    userId: UserId,
    body: { addressId: Address['id']; payment: { method: PaymentMethod } },
    pass: Pass,
  ) => {
    const { method } = body.payment;
    if (!gateways.some(({ methods }) => methods.includes(method)))
      return refuse('payment-method-unavailable', { detail: method });
    const [address, lines] = await Promise.all([addressBook.find(userId, body.addressId), priceLines(userId)]);
    if (address === undefined) return refuse('unknown-address', { detail: body.addressId });
    if ('problem' in lines) return lines;
    const refused = await mustWait(userId, lines, pass);
    if (refused !== undefined) return refused;
    const totals = totalsOf(lines);
    const gateway = gatewayMeant(gateways, { method, amount: totals.total });
    if (gateway === undefined) return refuse('payment-method-unavailable', { detail: `${method} for this amount` });
    return { lines, totals, shippingAddress: shippingTo(address), method, gateway: gateway.name };
  };

  const place = async (
    id: OrderId,
    userId: UserId,
    intent: Intent,
    drafted: Exclude<Awaited<ReturnType<typeof draft>>, Refusal>,
    trace: { readonly trace?: string },
  ): Promise<number> => {
    const { method, gateway, ...rest } = drafted;
    const outcome = await actors.order(id).place(
      {
        ...rest,
        userId,
        payment: { id: idFrom('pay', intent.seed, intent.at), method, gateway },
        reservedUntil: Date.now() + settings.reservationSeconds * 1_000,
      },
      { ...trace, commandId: `place:${id}`, timeoutMs },
    );
    // Refused only if it is there already: then that one is waited for, and it may have got its last event.
    return outcome.ok ? outcome.version : 0;
  };

  /** Until it is held, or has ended; CREATED only when the time is over. */
  const settled = async (id: OrderId, from: number, deadline: number): Promise<Read<OrderView>> => {
    for (let after = from; ; ) {
      const timeLeft = deadline - Date.now();
      const read = await actors.order.watch(id, { after, timeoutMs: Math.max(1, timeLeft) });
      if (read.view.status !== 'CREATED' || timeLeft <= 0) return read;
      after = read.version;
    }
  };

  return [
    endpoint({
      method: 'POST',
      path: '/api/orders',
      tag: 'Orders',
      summary: 'Order what is in the cart',
      detail:
        'The prices of this moment count. All lines are held for the payment, or none. If holding them takes too long ' +
        'the answer is 503 `checkout-in-progress`: the same request with the same key then answers for the same order.',
      access: 'signed-in',
      limit: 'checkout',
      priority: 'order',
      idempotency: 'required',
      takes: ['AdmissionPass'],
      body: checkout,
      answers: {
        201: {
          description: 'The order; `payment.paymentUrl` is where to pay',
          schema: order,
          headers: ['ETag', 'Location', 'Idempotency-Replayed'],
        },
      },
      problems: [
        'cart-empty',
        'out-of-stock',
        'purchase-limit',
        'item-unavailable',
        'order-ended',
        'total-changed',
        'unknown-state',
        'unknown-address',
        'payment-method-unavailable',
        'checkout-in-progress',
        'waiting-room',
      ],
      async handle({ principal, body, intent, options, request }) {
        const deadline = Date.now() + timeoutMs;
        const id = idFrom('ord', intent.seed, intent.at);
        const drafted = await draft(principal.userId, body, request.headers['x-admission-pass']);
        const isNew = !('problem' in drafted);
        if (!isNew && (intent.fresh || (await actors.order.read(id)).version === 0)) return drafted;
        const from = isNew ? await place(id, principal.userId, intent, drafted, options) : 0;
        const { view, version } = await settled(id, from, deadline);
        return answerFor(id, view, version);
      },
    }),
  ];
}

function answerFor(id: OrderId, view: OrderView, version: number): Answer | Refusal {
  if (view.status === 'NONE' || view.status === 'CREATED') {
    return refuse('checkout-in-progress', { detail: `Order ${id}.`, extra: { orderId: id } });
  }
  const ended = refusalOfEnded(id, view);
  if (ended !== undefined) return ended;
  return answer(201, orderDocument(id, view, version), { etag: versionTag(version), location: `/api/orders/${id}` });
}

/** An order that never came to be paid for is no order to its customer. */
function refusalOfEnded(id: OrderId, { status, lines, cancelled, timeline }: PlacedOrder): Refusal | undefined {
  if (cancelled?.reason === 'out-of-stock') {
    const asked = new Map(lines.map(({ sku, quantity }) => [sku, quantity]));
    const limited = (cancelled.short ?? []).flatMap(({ sku, available, limit }) =>
      limit === undefined ? [] : [overLimit(sku, asked.get(sku) ?? 0, limit, available)],
    );
    if (limited.length > 0) return refuse('purchase-limit', { errors: limited, extra: { orderId: id } });
    return refuse('out-of-stock', {
      errors: (cancelled.short ?? []).map(({ sku, available }) => ({
        path: `items[${sku}]`,
        message: `${asked.get(sku) ?? 0} wanted, ${available} available`,
        sku,
        requested: asked.get(sku) ?? 0,
        available,
      })),
      extra: { orderId: id },
    });
  }
  const wasOffered = timeline.some((reached) => reached.status === 'PAYMENT_PENDING' || reached.status === 'CONFIRMED');
  return status === 'CANCELLED' && !wasOffered ? refuse('order-ended', { extra: { orderId: id } }) : undefined;
}

const overLimit = (sku: Sku, requested: number, limit: number, left: number): FieldError => ({
  path: `items[${sku}]`,
  message: `At most ${limit} for one customer, ${left} left to this one`,
  sku,
  requested,
  available: left,
  limit,
});

const pick = ({ productId, sellerId, name, unitPrice }: Omit<OrderLine, 'sku' | 'quantity'>) => ({
  productId,
  sellerId,
  name,
  unitPrice,
});

const shippingTo = ({ id, name, phone, line1, line2, city, state, pincode }: Address) => ({
  id,
  name,
  phone,
  line1,
  ...(line2 === undefined ? {} : { line2 }),
  city,
  state,
  pincode,
});
