/** How often something can be done in this process, with so many under way. */
import { closedLoop } from '../load/loops.ts';
import { Latencies } from '../shop/latencies.ts';

export type Measured = {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** `one` is told its number, from 0. */
export async function rate(inFlight: number, seconds: number, one: (n: number) => Promise<void>): Promise<Measured> {
  let begun = 0;
  const latencies = new Latencies();
  const cpu = process.cpuUsage();
  const lanes = Array.from({ length: inFlight }, (_, n) => n);
  const tookMs = await closedLoop(lanes, seconds, async () => {
    const n = begun++;
    const asked = performance.now();
    await one(n);
    // One in sixteen is enough for a quantile, and costs nothing.
    if (n % 16 === 0) latencies.add(performance.now() - asked);
  });
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: (begun * 1_000) / tookMs,
    cpuMicros: (user + system) / begun,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
  };
}
