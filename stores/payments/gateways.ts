/** The ways to pay that this system offers. */
import type { PaymentGateway } from '../../actors/checkout/ports.ts';
import type { Env } from '../../config/env.ts';
import { cashOnDelivery } from './cash-on-delivery.ts';
import { createRazorpay } from './razorpay.ts';

/** Pay-later and wallet have no gateway yet: the API refuses them as `payment-method-unavailable`. */
export function paymentGateways({ razorpay, simulatorUrl, gatewayUrl }: Env): readonly PaymentGateway[] {
  const { keyId, keySecret, webhookSecret, simulated } = razorpay;
  return [
    createRazorpay({
      keyId,
      keySecret,
      webhookSecrets: webhookSecret.split(','),
      ...(simulated ? { baseUrl: simulatorUrl } : {}),
      paymentUrlOf: (gatewayOrderId) => `${simulated ? simulatorUrl : gatewayUrl}/pay/${gatewayOrderId}`,
    }),
    cashOnDelivery,
  ];
}
