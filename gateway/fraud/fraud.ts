/** The checks of one gateway: what it has seen, shared with the others, and the rules of the configuration. */
import { FRAUD_LIMITS, FRAUD_RULES } from '../../config/fraud.ts';
import type { GatewayDeps } from '../deps.ts';
import type { FraudPolicy } from './assess.ts';
import { BeforePayment } from './before-payment.ts';
import { BeforeShipping } from './before-shipping.ts';
import { startSharing } from './sharing.ts';
import { Sightings } from './sightings.ts';

export type Fraud = {
  readonly beforePayment: BeforePayment;
  /** undefined: there are no books to look into. */
  readonly beforeShipping: BeforeShipping | undefined;
  readonly stop: () => void;
};

export function openFraud({
  redis,
  log,
  pastOrders,
  fraudPolicy,
  settings,
}: Pick<GatewayDeps, 'redis' | 'log' | 'pastOrders' | 'fraudPolicy' | 'settings'>): Fraud {
  const sightings = new Sightings();
  const policy = fraudPolicy ?? policyFor(settings.rateLimitFactor);
  return {
    beforePayment: new BeforePayment(sightings, policy),
    beforeShipping: pastOrders === undefined ? undefined : new BeforeShipping(pastOrders, policy),
    stop: redis === undefined ? () => undefined : startSharing({ sightings, redis, log }),
  };
}

/** `factor`: how often is too often is multiplied by it, as rate limits are (RATE_LIMIT_FACTOR): for load from few accounts. */
export const policyFor = (factor: number): FraudPolicy => ({
  rules: FRAUD_RULES.map((rule) => (rule.counts === 'often' ? { ...rule, over: rule.over * factor } : rule)),
  limits: FRAUD_LIMITS,
});
