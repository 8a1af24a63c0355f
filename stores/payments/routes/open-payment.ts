/**
 * Opens a payment with the first gateway that takes it. Every try is told, with its reason, so that it can be recorded.
 *
 * A gateway that gave no answer may have opened it all the same. The customer is never shown that one, and money that came
 * there after all would name the same payment, which takes one capture and gives back the others.
 */
import { GatewayError, type GatewayOrder, type PaymentGateway } from '../../../actors/checkout/ports.ts';
import { type DeclaredGateway, rank } from './rank.ts';

export type Try = {
  readonly gateway: string;
  readonly cost: number;
  readonly tookMs: number;
} & (
  | { readonly ended: 'opened' }
  | { readonly ended: GatewayError['code'] | 'no-time'; readonly message: string; readonly retryable: boolean }
);

export type Opened = {
  /** undefined: no gateway took it. `order` is undefined where nothing is opened outside. */
  readonly taken: { readonly gateway: string; readonly order: GatewayOrder | undefined } | undefined;
  readonly tries: readonly Try[];
};

export type Routes = {
  readonly declared: readonly DeclaredGateway[];
  readonly gateways: readonly PaymentGateway[];
  /** No other gateway is tried after it. */
  readonly withinMs: number;
  /** Milliseconds that never go back. */
  readonly clock?: () => number;
};

/** Throws what is not a GatewayError: that is a fault of ours, which another gateway would not mend. */
export async function openPayment(payment: Parameters<PaymentGateway['open']>[0], routes: Routes): Promise<Opened> {
  const { declared, gateways, withinMs, clock = () => performance.now() } = routes;
  const byName = new Map(gateways.map((gateway) => [gateway.name, gateway]));
  const offered = declared.filter(({ name }) => byName.get(name)?.methods.includes(payment.method));
  const candidates = rank(payment, offered, (name) => byName.get(name)?.health?.() ?? 'closed');
  const deadline = clock() + withinMs;
  const tries: Try[] = [];
  for (const { gateway: name, cost } of candidates) {
    const begun = clock();
    if (tries.length > 0 && begun >= deadline) {
      tries.push({ gateway: name, cost, tookMs: 0, ended: 'no-time', message: 'not tried', retryable: true });
      continue;
    }
    try {
      const order = await byName.get(name)?.open(payment);
      tries.push({ gateway: name, cost, tookMs: clock() - begun, ended: 'opened' });
      return { taken: { gateway: name, order }, tries };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const { code, message, retryable } = error;
      tries.push({ gateway: name, cost, tookMs: clock() - begun, ended: code, message, retryable });
    }
  }
  return { taken: undefined, tries };
}
