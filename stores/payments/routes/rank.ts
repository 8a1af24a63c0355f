/**
 * Which gateways to try for a payment, in which order: a pure function of what is declared and how they are. Those that take
 * the method and the amount, cheapest first; of the same cost, as declared. One whose circuit is open comes last: it is asked
 * only when no other could. One that is half-open keeps its place, or nobody would ever find out that it is well again.
 */

import type { GatewayHealth } from '../../../actors/checkout/ports.ts';
import { type Paise, paise } from '../../../actors/ids.ts';
import type { PaymentMethod } from '../../../actors/order/order.ts';

/** What a gateway takes for a payment, the tax on it included: hundredths of a percent of the amount, and so much each. */
export type Charge = { readonly basisPoints: number; readonly flat: Paise };

export type DeclaredGateway = {
  readonly name: string;
  readonly charges: Readonly<Partial<Record<PaymentMethod, Charge>>>;
  readonly least?: Paise;
  readonly most?: Paise;
};

export type Candidate = { readonly gateway: string; readonly cost: Paise; readonly health: GatewayHealth };

/** Rounded up to the paisa: a gateway is never made out cheaper than it is. */
export function costOf({ basisPoints, flat }: Charge, amount: Paise): Paise {
  return paise(Number((BigInt(amount) * BigInt(basisPoints) + 9_999n) / 10_000n) + flat);
}

export function rank(
  { method, amount }: { readonly method: PaymentMethod; readonly amount: Paise },
  declared: readonly DeclaredGateway[],
  healthOf: (gateway: string) => GatewayHealth,
): readonly Candidate[] {
  return declared
    .flatMap(({ name, charges, least, most }): readonly Candidate[] => {
      const charge = charges[method];
      if (charge === undefined || (least ?? 0) > amount || (most ?? amount) < amount) return [];
      return [{ gateway: name, cost: costOf(charge, amount), health: healthOf(name) }];
    })
    .toSorted((a, b) => Number(a.health === 'open') - Number(b.health === 'open') || a.cost - b.cost);
}
