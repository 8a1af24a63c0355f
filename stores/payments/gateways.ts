/** The ways to pay that this system offers. */
import type { Logger } from 'pino';
import type { PaymentGateway } from '../../actors/checkout/ports.ts';
import type { Env } from '../../config/env.ts';
import { cashOnDelivery } from './cash-on-delivery.ts';
import { createPayLater } from './pay-later/pay-later.ts';
import { type PayuCheckout, payuCheckout } from './payu/checkout.ts';
import { createPayu } from './payu/payu.ts';
import { createRazorpay } from './razorpay.ts';
import { keptSecrets } from './secrets.ts';

export function paymentGateways(env: Env, log?: Logger): readonly PaymentGateway[] {
  const { simulatorUrl, gatewayUrl } = env;
  const logged = log === undefined ? {} : { log };
  const { keyId, keySecret, webhookSecret, webhookSecretFile, simulated } = env.razorpay;
  const secrets = webhookSecretFile === undefined ? { list: webhookSecret } : { file: webhookSecretFile };
  const gateways: PaymentGateway[] = [
    createRazorpay({
      ...logged,
      keyId,
      keySecret,
      webhookSecrets: keptSecrets(secrets, logged),
      ...(simulated ? { baseUrl: simulatorUrl } : {}),
      paymentUrlOf: (gatewayOrderId) => `${simulated ? simulatorUrl : gatewayUrl}/pay/${gatewayOrderId}`,
    }),
  ];
  if (env.payu !== undefined) {
    const { form, paymentUrlOf } = payuForm(env, env.payu);
    const salts = keptSecrets(env.payu.salts, logged);
    const apiUrl = env.payu.simulated ? { apiUrl: simulatorUrl } : {};
    gateways.push(createPayu({ ...logged, ...form, ...apiUrl, salts, paymentUrlOf }));
  }
  if (env.payLater !== undefined) {
    const { apiUrl, clientSecret, webhookSecrets } = env.payLater;
    gateways.push(
      createPayLater({ ...logged, apiUrl, clientSecret, webhookSecrets: keptSecrets(webhookSecrets, logged) }),
    );
  }
  return [...gateways, cashOnDelivery];
}

/** Our own page that leads to PayU's; undefined: PayU is not offered. */
export function payuPage(env: Env, log?: Logger): PayuCheckout | undefined {
  if (env.payu === undefined) return undefined;
  const salts = keptSecrets(env.payu.salts, log === undefined ? {} : { log });
  const pages = env.payu.simulated ? { pagesUrl: env.simulatorUrl } : {};
  return payuCheckout({ form: payuForm(env, env.payu).form, salts, ...pages });
}

const payuForm = ({ gatewayUrl, shopEmail, shopPhone }: Env, { key }: NonNullable<Env['payu']>) => ({
  form: { key, returnUrl: `${gatewayUrl}/pay/payu/done`, firstname: 'Customer', email: shopEmail, phone: shopPhone },
  paymentUrlOf: (offer: Readonly<Record<string, string>>) => `${gatewayUrl}/pay/payu?${new URLSearchParams(offer)}`,
});
