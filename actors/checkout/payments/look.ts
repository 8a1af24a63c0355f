/**
 * A webhook may never come. So a payment that nobody has told of is asked about at its gateway: some times while its stock is
 * held, so that a paid order is not lost, and once more after its end, so that money which came too late goes back; a refund
 * that a gateway has taken and not ended, likewise. What wakes us is the claim's own timer, which every order has and which is
 * cleared when it is paid: an order that is paid as usual costs nothing for it.
 */
import { hash32 } from '../../../config/subjects.ts';
import type { Instant, OrderId } from '../../ids.ts';
import type { PlacedOrder } from '../../order/order.ts';
import type { PaymentView } from '../../payment/payment.ts';
import type { CheckoutDependencies } from '../dependencies.ts';
import { GatewayError } from '../ports.ts';
import { recordNotice } from './notices.ts';

/** Parts of the time that the stock is held, and the last one so long before its end. */
const LOOKS = [0.25, 0.6] as const;
const LAST_LOOK_MS = 15_000;
/** Spread over this part of the whole, by order: what was ordered together is not asked for together. */
const SPREAD = 0.1;
/** The grain of timers, and what is left after a look for what it finds to be recorded in. */
const GRAIN_MS = 1_000;
const LEAST_LEFT_MS = 1_500;
/** After the order's last event; later looks, while something is not known, each after as long again. */
const LATE_MS = 10 * 60_000;
const GIVEN_UP_AFTER_MS = 24 * 3_600_000;
/** The others look later. A gateway that is slow must not keep orders from ending in time. */
const LOOKS_AT_ONCE = 32;

type Pollable = Pick<CheckoutDependencies, 'gateways'>;

const spreadOf = (orderId: OrderId): number => hash32(orderId) / 2 ** 32;

const isPollable = ({ gateways }: Pollable, name: string): boolean =>
  gateways.some((gateway) => gateway.name === name && gateway.status !== undefined);

/** When an order that waits for its payment is woken next: for a look, or because its time is over. */
export function nextWake(
  deps: Pollable,
  id: OrderId,
  of: { readonly gateway: string; readonly placedAt: Instant; readonly reservedUntil: Instant },
  now: Instant,
): Instant {
  const { gateway, placedAt, reservedUntil } = of;
  if (!isPollable(deps, gateway)) return reservedUntil;
  const whole = reservedUntil - placedAt;
  const spread = SPREAD * spreadOf(id);
  const last = reservedUntil - Math.min(LAST_LOOK_MS, whole / 5) * (1 + spread);
  const looks = [...LOOKS.map((part) => placedAt + whole * (part + spread)), last];
  return looks.find((at) => at - now >= GRAIN_MS && reservedUntil - at >= LEAST_LEFT_MS) ?? reservedUntil;
}

/**
 * How long from now an order that waits for nothing any more is looked at again, in ms; undefined: nothing was ever opened for
 * it, or it was looked at for long enough.
 */
export function nextLateLook(deps: Pollable, id: OrderId, order: PlacedOrder, now: Instant): number | undefined {
  const { payment, otherPayments = [], updatedAt } = order;
  const opened = payment.gatewayOrderId === undefined ? otherPayments : [...otherPayments, payment];
  if (!opened.some(({ gateway }) => isPollable(deps, gateway)) || now - updatedAt > GIVEN_UP_AFTER_MS) return undefined;
  return Math.max(LATE_MS, now - updatedAt) * (1 + SPREAD * spreadOf(id));
}

export class Looks {
  readonly #deps: Pick<CheckoutDependencies, 'actors' | 'gateways'>;
  #underway = 0;

  constructor(deps: Pick<CheckoutDependencies, 'actors' | 'gateways'>) {
    this.#deps = deps;
  }

  /** False: not all could be asked, or a refund is still under way. Throws what is not a gateway's failure. */
  async at(order: PlacedOrder): Promise<boolean> {
    if (this.#underway >= LOOKS_AT_ONCE) return false;
    this.#underway += 1;
    try {
      let all = true;
      for (const { id } of [...(order.otherPayments ?? []), order.payment]) all = (await this.#ask(id)) && all;
      return all;
    } finally {
      this.#underway -= 1;
    }
  }

  async #ask(paymentId: PlacedOrder['payment']['id']): Promise<boolean> {
    const { actors, gateways } = this.#deps;
    const { view } = await actors.payment.read(paymentId);
    if (view.status === 'none' || view.gatewayOrderId === undefined) return true;
    if (view.status !== 'open' && !isRefunding(view)) return true;
    const gateway = gateways.find(({ name }) => name === view.gateway);
    if (gateway?.status === undefined) return true;
    try {
      const notices = await gateway.status({ paymentId, gatewayOrderId: view.gatewayOrderId });
      for (const notice of notices) await recordNotice(actors, notice, gateway.name);
      return !isRefunding((await actors.payment.read(paymentId)).view);
    } catch (error) {
      if (error instanceof GatewayError) return false;
      throw error;
    }
  }
}

const isRefunding = (view: PaymentView): boolean =>
  view.status !== 'none' && view.refunds.some(({ status }) => status === 'requested');
