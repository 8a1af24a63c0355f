/** Which gateway takes which method of payment. A method that none takes is refused as `payment-method-unavailable`. */
import type { PaymentMethod } from '../../actors/order/order.ts';

export type GatewayName = 'razorpay' | 'cod';

export const GATEWAY_OF: Readonly<Record<PaymentMethod, GatewayName | undefined>> = {
  upi: 'razorpay',
  card: 'razorpay',
  netbanking: 'razorpay',
  cod: 'cod',
  paylater: undefined,
  wallet: undefined,
};

const METHODS: readonly PaymentMethod[] = ['upi', 'card', 'netbanking', 'paylater', 'wallet', 'cod'];

export const methodsOf = (gateway: GatewayName): readonly PaymentMethod[] =>
  METHODS.filter((method) => GATEWAY_OF[method] === gateway);
