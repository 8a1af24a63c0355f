/** The outside party of payments, where there is no real one. */
import type { Logger } from 'pino';
import { type Env, localPort } from '../../config/env.ts';
import { startSimulator } from '../../gateway/simulator/simulator.ts';
import { parseSecrets, secretsInFile } from '../../stores/payments/secrets.ts';
import type { Part } from '../node.ts';

export function startPaymentSimulator(env: Env, log: Logger): Promise<Part> {
  const { keyId, keySecret, webhookSecret: fixed, webhookSecretFile } = env.razorpay;
  const [webhookSecret] = webhookSecretFile === undefined ? parseSecrets(fixed) : secretsInFile(webhookSecretFile)();
  return startSimulator({
    host: env.host,
    port: localPort(env.simulatorUrl) ?? env.simulatorPort,
    dataDir: env.dataDir,
    webhookUrl: `${env.gatewayUrl}/api/payments/webhooks/razorpay`,
    keyId,
    keySecret,
    webhookSecret,
    log,
  });
}
