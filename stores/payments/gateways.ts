/** The ways to pay that this system offers. */
import type { Logger } from 'pino';
import type { PaymentGateway } from '../../actors/checkout/ports.ts';
import type { Env } from '../../config/env.ts';
import { cashOnDelivery } from './cash-on-delivery.ts';
import { createRazorpay } from './razorpay.ts';
import { secretsInFile } from './secrets.ts';

export function paymentGateways({ razorpay, simulatorUrl, gatewayUrl }: Env, log?: Logger): readonly PaymentGateway[] {
  const { keyId, keySecret, webhookSecret, webhookSecretFile, simulated } = razorpay;
  const fromFile = webhookSecretFile === undefined ? undefined : secretsInFile(webhookSecretFile, log && { log });
  return [
    createRazorpay({
      ...(log === undefined ? {} : { log }),
      keyId,
      keySecret,
      webhookSecrets: fromFile ?? webhookSecret.split(','),
      ...(simulated ? { baseUrl: simulatorUrl } : {}),
      paymentUrlOf: (gatewayOrderId) => `${simulated ? simulatorUrl : gatewayUrl}/pay/${gatewayOrderId}`,
    }),
    cashOnDelivery,
  ];
}
