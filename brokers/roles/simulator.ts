/** The outside party of payments, where there is no real one. */
import type { Logger } from 'pino';
import { type Env, localPort } from '../../config/env.ts';
import { startSimulator } from '../../gateway/simulator/simulator.ts';
import { keptSecrets } from '../../stores/payments/secrets.ts';
import type { Part } from '../node.ts';

export function startPaymentSimulator(env: Env, log: Logger): Promise<Part> {
  const { payu, payLater, gatewayUrl } = env;
  const { keyId, keySecret, webhookSecret, webhookSecretFile } = env.razorpay;
  // An outside party has one secret, the first: it is told of a new one by being started again.
  const [razorpaySecret] = keptSecrets(
    webhookSecretFile === undefined ? { list: webhookSecret } : { file: webhookSecretFile },
  )();
  const webhookUrl = (gateway: string): string => `${gatewayUrl}/api/payments/webhooks/${gateway}`;
  return startSimulator({
    host: env.host,
    port: localPort(env.simulatorUrl) ?? env.simulatorPort,
    dataDir: env.dataDir,
    webhookUrl: webhookUrl('razorpay'),
    keyId,
    keySecret,
    webhookSecret: razorpaySecret,
    ...(payu?.simulated === true
      ? { payu: { key: payu.key, salt: keptSecrets(payu.salts)()[0], webhookUrl: webhookUrl('payu') } }
      : {}),
    ...(payLater?.simulated === true
      ? {
          payLater: {
            clientSecret: payLater.clientSecret,
            webhookSecret: keptSecrets(payLater.webhookSecrets)()[0],
            webhookUrl: webhookUrl('pay-later'),
            publicUrl: env.simulatorUrl,
          },
        }
      : {}),
    log,
  });
}
