/** What is refused, and why, for Prometheus. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Verdict } from './gate.ts';
import type { ShedPriority } from './priorities.ts';

export type OverloadMetrics = {
  readonly shed: (priority: ShedPriority | 'unwelcome', reason: Exclude<Verdict, 'admitted'>) => void;
  readonly ticked: (level: number, pressure: number, inFlight: number) => void;
};

export function createOverloadMetrics(registry: Registry): OverloadMetrics {
  const registers = [registry];
  const shed = new Counter({
    name: 'haat_http_shed_total',
    help: 'Requests refused with 503 `overloaded`, by priority (unwelcome: would get 401, 403 or 429) and by what refused them: level or in-flight.',
    labelNames: ['priority', 'reason'],
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const levels = gauge('haat_overload_level', 'Ranks of priority that are let in; 6 is everything.');
  const pressures = gauge(
    'haat_overload_pressure',
    'The worst signal over its target for classes 2 and 3; above 1 they are shed, above 3 class 1 is.',
  );
  const requests = gauge('haat_http_in_flight', 'Requests that are being answered, event streams left out.');
  return {
    shed: (priority, reason) => shed.inc({ priority, reason }),
    ticked(level, pressure, inFlight) {
      levels.set(level);
      pressures.set(pressure);
      requests.set(inFlight);
    },
  };
}
