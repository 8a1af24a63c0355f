/**
 * A top-up is a payment like any other; what it is for is a top-up's id where an order's would stand. What its payment says
 * goes to the wallet, which knows each top-up once: so it is credited once, whatever is repeated and whoever dies in between.
 */
import { idFrom } from '../../../config/ids.ts';
import type { OrderId, PaymentId, TopUpId, UserId } from '../../ids.ts';
import type { PaymentEvent } from '../../payment/payment.ts';
import { type Handlers, type Reaction, type Reactor, RetryAt } from '../../runtime/reactor.ts';
import type { WalletEvent } from '../../wallet/wallet.ts';
import { type CheckoutDependencies, openedPayment, Unsettled } from '../dependencies.ts';
import { recordNotice } from '../payments/notices.ts';
import { GatewayError } from '../ports.ts';
import { pauseAfter } from '../refunds.ts';

type Needs = Omit<CheckoutDependencies, 'reservations'>;

const PREFIX = 'top_';

/** As payments and gateways know it. */
export const asPaidFor = (topUpId: TopUpId): OrderId => topUpId as string as OrderId;
const topUpOf = (paidFor: OrderId): TopUpId | undefined =>
  paidFor.startsWith(PREFIX) ? (paidFor as string as TopUpId) : undefined;
/** One payment each, found by its name. */
export const paymentOfTopUp = (topUpId: TopUpId): PaymentId => `pay_${topUpId.slice(PREFIX.length)}` as PaymentId;

/** Settlement of both: of what is paid for an order as it is, of a top-up to the wallet. One consumer reads for both. */
export function withTopUps(
  settlement: Reactor<PaymentEvent, PaymentId>,
  deps: Needs,
): Reactor<PaymentEvent, PaymentId> {
  const topUps: Handlers<PaymentEvent, PaymentId> = {
    PaymentCaptured: (reaction) => credit(deps, reaction),
  };
  const types = Object.keys({ ...settlement.on, ...topUps }) as PaymentEvent['type'][];
  const on = Object.fromEntries(
    types.map((type) => [
      type,
      async (reaction: Reaction<PaymentEvent, PaymentId>) => {
        const { event } = reaction;
        const isTopUp = 'orderId' in event && topUpOf(event.orderId) !== undefined;
        // The handler of an event's type takes events of that type.
        const handler = (isTopUp ? topUps : settlement.on)[type] as
          | ((reaction: Reaction<PaymentEvent, PaymentId>) => Promise<void>)
          | undefined;
        await handler?.(reaction);
      },
    ]),
  );
  return { ...settlement, on };
}

async function credit(
  deps: Needs,
  { id, event, at, version, commandId }: Reaction<Extract<PaymentEvent, { type: 'PaymentCaptured' }>, PaymentId>,
): Promise<void> {
  const { actors } = deps;
  const topUpId = topUpOf(event.orderId);
  if (topUpId === undefined) return;
  const { amount } = event;
  const { userId } = await openedPayment(deps, id, version);
  const told = await actors.wallet(userId).topUp({ topUpId, amount }, { commandId: commandId('credit') });
  if (!told.ok) throw new Unsettled(`${id} took ${amount} paise for ${topUpId}: ${told.rejection.type}`);
  if (told.result.credited) return;
  // There is no room for it under the limits any more: it goes back whole.
  const refundId = idFrom('rfd', `${id}:not-wanted`, at);
  const asked = await actors
    .payment(id)
    .requestRefund({ refundId, amount, reason: 'wallet-limit' }, { commandId: commandId('refund') });
  if (!asked.ok) throw new Unsettled(`${id} took ${amount} paise that the wallet cannot hold: ${asked.rejection.type}`);
}

/** For payments that no webhook has told of: the gateway is asked when the time for the top-up is over, until it answers. */
export const topUpsReactor = (deps: Needs): Reactor<WalletEvent, UserId> => ({
  name: 'top-ups',
  kind: 'wallet',
  on: {
    async TopUpLapsed({ event, at }) {
      const { actors, gateways, clock } = deps;
      const paymentId = paymentOfTopUp(event.topUpId);
      const { view } = await actors.payment.read(paymentId);
      if (view.status !== 'open' || view.gatewayOrderId === undefined) return;
      const gateway = gateways.find(({ name }) => name === view.gateway);
      if (gateway?.status === undefined) return;
      try {
        const notices = await gateway.status({ paymentId, gatewayOrderId: view.gatewayOrderId });
        for (const notice of notices) await recordNotice(actors, notice, gateway.name);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        throw new RetryAt(
          clock() + pauseAfter(clock() - at),
          `${gateway.name} does not say whether ${paymentId} is paid`,
        );
      }
    },
  },
});
