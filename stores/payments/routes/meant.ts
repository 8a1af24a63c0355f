/** Which gateway a payment is meant for when it is asked for; the one that opens it may be another, if this one is down. */
import type { PaymentGateway } from '../../../actors/checkout/ports.ts';
import type { Paise } from '../../../actors/ids.ts';
import type { PaymentMethod } from '../../../actors/order/order.ts';
import { DECLARED_GATEWAYS } from './declared.ts';
import { rank } from './rank.ts';

/** undefined: none takes this method, or not this amount. */
export function gatewayMeant(
  gateways: readonly PaymentGateway[],
  payment: { readonly method: PaymentMethod; readonly amount: Paise },
): PaymentGateway | undefined {
  const byName = new Map(gateways.map((gateway) => [gateway.name, gateway]));
  const offered = DECLARED_GATEWAYS.filter(({ name }) => byName.get(name)?.methods.includes(payment.method));
  const [first] = rank(payment, offered, (name) => byName.get(name)?.health?.() ?? 'closed');
  return first === undefined ? undefined : byName.get(first.gateway);
}
