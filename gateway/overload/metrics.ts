/** What is refused, and why, for Prometheus. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Control } from './controller.ts';
import type { Verdict } from './gate.ts';
import type { ShedPriority } from './priorities.ts';

export type OverloadMetrics = {
  readonly shed: (priority: ShedPriority, reason: Exclude<Verdict, 'admitted'>) => void;
  readonly ticked: (control: Control, inFlight: number) => void;
};

export function createOverloadMetrics(registry: Registry): OverloadMetrics {
  const registers = [registry];
  const shed = new Counter({
    name: 'haat_http_shed_total',
    help: 'Requests refused with 503 `overloaded`, by priority, and by what refused them: level or in-flight.',
    labelNames: ['priority', 'reason'],
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const level = gauge('haat_overload_level', 'Ranks of priority that are let in; 6 is everything.');
  const pressure = gauge('haat_overload_pressure', 'The worst signal over its target; above 1 is too much.');
  const inFlight = gauge('haat_http_in_flight', 'Requests that are being answered, event streams left out.');
  return {
    shed: (priority, reason) => shed.inc({ priority, reason }),
    ticked(control, requests) {
      level.set(control.level);
      pressure.set(control.pressure);
      inFlight.set(requests);
    },
  };
}
