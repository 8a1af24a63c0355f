/** Moves a gate's level as the signals say, and tells when it does. */
import type { Logger } from 'pino';
import type { CallFigures } from '../../brokers/rpc/call-figures.ts';
import { ALL, TICK_MS } from './controller.ts';
import type { Gate } from './gate.ts';
import { watchLoopDelay } from './loop-delay.ts';
import type { OverloadMetrics } from './metrics.ts';
import { PRIORITIES } from './priorities.ts';
import { UsualTime } from './usual-time.ts';

export type TickerParts = {
  readonly gate: Gate;
  /** What the actors' commands took since last asked. */
  readonly calls: () => CallFigures;
  readonly metrics: OverloadMetrics;
  readonly log: Logger;
};

/** That it begins is told at once, that it moves on this often, and that it is over when it has been for so long. */
const TELL_MS = { moving: 5_000, over: 3_000 } as const;

/** Returns how to end it. */
export function startTicking({ gate, calls, metrics, log }: TickerParts): () => void {
  const loop = watchLoopDelay();
  const usual = new UsualTime();
  let last = performance.now();
  let told = ALL;
  let toldAt = Number.NEGATIVE_INFINITY;
  let below = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    const now = performance.now();
    const seen = calls();
    usual.note(seen);
    const signals = { loopDelayMs: loop.medianMs(), calls: seen, usualMs: usual.ms };
    const pressure = gate.tick(signals, now - last);
    const { level, inFlight } = gate;
    last = now;
    metrics.ticked(level, pressure, inFlight);
    const reached = Math.floor(level);
    if (reached < ALL) below = now;
    const isDue = reached === ALL ? now - below >= TELL_MS.over : told === ALL || now - toldAt >= TELL_MS.moving;
    const isNews = reached !== told && isDue;
    if (!isNews) return;
    told = reached;
    toldAt = now;
    const { answered, medianMs, full, late } = signals.calls;
    log.warn({
      event: reached === ALL ? 'overload-over' : 'overload',
      level: rounded(level),
      shedding: Object.entries(PRIORITIES).flatMap(([name, { rank }]) => (rank + 1 > level ? [name] : [])),
      pressure: rounded(pressure),
      loopDelayMs: rounded(signals.loopDelayMs),
      commands: { answered, medianMs: rounded(medianMs), usualMs: rounded(signals.usualMs), full, late },
      inFlight,
    });
  }, TICK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    loop.stop();
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
