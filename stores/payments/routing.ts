/** Which gateways there are, and which methods of the API each takes; a method may have several (routes/declared.ts ranks them). */
import type { PaymentMethod } from '../../actors/order/order.ts';

export type GatewayName = 'razorpay' | 'payu' | 'pay-later' | 'cod';

const METHODS_OF: Readonly<Record<GatewayName, readonly PaymentMethod[]>> = {
  razorpay: ['upi', 'card', 'netbanking'],
  payu: ['netbanking'],
  'pay-later': ['paylater'],
  cod: ['cod'],
};

export const methodsOf = (gateway: GatewayName): readonly PaymentMethod[] => METHODS_OF[gateway];
