/** Role `checkout`: the process managers, and what wakes actors. */
import { checkoutReactor } from '../../actors/checkout/checkout.ts';
import { expiryReactor } from '../../actors/checkout/expiry.ts';
import { flashSalesReactor } from '../../actors/checkout/flash-sales.ts';
import { lateOffersReactor } from '../../actors/checkout/offer.ts';
import { refundsReactor } from '../../actors/checkout/refunds.ts';
import { settlementReactor } from '../../actors/checkout/settlement.ts';
import { topUpsReactor, withTopUps } from '../../actors/checkout/wallet/top-ups.ts';
import { createReservations } from '../../stores/kv/reservations.ts';
import { paymentGateways } from '../../stores/payments/gateways.ts';
import { runReactor } from '../reactors/reactor.ts';
import { eventSource, expirySource, reminderSource } from '../reactors/source.ts';
import type { NodeParts } from './foundation.ts';
import { KINDS } from './kinds.ts';

export async function startCheckout(parts: NodeParts): Promise<void> {
  const { env, log, actors, publisher, onStop } = parts;
  const reservations = createReservations(publisher);
  const deps = { actors, reservations, gateways: paymentGateways(env, log), clock: Date.now };
  const sources = [
    eventSource(checkoutReactor(deps), KINDS.order),
    eventSource(lateOffersReactor(deps), KINDS.order),
    eventSource(flashSalesReactor(deps), KINDS.sale),
    eventSource(withTopUps(settlementReactor(deps), deps), KINDS.payment),
    eventSource(topUpsReactor(deps), KINDS.wallet),
    eventSource(refundsReactor(deps), KINDS.payment),
    expirySource(expiryReactor(deps)),
    reminderSource(actors),
  ];
  for (const source of sources) {
    const reactor = await runReactor({ ...parts, source });
    onStop(() => reactor.stop());
  }
}
