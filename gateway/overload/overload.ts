/** Overload control of one gateway, assembled. */
import type { Registry } from 'prom-client';
import type { Admission } from '../auth/admission.ts';
import type { GatewayDeps } from '../deps.ts';
import type { Description } from '../http/endpoint.ts';
import { toFastifyPath } from '../http/serve.ts';
import { Gate } from './gate.ts';
import { createOverloadMetrics } from './metrics.ts';
import { NO_CALLS } from './pressure.ts';
import { knownRoutes } from './routes.ts';
import { createShedding, type Shedding } from './shedding.ts';
import { startTicking } from './ticker.ts';

type Overload = { readonly shedding?: Shedding; readonly stopShedding: () => void };

export function createOverload(
  { settings, calls = () => NO_CALLS, gate: given, log }: Pick<GatewayDeps, 'settings' | 'calls' | 'gate' | 'log'>,
  registry: Registry,
  described: readonly Description[],
  { welcomes }: Pick<Admission, 'welcomes'>,
): Overload {
  if (settings.shedding === false) return { stopShedding: () => undefined };
  const metrics = createOverloadMetrics(registry);
  const gate = given ?? new Gate();
  const shedding = createShedding({ gate, metrics, welcomes, routes: knownRoutes(described, toFastifyPath) });
  const stopShedding = given === undefined ? startTicking({ gate, calls, metrics, log }) : () => undefined;
  return { shedding, stopShedding };
}
