/** A top-up that is asked for: room in the wallet first, then a payment, then a page to pay it at. Repeated as a whole. */
import { DECLARED_GATEWAYS } from '../../../stores/payments/routes/declared.ts';
import { openPayment } from '../../../stores/payments/routes/open-payment.ts';
import type { Instant, Paise, TopUpId, UserId } from '../../ids.ts';
import type { PaymentMethod } from '../../order/order.ts';
import type { WalletContract } from '../../wallet/wallet.ts';
import type { CheckoutDependencies } from '../dependencies.ts';
import { asPaidFor, paymentOfTopUp } from './top-ups.ts';

export type TopUpAsked = {
  readonly userId: UserId;
  readonly topUpId: TopUpId;
  readonly amount: Paise;
  readonly method: PaymentMethod;
  /** That it is meant for; another one may open it. */
  readonly gateway: string;
  /** Room is kept so long. */
  readonly expiresAt: Instant;
};

export type TopUpOpened =
  | { readonly as: 'page'; readonly paymentUrl: string }
  | { readonly as: 'refused'; readonly why: WalletContract['openTopUp']['rejection'] }
  /** No gateway answers. Room is kept all the same, for whoever asks again. */
  | { readonly as: 'unavailable' };

/** No other gateway is tried after it. */
const OPEN_WITHIN_MS = 5_000;

export async function openTopUp(
  { actors, gateways }: Pick<CheckoutDependencies, 'actors' | 'gateways'>,
  { userId, topUpId, amount, method, gateway, expiresAt }: TopUpAsked,
): Promise<TopUpOpened> {
  const kept = await actors.wallet(userId).openTopUp({ topUpId, amount, expiresAt });
  if (!kept.ok) return { as: 'refused', why: kept.rejection };
  const paymentId = paymentOfTopUp(topUpId);
  const orderId = asPaidFor(topUpId);
  const payment = actors.payment(paymentId);
  // Before any gateway knows of it: money that comes for it finds a payment, whatever becomes of this run.
  await payment.open({ orderId, userId, amount, method, gateway });
  const { view } = await actors.payment.read(paymentId);
  if (view.status !== 'none' && view.paymentUrl !== undefined) return { as: 'page', paymentUrl: view.paymentUrl };
  const { taken, tries } = await openPayment(
    { paymentId, orderId, amount, method },
    { declared: DECLARED_GATEWAYS, gateways, withinMs: OPEN_WITHIN_MS },
  );
  if (taken?.order === undefined) return { as: 'unavailable' };
  const failed = tries.flatMap((one) => (one.ended === 'opened' ? [] : { gateway: one.gateway, why: one.ended }));
  const told = { ...taken.order, gateway: taken.gateway, ...(failed.length === 0 ? {} : { tries: failed }) };
  await payment.attachGatewayOrder(told);
  return { as: 'page', paymentUrl: taken.order.paymentUrl };
}
