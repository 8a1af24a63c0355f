/**
 * From the cart to an order: prices and address are fixed here, everything else is the order's process manager's.
 *
 * The order's id and its commands' come from the Idempotency-Key's seed. A repeat (after a lost answer, a 503, or the
 * death of this gateway) therefore meets the order that is there and waits for it, even if the cart has been emptied
 * into it meanwhile: what would refuse a new order is only said when there is none.
 */

import { releaseOffers } from '../../actors/checkout/offers/claims.ts';
import { HOLD_GRACE_MS } from '../../actors/checkout/reserve.ts';
import type { OrderId, Paise, UserId } from '../../actors/ids.ts';
import type { OrderLine, OrderView, PaymentMethod, PlacedOrder } from '../../actors/order/order.ts';
import { lineQuote, orderOffers } from '../../actors/order/quoted.ts';
import type { QuotedLine } from '../../actors/pricing/request.ts';
import type { Read } from '../../actors/runtime/envelope.ts';
import { idFrom } from '../../config/ids.ts';
import type { Address } from '../../stores/accounts/port.ts';
import { gatewayMeant } from '../../stores/payments/routes/meant.ts';
import type { GatewayDeps } from '../deps.ts';
import { checkout, order, orderDocument } from '../documents/orders.ts';
import type { Fraud } from '../fraud/fraud.ts';
import { type Answer, answer, type Endpoint, endpoint, type Intent } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { cartLines, overLimit } from '../pricing/cart-lines.ts';
import { type Cashier, placeOf } from '../pricing/cashier.ts';
import { claimedBill } from '../pricing/claimed.ts';
import { OFFER_PROBLEMS, type Refusal, refuse } from '../problems.ts';
import type { Sales } from '../sales/port.ts';
import { SITE, type WaitingRooms } from '../waiting-room/waiting-rooms.ts';

type Parts = Pick<GatewayDeps, 'actors' | 'offers' | 'addressBook' | 'gateways' | 'settings' | 'log'> & {
  readonly sales: Sales;
  readonly cashier: Cashier;
  readonly fraud: Pick<Fraud, 'beforePayment'>;
  readonly waiting: Pick<WaitingRooms, 'guard'>;
};

type Wanted = (typeof checkout)['_output'];

/** As a header comes. */
type Pass = string | readonly string[] | undefined;

const CHECKOUT_TIMEOUT_MS = 8_000;

export function checkoutRoutes({
  actors,
  offers,
  sales,
  cashier,
  fraud,
  waiting,
  addressBook,
  gateways,
  settings,
  log,
}: Parts): readonly Endpoint[] {
  const timeoutMs = settings.checkoutTimeoutMs ?? CHECKOUT_TIMEOUT_MS;

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
    orderId: OrderId,
    userId: UserId,
    { addressId, payment: { method }, total }: Wanted,
    { pass, device, again }: { readonly pass: Pass; readonly device: string | undefined; readonly again: boolean },
  ) => {
    if (!gateways.some(({ methods }) => methods.includes(method)))
      return refuse('payment-method-unavailable', { detail: method });
    const [address, { view: cart }] = await Promise.all([
      addressBook.find(userId, addressId),
      actors.cart.read(userId),
    ]);
    if (address === undefined) return refuse('unknown-address', { detail: addressId });
    const deliverTo = placeOf(address);
    if (deliverTo === undefined) return refuse('unknown-state', { detail: address.state });
    const wanted = await cartLines(cart, userId, offers, sales);
    if ('problem' in wanted) return wanted;
    const refused = await mustWait(userId, wanted.lines, pass);
    if (refused !== undefined) return refused;
    const reservedUntil = Date.now() + settings.reservationSeconds * 1_000;
    const basket = {
      items: wanted.items,
      coupon: cart.coupon,
      deliverTo,
      customer: { id: userId, orders: cart.orders ?? 0 },
      payment: { method },
      // What is left may have been this order's own last time.
      onlyClaims: again,
    };
    const claiming = { orderId, expiresAt: reservedUntil + HOLD_GRACE_MS, total };
    const bill = await claimedBill(actors, cashier, basket, claiming);
    if ('problem' in bill) return bill;
    const { totals, lines: quoted, codFee } = bill.quote;
    const gateway = takerOf(method, totals.total);
    if (gateway === undefined) {
      await releaseOffers(actors, orderId, bill.limited);
      return refuse('payment-method-unavailable', { detail: `${method} for this amount` });
    }
    const judged = fraud.beforePayment.judge({
      orderId,
      userId,
      method,
      amount: totals.total,
      address,
      device,
      hasCoupon: (cart.coupon ?? null) !== null,
    });
    if (judged.decision === 'decline') {
      log.warn({ event: 'order-declined', order: orderId, user: userId, score: judged.score, reasons: judged.reasons });
      await releaseOffers(actors, orderId, bill.limited);
      return refuse('order-declined');
    }
    const applied = orderOffers(bill.quote, new Set(bill.limited.map(({ id }) => id)));
    return {
      lines: wanted.lines.map((line, index) => withQuote(line, quoted[index])),
      totals,
      ...(applied.length === 0 ? {} : { offers: applied }),
      ...(codFee === 0 ? {} : { codFee }),
      ...(judged.decision === 'review' ? { suspicion: { score: judged.score, reasons: judged.reasons } } : {}),
      shippingAddress: shippingTo(address),
      method,
      gateway: gateway.name,
      reservedUntil,
    };
  };

  /** What costs nothing is taken by whoever takes the method: nobody is asked for it. */
  const takerOf = (method: PaymentMethod, amount: Paise) =>
    amount === 0
      ? gateways.find(({ methods }) => methods.includes(method))
      : gatewayMeant(gateways, { method, amount });

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
        'The prices of this moment count; with `total`, only if they come to that. An offer with limits is claimed for the ' +
        'order; if a coupon does not count any more, `code` says why and nothing is ordered. All lines are held for the payment, or none. If holding them takes too long ' +
        'the answer is 503 `checkout-in-progress`: the same request with the same key then answers for the same order.',
      access: 'signed-in',
      limit: 'checkout',
      priority: 'order',
      idempotency: 'required',
      takes: ['AdmissionPass', 'DeviceId'],
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
        ...OFFER_PROBLEMS,
        'payment-method-unavailable',
        'order-declined',
        'checkout-in-progress',
        'waiting-room',
      ],
      async handle({ principal, body, intent, options, request }) {
        const deadline = Date.now() + timeoutMs;
        const id = idFrom('ord', intent.seed, intent.at);
        const pass = request.headers['x-admission-pass'];
        const device = deviceOf(request.headers['x-device-id']);
        const again = !intent.fresh;
        const isThere = again && (await actors.order.read(id)).version > 0;
        const drafted = isThere ? undefined : await draft(id, principal.userId, body, { pass, device, again });
        if (drafted !== undefined && 'problem' in drafted) {
          // A first run, elsewhere, may have placed it meanwhile, and emptied the cart into it.
          if (intent.fresh || (await actors.order.read(id)).version === 0) return drafted;
        }
        const isNew = drafted !== undefined && !('problem' in drafted);
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

/** As the client names it; what is longer is no name. */
const deviceOf = (header: Pass): string | undefined =>
  typeof header === 'string' && header.length > 0 && header.length <= 200 ? header : undefined;

const withQuote = (line: OrderLine, quoted: QuotedLine | undefined): OrderLine =>
  quoted === undefined ? line : { ...line, quote: lineQuote(quoted) };

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
